//go:build killpoints

package killpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

var passed atomic.Int64

// At ends the process with SIGKILL at the step that TOCSIN_KILL names: "NAME", or
// "NAME:N" for the Nth time that it is passed. The same may stand in the file
// TOCSIN_KILL_FILE, which is read at every step, so that a test can first prepare
// its work with the running server.
func At(name string) {
	armed := os.Getenv("TOCSIN_KILL")
	if path := os.Getenv("TOCSIN_KILL_FILE"); path != "" {
		raw, _ := os.ReadFile(path) // no file: nothing is armed
		armed = strings.TrimSpace(string(raw))
	}
	want, nth, counted := strings.Cut(armed, ":")
	if want != name {
		return
	}
	n := int64(1)
	if counted {
		n, _ = strconv.ParseInt(nth, 10, 64)
	}
	if passed.Add(1) == n {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way; do nothing more
	}
}

// Wait shortens leases and waits to TOCSIN_KILL_LEASE, so that a test need
// not wait half a minute for each job that a kill interrupted.
func Wait(d time.Duration) time.Duration {
	if short, err := time.ParseDuration(os.Getenv("TOCSIN_KILL_LEASE")); err == nil {
		return short
	}
	return d
}
