// Package git asks repositories through the git binary, 2.39 or later, and trusts none of
// them: their configuration, hooks, attributes, replacements and grafts are not looked at,
// no program but git is started, and nothing goes over a network but by Fetch, which keeps
// a mirror of one up to date.
//
// A repository is opened by reading its folder, without git. Every command then runs in a
// folder of our own, a view, whose configuration is empty and which borrows the
// repository's objects; what a trial writes lies in the view, its quarantine, and goes
// with it. All that a repository may notice is a newer time of an object's file, which git
// sets when a trial would make the same object again. Questions go to long-lived processes (cat-file --batch, diff-tree --stdin), and
// each has a limit on time, size and output.
//
// What a branch has of a fix is kit/branchfix; Repo is its branchfix.Repo.
package git
