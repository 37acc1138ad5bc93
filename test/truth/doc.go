// Package truth has a test that writes repositories whose truth is known, with what people
// do to a fix on its way to release branches, and counts what kit/branchfix says of them
// that is wrong. It has no code beside the test.
package truth
