package advisoryweb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Export writes the published tree into a folder: every file of the newest
// generation, and an index.html as listing in each folder below csaf/, so that any
// static web server can serve it. Files whose bytes are the same stay untouched;
// files that are no longer published are removed below csaf/ and advisories/ only.
// It returns how many files were written and removed. No name can lead out of
// the folder.
func (t Tree) Export(ctx context.Context, dir string) (written, removed int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, 0, fmt.Errorf("export the site: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, 0, fmt.Errorf("export the site: %w", err)
	}
	defer root.Close()
	all, err := t.files(ctx, "")
	if err != nil {
		return 0, 0, fmt.Errorf("export the site: %w", err)
	}
	want := map[string]bool{}
	folders := map[string]bool{}
	for _, f := range all {
		full, err := t.file(ctx, f.Path)
		if err != nil {
			return written, removed, fmt.Errorf("export %s: %w", f.Path, err)
		}
		n, err := put(root, f.Path, full.Bytes)
		if err != nil {
			return written, removed, fmt.Errorf("export %s: %w", f.Path, err)
		}
		want[f.Path] = true
		written += n
		for d := path.Dir(f.Path); strings.HasPrefix(d, "csaf/"); d = path.Dir(d) {
			folders[d+"/"] = true
		}
	}
	for d := range folders {
		files, err := t.files(ctx, d)
		if err != nil {
			return written, removed, fmt.Errorf("export the listing of %s: %w", d, err)
		}
		n, err := put(root, d+"index.html", Listing(d, files))
		if err != nil {
			return written, removed, fmt.Errorf("export the listing of %s: %w", d, err)
		}
		want[d+"index.html"] = true
		written += n
	}
	removed, err = prune(root, want)
	return written, removed, err
}

// put writes a file by way of a new one beside it, so that a web server never reads
// half of it. It answers 0 when the bytes are there already.
func put(root *os.Root, name string, raw []byte) (int, error) {
	if old, err := root.ReadFile(name); err == nil && bytes.Equal(old, raw) {
		return 0, nil
	}
	if d := path.Dir(name); d != "." {
		if err := root.MkdirAll(d, 0o755); err != nil {
			return 0, err
		}
	}
	fresh := name + ".new"
	if err := root.WriteFile(fresh, raw, 0o644); err != nil {
		return 0, err
	}
	return 1, root.Rename(fresh, name)
}

// prune removes what is no longer published.
func prune(root *os.Root, want map[string]bool) (int, error) {
	n := 0
	for _, top := range []string{"csaf", "advisories"} {
		err := fs.WalkDir(root.FS(), top, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() || want[name] {
				return err
			}
			n++
			return root.Remove(name)
		})
		if err != nil {
			return n, fmt.Errorf("remove what is no longer published: %w", err)
		}
	}
	return n, nil
}
