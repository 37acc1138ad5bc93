// Package patch reads unified diffs, as git writes and mails them, and says whether two of
// them are the same change.
//
//	p, err := patch.Parse(file)              // git diff, git format-patch, git show
//	a, b := patch.Summarise(p), …
//	same := a.Print.Strict == b.Print.Strict // as git patch-id has it
//
// Diffs are foreign: their size, lines and number of files are bounded (MaxSize, MaxLine),
// and what was cut is told. The counts of a hunk decide which lines are its own, so that
// no text of a file can pass for a head.
//
// Which branch has a change is kit/branchfix.
package patch
