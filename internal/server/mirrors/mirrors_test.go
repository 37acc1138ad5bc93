package mirrors_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/server/mirrors"
)

// A product that moves leaves no mirror of its old address, and those of others alone. The
// old one stays until the new address was fetched.
func TestAProductThatMovesBeginsANewMirror(t *testing.T) {
	old, now := gittest.New(t), gittest.New(t)
	for _, r := range []*gittest.Repo{old, now} {
		r.Write("lamp.c", "int lamp;\n")
		r.Commit("lamp: begin")
	}
	folder := t.TempDir()
	m := mirrors.New(mirrors.Config{Folder: folder, Protocols: []string{"file"}, Local: []string{filepath.Dir(old.Dir), filepath.Dir(now.Dir)}})
	for _, c := range []struct {
		name string
		id   product.ID
		url  string
		fine bool
		want int // mirrors of this product
	}{
		{"the first address", "p1", "file://" + old.Dir, true, 1},
		{"another product with the same one", "p2", "file://" + old.Dir, true, 1},
		{"an address that cannot be fetched", "p1", "file://" + filepath.Join(now.Dir, "nowhere"), false, 1},
		{"the new address", "p1", "file://" + now.Dir, true, 1},
		{"the other product again", "p2", "file://" + old.Dir, true, 1},
	} {
		got, err := m.Fetch(t.Context(), c.id, c.url)
		if (err == nil) != c.fine || c.fine && got.Commits != 1 {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		list, err := os.ReadDir(filepath.Join(folder, string(c.id)))
		if err != nil || len(list) != c.want {
			t.Errorf("%s: %d mirrors, %v; want %d", c.name, len(list), err, c.want)
		}
	}
}

// Who waits for a mirror that is being fetched can be called off, and what an ended fetch
// had received is gone with the next one.
func TestAMirrorThatIsBeingFetched(t *testing.T) {
	r := gittest.New(t)
	r.Write("lamp.c", "int lamp;\n")
	r.Commit("lamp: begin")
	folder := t.TempDir()
	m := mirrors.New(mirrors.Config{Folder: folder, Protocols: []string{"file"}, Local: []string{filepath.Dir(r.Dir)}})
	if _, err := m.Fetch(t.Context(), "p1", "file://"+r.Dir); err != nil {
		t.Fatal(err)
	}
	packs, err := filepath.Glob(filepath.Join(folder, "p1", "*", "repository.git", "objects", "pack"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("%v, %v", packs, err)
	}
	left := filepath.Join(packs[0], "tmp_pack_2rXb1c")
	if err := os.WriteFile(left, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Fetch(t.Context(), "p1", "file://"+r.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what an ended fetch left: %v", err)
	}

	unlock, err := m.Lock(t.Context(), "p1")
	if err != nil {
		t.Fatal(err)
	}
	late, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := m.Fetch(late, "p1", "file://"+r.Dir)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
	unlock()
	if _, err := m.Fetch(t.Context(), "p1", "file://"+r.Dir); err != nil {
		t.Error(err)
	}
}

// A repository that is larger than a mirror may be leaves nothing; one that has grown leaves
// what was there.
func TestARepositoryThatIsTooLarge(t *testing.T) {
	r := gittest.New(t)
	r.Write("lamp.c", "int lamp;\n")
	r.Commit("lamp: begin")
	folder := t.TempDir()
	m := mirrors.New(mirrors.Config{Folder: folder, Protocols: []string{"file"}, Local: []string{filepath.Dir(r.Dir)}})
	for _, c := range []struct {
		name string
		most int64
		fine bool
		left int // mirrors of the product
	}{{"too large", 10, false, 0}, {"as it may be", 1 << 20, true, 1}, {"grown", 10, false, 1}} {
		m.AtMost(c.most)
		_, err := m.Fetch(t.Context(), "p1", "file://"+r.Dir)
		if (err == nil) != c.fine || !c.fine && !errors.Is(err, git.ErrTooBig) {
			t.Errorf("%s: %v", c.name, err)
		}
		if list, _ := filepath.Glob(filepath.Join(folder, "p1", "*")); len(list) != c.left {
			t.Errorf("%s leaves %v", c.name, list)
		}
	}
}
