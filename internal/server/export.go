package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisoryweb"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Exported says what ExportSite did.
type Exported struct {
	Files   int // of the copy
	Written int
	Removed int
	Foreign int // files in the folder that are not published and were left
}

// exportTemp ends the names of files that are not at their place yet.
const exportTemp = ".tocsin-new"

// ExportSite writes a static copy of the public site to a folder: the published tree as
// it is at one moment, listings of the folders below csaf/, and the pages in the site's
// frame with relative links. Unchanged files are not touched; the others are moved to
// their places when all of them are whole and on the disk, the indexes last. Nothing is
// written outside of the folder, whatever links lie in it. With prune what is not
// published is removed.
func ExportSite(ctx context.Context, s *Store, a *Services, dir string, prune bool) (Exported, error) {
	var out Exported
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return out, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return out, err
	}
	defer root.Close()
	x := &export{root: root, known: map[string]bool{}}
	// The pages come before the tree, so that the tree has what they name: nothing
	// that was published goes away.
	lang, err := siteLang(ctx, s, a)
	if err != nil {
		return out, err
	}
	pages, err := gather(ctx, publicPages(s, a), s.Config.URL, lang)
	if err == nil {
		// One view, so that the copy is of one generation. It writes beside the
		// places only: run again, it writes the same.
		err = s.Work.View(ctx, func(ctx context.Context, v unit.View) error { return x.stage(ctx, v, pages) })
	}
	if err != nil {
		x.drop()
		return out, fmt.Errorf("export to %s: %w", dir, err)
	}
	if err := x.place(); err != nil {
		return out, fmt.Errorf("export to %s: %w", dir, err)
	}
	out.Files, out.Written = len(x.known), len(x.fresh)
	out.Removed, out.Foreign, err = x.prune(prune)
	return out, err
}

type export struct {
	root  *os.Root
	known map[string]bool
	fresh []string
}

// stage writes every file that differs beside its place.
func (x *export) stage(ctx context.Context, v unit.View, pages *frames) error {
	site := advisorydb.Site{}
	list, err := site.List(ctx, v, people.Anyone(), "")
	if err != nil {
		return err
	}
	clear(x.known)
	x.fresh = nil
	folders := map[string][]advisory.SiteFile{}
	for _, f := range list {
		if !filepath.IsLocal(f.Path) || strings.HasSuffix(f.Path, exportTemp) {
			return fmt.Errorf("the published path %q is none of a file", f.Path)
		}
		full, err := site.File(ctx, v, people.Anyone(), f.Path)
		if err != nil {
			return err
		}
		if err := x.write(full); err != nil {
			return err
		}
		for d := path.Dir(f.Path); d == "csaf" || strings.HasPrefix(d, "csaf/"); d = path.Dir(d) {
			folders[d+"/"] = append(folders[d+"/"], f)
		}
	}
	for d, files := range folders {
		if err := x.write(advisory.SiteFile{Path: d + "index.html", Bytes: advisoryweb.Listing(d, files)}); err != nil {
			return err
		}
	}
	published := func(name string) bool { return x.known[name] }
	for name, raw := range pages.write(published) {
		if err := x.write(advisory.SiteFile{Path: name, Bytes: raw}); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) write(f advisory.SiteFile) error {
	x.known[f.Path] = true
	if info, err := x.root.Stat(f.Path); err == nil && info.Size() == int64(len(f.Bytes)) {
		old, err := x.root.ReadFile(f.Path)
		if err != nil {
			return err
		}
		if bytes.Equal(old, f.Bytes) {
			return nil
		}
	}
	if folder := path.Dir(f.Path); folder != "." {
		if err := x.root.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	to, err := x.root.OpenFile(f.Path+exportTemp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	x.fresh = append(x.fresh, f.Path)
	_, err = to.Write(f.Bytes)
	err = errors.Join(err, to.Sync(), to.Close())
	if err == nil && !f.At.IsZero() {
		err = x.root.Chtimes(f.Path+exportTemp, f.At, f.At)
	}
	return err
}

// place moves the files to their places: first those that others name.
func (x *export) place() error {
	slices.SortStableFunc(x.fresh, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range x.fresh {
		if err := x.root.Rename(name+exportTemp, name); err != nil {
			return err
		}
	}
	return nil
}

// rank is small for what is named by other files, large for what names others.
func rank(name string) int {
	switch base := path.Base(name); {
	case strings.HasPrefix(base, "provider-metadata.json"), strings.HasPrefix(base, "security.txt"):
		return 3
	case strings.HasPrefix(base, "index."), strings.HasPrefix(base, "changes.csv"), strings.HasPrefix(base, "feed-"), base == "atom.xml", strings.HasPrefix(base, "service.json"):
		return 2
	case strings.HasSuffix(base, ".asc"), strings.HasSuffix(base, ".sha256"), strings.HasSuffix(base, ".sha512"):
		return 1
	}
	return 0
}

// drop removes what was written beside its place.
func (x *export) drop() {
	for _, name := range x.fresh {
		_ = x.root.Remove(name + exportTemp) // nothing stands on them
	}
}

// prune counts the files that are not published, and removes them when it is asked to.
// What an interrupted export left goes in any case.
func (x *export) prune(remove bool) (removed, foreign int, err error) {
	err = fs.WalkDir(x.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() || x.known[name]:
			return err
		case remove || strings.HasSuffix(name, exportTemp):
			removed++
			return x.root.Remove(name)
		}
		foreign++
		return nil
	})
	return removed, foreign, err
}
