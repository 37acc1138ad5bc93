// Package guide runs the commands of docs/maintainer-guide.md as they stand there, with the
// built program, on a repository that the test makes.
package guide
