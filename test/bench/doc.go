// Package bench measures the numbers that the project promises, each beside its
// peer or limit in the same run, with the shipped binary. Its tests have the build
// tag bench; `make bench` runs them and writes the rows to docs/bench.
package bench
