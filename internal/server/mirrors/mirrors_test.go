package mirrors_test

import (
	"os"
	"path/filepath"
	"testing"

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
