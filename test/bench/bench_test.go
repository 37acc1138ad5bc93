//go:build bench

package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// rows collects the results of one run; TestMain prints them.
type table struct {
	mu   sync.Mutex
	rows []row
}

type row struct{ what, measured, beside, ratio string }

var results table

func (r *table) add(what, measured, beside, ratio string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows = append(r.rows, row{what, measured, beside, ratio})
	fmt.Printf("| %s | %s | %s | %s |\n", what, measured, beside, ratio)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if out := os.Getenv("TOCSIN_BENCH_OUT"); out != "" && len(results.rows) > 0 {
		if err := os.WriteFile(out, []byte(results.markdown()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func (r *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s, %d processors, load at start %s. Made by `make bench`; keys are Ed25519.\n\n| what | measured | limit or peer | ratio |\n|---|---|---|---|\n",
		time.Now().UTC().Format("2006-01-02"), runtime.Version(), runtime.NumCPU(), load())
	for _, x := range r.rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", x.what, x.measured, x.beside, x.ratio)
	}
	return b.String()
}

// load is the load average when the run began.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(raw))[0]
}

// fsyncRate is how often the disk under dir can be written and synced in a second.
func fsyncRate(t *testing.T, dir string) float64 {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	began := time.Now()
	n := 0
	for time.Since(began) < 2*time.Second {
		if _, err := f.WriteAt(page, int64(n%64)*4096); err != nil {
			t.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds()
}

// rss is the resident memory of a process in MB.
func rss(t *testing.T, pid int) float64 { return status(t, pid, "VmRSS:") }

// peak is the most resident memory that a process had, in MB.
func peak(t *testing.T, pid int) float64 { return status(t, pid, "VmHWM:") }

func status(t *testing.T, pid int, name string) float64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			var kb float64
			fmt.Sscan(strings.TrimSpace(rest), &kb)
			return kb / 1024
		}
	}
	t.Fatalf("no %s of process %d", name, pid)
	return 0
}

// cpu is the processor time, user and system, that a process has used, in seconds.
func cpu(t *testing.T, pid int) float64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	// Fields 14 and 15, counted behind the name, which may hold spaces; a tick is
	// 10 ms on every Linux that Go runs on.
	f := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	var user, system float64
	fmt.Sscan(f[11], &user)
	fmt.Sscan(f[12], &system)
	return (user + system) / 100
}
