//go:build linux || darwin || freebsd

package doctor

import "syscall"

// freeSpace returns how many bytes the service may still write below dir.
func freeSpace(dir string) (uint64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}
