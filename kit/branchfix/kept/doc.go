// Package kept remembers answers of package branchfix: whole matrices, and what came of
// trials. Both are pure functions of what they are asked of (commits never change), so
// that a kept answer is the one that would be given again.
//
//	s, err := kept.Read(data)      // or kept.New when that fails
//	repo := s.Repo(public, tool)   // trials are asked once
//	m, err := branchfix.Compute(ctx, x, repo, req)
//	s.Put(key, kept.Answer{Matrix: m})
//
// A store is bounded, has a version and a checksum, and is to be thrown away when it is
// damaged. Nothing secret belongs into one: the trials of a series that is not public go
// past it, straight to the repository.
package kept
