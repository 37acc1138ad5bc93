//go:build unix

package git

import (
	"os"
	"path/filepath"
	"syscall"
)

const (
	viewPrefix = "tocsin-git-"
	viewLock   = "in-use"
)

// lockView marks a view as used. The system lets go of the lock when the process ends,
// however it ends.
func lockView(view string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(view, viewLock), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	// Somebody may have swept it between the two.
	if _, err := os.Lstat(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep removes the views of processes that were killed: folders of the same user that
// have a lock which nobody holds. One without a lock is being made.
func sweep(dir string) {
	list, err := filepath.Glob(filepath.Join(dir, viewPrefix+"*"))
	if err != nil {
		return
	}
	for _, view := range list {
		info, err := os.Lstat(view)
		if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
			continue
		}
		if s, ok := info.Sys().(*syscall.Stat_t); !ok || int(s.Uid) != os.Getuid() {
			continue
		}
		f, err := os.OpenFile(filepath.Join(view, viewLock), os.O_RDWR|syscall.O_NOFOLLOW, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(view) // what cannot be removed is tried again by the next one
		}
		f.Close()
	}
}
