// Package branchfix tells which branch of a repository has a fix, which has a part of it,
// and where it is still to do.
//
// A fix is a commit, or an ordered series of them. It reaches other branches by picks that
// keep its diff, by picks that people edited, squashed, split or renamed, and it is
// reverted and applied again; no single sign finds all of these. So several are weighed:
// history itself, the diff (with and without its surroundings), what messages say
// ("cherry picked from commit …", "commit … upstream"), author, author's date and subject,
// and in the end how the code looks at the head of the branch. The result has the state
// of each branch with its evidence, and says where a person should look.
//
// # How to use it
//
//	x := branchfix.NewIndex()        // or ReadIndex of what WriteTo kept
//	x.Add(indexed)                   // each commit once; Describe makes it of a patch.Summary
//	m, err := branchfix.Compute(ctx, x, repo, branchfix.Request{
//		Fixes:    []branchfix.Series{{"1a2b…"}},
//		Branches: []branchfix.Branch{{Name: "release-1.1", Head: "9f8e…"}},
//		Try:      true,
//	})
//
// The package does not run git: Repo is what it asks of a repository, and the index is fed
// with what git diff-tree writes, by way of package patch.
//
// # What it promises
//
// A branch is called Fixed only for a commit that is the fix or says so, that has its
// subject and enough of its lines, or for lines that one or several commits of the branch
// brought. Where the signs contradict each other, or
// one weak sign is all there is, Ask is set. A merge that has no conflict is called
// Applies, never right: of 17 clean ones of a real project 3 had to be changed by hand.
//
// Everything from a repository is foreign: diffs, lines and files are bounded and cut
// (patch.MaxSize, patch.MaxLine), and what was cut is told.
package branchfix
