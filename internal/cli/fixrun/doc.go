// Package fixrun is `tocsin fix`: which branch of a local repository has a fix, whether
// it applies to the others, and whether a secret one is public already. It needs no
// server and writes nothing into the repository.
//
// How that is found out stands in kit/branchfix, how git is asked in internal/platform/git.
package fixrun
