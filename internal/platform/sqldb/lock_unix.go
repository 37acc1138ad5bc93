//go:build unix

package sqldb

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// lockFile takes an advisory lock on path, waiting until ctx ends or for half a
// minute; then it fails with "store.locked".
func lockFile(ctx context.Context, path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "store.cannot_open", path).Because(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, fault.New(fault.Unavailable, "store.cannot_open", path).Because(err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fault.New(fault.Unavailable, "store.locked").Because(ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
