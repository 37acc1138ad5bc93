//go:build bench

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/test/program"
)

// took is the clock's and the processors' time of a piece of work and of the processes
// that it started.
func took(t *testing.T, work func()) (clock, processor float64) {
	t.Helper()
	before, began := self(t)+children(t), time.Now()
	work()
	return time.Since(began).Seconds(), self(t) + children(t) - before
}

// TestFixMatrix measures 15 fixes by 6 release branches of a repository of runc's size,
// beside the git cherry calls that answer less.
func TestFixMatrix(t *testing.T) {
	r := gittest.NewLarge(t, gittest.Size{Commits: 7000, Releases: 6, Fixes: 15, Files: 200, Lines: 120})
	binary := program.Build(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	args := []string{"fix", "matrix", r.Dir, "--json", "--branches", "release-*"}
	for _, f := range r.Fixes {
		args = append(args, "--fix", string(f))
	}
	matrix := func() (clock, processor float64) {
		began := time.Now()
		processor = spent(t, binary, args...)
		return time.Since(began).Seconds(), processor
	}
	cold, coldCPU := matrix()
	warm, warmCPU := matrix()
	cherry, cherryCPU := took(t, func() {
		for _, b := range r.Branches[1:] {
			for _, f := range r.Fixes {
				spent(t, "git", "-C", r.Dir, "cherry", b, string(f), string(f)+"~1")
			}
		}
	})
	beside := fmt.Sprintf("the git cherry calls %.2f s, %.2f s of processor time", cherry, cherryCPU)
	results.add("15 fixes by 6 branches, 7,000 commits, cold; goal 2 s", fmt.Sprintf("%.2f s, %.2f s of processor time", cold, coldCPU), beside, fmt.Sprintf("%.1f", cherryCPU/coldCPU))
	results.add("the same again; goal 0.2 s", fmt.Sprintf("%.3f s, %.3f s of processor time", warm, warmCPU), beside, fmt.Sprintf("%.1f", cherryCPU/warmCPU))
}

// TestFixIndex measures an index of 100,000 commits beside git's own patch ids.
func TestFixIndex(t *testing.T) {
	const commits = 100_000
	large := gittest.NewLarge(t, gittest.Size{Commits: commits, Files: 400, Lines: 40})
	repo, err := git.Open(large.Dir, git.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	head := branchfix.ID(large.Git("rev-parse", "main"))
	x := branchfix.NewIndex()
	ours, oursCPU := took(t, func() {
		if lost, err := repo.Index(t.Context(), x, []branchfix.ID{head}, nil); err != nil || lost > 0 {
			t.Fatalf("%d commits were not readable: %v", lost, err)
		}
		if err := repo.Close(); err != nil {
			t.Fatal(err)
		}
	})
	out := filepath.Join(t.TempDir(), "ids")
	peer, peerCPU := took(t, func() {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", `git -C "$1" log -p main | git patch-id --stable > "$2"`, "sh", large.Dir, out)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	})
	ids, err := os.ReadFile(out)
	if err != nil || strings.Count(string(ids), "\n") < commits*9/10 || x.Len() < commits*9/10 {
		t.Fatalf("%d patch ids, %d commits indexed: %v", strings.Count(string(ids), "\n"), x.Len(), err)
	}
	n := float64(x.Len())
	results.add("an index of 100,000 commits, commits per second", fmt.Sprintf("%.0f (%.0f per CPU-second)", n/ours, n/oursCPU),
		fmt.Sprintf("git log -p, git patch-id --stable %.0f (%.0f per CPU-second); goal 1.5 times as many", n/peer, n/peerCPU), fmt.Sprintf("%.1f", peer/ours))
}
