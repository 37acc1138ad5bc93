package git_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// TestTrialsTogether holds trials that git makes in one process against the same trials by
// one git merge-tree each, over changes of every kind.
func TestTrialsTogether(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(2) {
		r := gittest.New(t)
		d := &drunk{Repo: r, rand: rand.New(rand.NewPCG(seed, 7))}
		for f := range 8 {
			d.files = append(d.files, fmt.Sprintf("dir%d/sub/f%d.c", f%3, f))
			var lines []string
			for range 24 {
				lines = append(lines, fmt.Sprintf("line %d", d.rand.IntN(12))) // many alike
			}
			r.Write(d.files[f], strings.Join(lines, "\n")+"\n")
		}
		start := r.Commit("begin")
		heads := []branchfix.ID{start}
		for b := range 4 {
			r.Git("checkout", "-q", "-f", "-b", fmt.Sprintf("b%d", b), string(start))
			for n := range 9 {
				d.step(n%9 == 8)
				heads = append(heads, r.Commit(fmt.Sprintf("step %d of %d", n, b)))
			}
		}
		compare(t, r, heads, kinds)
	}
	for _, k := range []string{"clean", "nothing", "conflict"} {
		if kinds[k] < 20 {
			t.Errorf("only %d trials were %s of %v", kinds[k], k, kinds)
		}
	}
	t.Log(kinds)
}

// drunk changes files at random.
type drunk struct {
	*gittest.Repo
	rand  *rand.Rand
	files []string
}

func (d *drunk) step(odd bool) {
	for range 1 + d.rand.IntN(2) {
		name := d.files[d.rand.IntN(len(d.files))]
		raw, err := d.Try("show", "HEAD:"+name)
		if err != nil {
			continue // moved or deleted on this branch
		}
		switch lines := strings.Split(raw, "\n"); {
		case odd:
			switch d.rand.IntN(5) {
			case 0:
				d.Git("mv", name, name+".moved")
			case 1:
				d.Git("rm", "-q", "-f", name)
			case 2:
				d.Git("update-index", "--chmod=+x", name)
			case 3:
				d.Write("dir0/new"+fmt.Sprint(d.rand.IntN(3)), raw+"\nnew\n")
			case 4:
				d.Write(name, raw+"\x00\n")
			}
			return
		default:
			at := d.rand.IntN(len(lines))
			put := fmt.Sprintf("line %d", d.rand.IntN(12))
			switch d.rand.IntN(4) {
			case 0:
				lines = append(lines[:at], lines[min(at+1, len(lines)):]...)
			case 1:
				lines[at] = put
			case 2:
				lines = append(lines[:at], append([]string{put}, lines[at:]...)...)
			case 3:
				lines = append(lines, put)
			}
			end := "\n"
			if d.rand.IntN(8) == 0 {
				end = ""
			}
			d.Write(name, strings.Join(lines, "\n")+end)
		}
	}
}

func compare(t *testing.T, r *gittest.Repo, commits []branchfix.ID, kinds map[string]int) {
	t.Helper()
	var asked []branchfix.Attempt
	for i, head := range commits {
		for j, id := range commits {
			if j > 0 && (i*7+j)%5 == 0 {
				asked = append(asked, branchfix.Attempt{Head: head, Series: branchfix.Series{id}})
			}
		}
	}
	together, err1 := git.Open(r.Dir, git.Limits{})
	alone, err2 := git.Open(r.Dir, git.Limits{})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	defer together.Close()
	defer alone.Close()
	together.Prepare(t.Context(), asked)
	kinds["together"] += together.Waiting()
	for _, a := range asked {
		got, err1 := together.Try(t.Context(), a.Head, a.Series)
		want, err2 := alone.Try(t.Context(), a.Head, a.Series)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s on %s: %+v %v, alone %+v %v", a.Series[0], a.Head, got, err1, want, err2)
		}
		switch {
		case !want.Clean:
			kinds["conflict"]++
		case want.Nothing:
			kinds["nothing"]++
		default:
			kinds["clean"]++
		}
	}
}
