// Package look tells how one place of a change stands in some version of its file: as
// before the change, as after it, or neither.
//
// Source text repeats itself: a check, a jump to the cleanup, a closing of files stand in
// every second function. So a place is looked for in its own function alone, and only by
// what tells before from after in the file that was changed. Functions are found by the
// lines that begin at the left margin, as git names them in its hunks; where that does
// not hold (a script, a table), the whole file is looked at, and more is asked.
//
// What counts as evidence of a fix is kit/branchfix; diffs are kit/patch.
package look
