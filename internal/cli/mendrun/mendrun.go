// Package mendrun is what `tocsin check --fix` does to files: it makes the certain fixes of
// each document before it is checked, in place or, to see them first, as a diff.
//
// Which fixes are made, and that none does harm, is in kit/check/mend; what is printed of
// what is left is checkrun's.
package mendrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/check/mend"
)

// Flags are those of the command.
type Flags struct{ Fix, Dry bool }

// Add puts them on the command.
func (f *Flags) Add(c *cobra.Command) {
	c.Flags().BoolVar(&f.Fix, "fix", false, "make the changes in the files that are certainly right, then tell what is left")
	c.Flags().BoolVar(&f.Dry, "dry-run", false, "with --fix: print the changes as a diff and write nothing")
}

// Check refuses arguments that cannot be written to, and --dry-run alone.
func (f *Flags) Check(args []string) error {
	if !f.Fix {
		if f.Dry {
			return errors.New("--dry-run is for --fix")
		}
		return nil
	}
	for _, a := range args {
		if u, err := url.Parse(a); a == "-" || err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			return fmt.Errorf("--fix changes files; %q is none", a)
		}
	}
	return nil
}

// Run mends documents. Many goroutines may read what it has wrapped.
type Run struct {
	Flags
	Checker *check.Checker
	Request check.Request
	Out     io.Writer // of diffs
	Err     io.Writer // of what was done

	mu    sync.Mutex
	notes map[string]note
}

// note is what is printed of a document when its turn comes.
type note struct{ done, diff string }

// Wrap returns the document that is read mended: what is checked then is what is left. With
// neither flag it is the document itself.
func (r *Run) Wrap(d checkrun.Document) checkrun.Document {
	if !r.Fix {
		return d
	}
	read := d.Read
	d.Read = func(ctx context.Context) ([]byte, error) {
		data, err := read(ctx)
		if err != nil {
			return nil, err
		}
		if int64(len(data)) > checkrun.MaxDocument {
			return data, nil // the check says that it is too large
		}
		out, err := mend.Mend(ctx, r.Checker, data, r.Request)
		if err != nil || !out.Changed() && len(out.Left) == 0 {
			return data, err
		}
		if out.Changed() && !r.Dry {
			if err := write(d.Name, data, out.Data); err != nil {
				return nil, err
			}
		}
		n := note{done: r.told(d.Name, out)}
		if r.Dry {
			n.diff = diff(checkrun.Safe(d.Name), data, out.Data)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.notes == nil {
			r.notes = map[string]note{}
		}
		r.notes[d.Name] = n
		return out.Data, nil
	}
	return d
}

// Tell prints what was done to a document, in the order of the documents.
func (r *Run) Tell(name string) error {
	r.mu.Lock()
	n := r.notes[name]
	delete(r.notes, name)
	r.mu.Unlock()
	if _, err := io.WriteString(r.Out, n.diff); err != nil {
		return err
	}
	_, err := io.WriteString(r.Err, n.done)
	return err
}

// told is a line for each fix that was made, and for each that was not.
func (r *Run) told(name string, out *mend.Outcome) string {
	var b strings.Builder
	verb := "fixed"
	if r.Dry {
		verb = "would fix"
	}
	fmt.Fprintf(&b, "%s: %s %d, %d findings left\n", checkrun.Safe(name), verb, len(out.Fixed), len(out.After.Findings))
	for i := range out.Fixed {
		fmt.Fprintf(&b, "  %s %s: %s\n", out.Fixed[i].Rule, checkrun.Safe(out.Fixed[i].Pointer), checkrun.Safe(checkrun.FixText(&out.Fixed[i])))
	}
	for i := range out.Left {
		fmt.Fprintf(&b, "  %s %s: left, its fix would make another finding\n", out.Left[i].Rule, checkrun.Safe(out.Left[i].Pointer))
	}
	if !out.Changed() {
		return b.String()
	}
	for _, end := range []string{".asc", ".sha256", ".sha512"} {
		if _, err := os.Stat(name + end); err == nil {
			fmt.Fprintf(&b, "  %s is of the text before\n", checkrun.Safe(filepath.Base(name)+end))
		}
	}
	return b.String()
}

// write replaces a file whole, with its mode, through a link where it is one. It fails when
// it is no file, such as a member of an archive, or changed since it was read.
func write(name string, before, after []byte) error {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return errors.New("it is in an archive, or gone: unpack it to have it fixed")
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return errors.New("it is no file that could be written")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tocsin-fix-*")
	if err != nil {
		return plain(err)
	}
	_, err = tmp.Write(after)
	err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close())
	if err == nil {
		var now []byte
		if now, err = os.ReadFile(path); err == nil && !bytes.Equal(now, before) {
			err = errors.New("it changed while it was checked: nothing was written")
		}
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return plain(err)
}

// plain is the reason without the path, which stands before it anyway.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}
