//go:build !unix

package sqldb

import "context"

// lockFile has no lock to take here: the server runs on unix only, and this
// file lets other programs of the module build.
func lockFile(context.Context, string) (func(), error) { return func() {}, nil }
