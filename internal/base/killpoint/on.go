//go:build killpoints

package killpoint

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// passed counts how often the armed step was passed since it was armed: a server
// that outlived the last arming begins again at nought with the next.
var passed struct {
	sync.Mutex
	armed string
	n     int64
}

// At ends the process with SIGKILL at the step that TOCSIN_KILL names: "NAME", or
// "NAME:N" for the Nth time that it is passed. The same may stand in the file
// TOCSIN_KILL_FILE, which is read at every step, so that a test can first prepare
// its work with the running server; "#" and what follows it tells one arming
// from the next. Beside that file, with .hit at its end, is written what ended us.
func At(name string) {
	armed, path := os.Getenv("TOCSIN_KILL"), os.Getenv("TOCSIN_KILL_FILE")
	if path != "" {
		raw, _ := os.ReadFile(path) // no file: nothing is armed
		armed = strings.TrimSpace(string(raw))
	}
	step, _, _ := strings.Cut(armed, "#")
	want, nth, counted := strings.Cut(step, ":")
	if want != name {
		return
	}
	n := int64(1)
	if counted {
		n, _ = strconv.ParseInt(nth, 10, 64)
	}
	passed.Lock()
	if passed.armed != armed {
		passed.armed, passed.n = armed, 0
	}
	passed.n++
	now := passed.n == n
	passed.Unlock()
	if now {
		if path != "" {
			os.WriteFile(path+".hit", []byte(armed), 0o600)
		}
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way; do nothing more
	}
}

// Wait shortens leases and waits to TOCSIN_KILL_LEASE, so that a test need
// not wait half a minute for each job that a kill interrupted.
func Wait(d time.Duration) time.Duration {
	if short, err := time.ParseDuration(os.Getenv("TOCSIN_KILL_LEASE")); err == nil {
		return min(short, d)
	}
	return d
}

// Tries raises how many tries a piece of work has where TOCSIN_KILL_LEASE makes leases
// short: on a busy machine they run out while the work is done, and each counts.
func Tries(n int) int {
	if os.Getenv("TOCSIN_KILL_LEASE") != "" {
		return 20 * n
	}
	return n
}
