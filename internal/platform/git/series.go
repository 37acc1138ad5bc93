package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// ErrNoBase says that a series of patches applies to none of the commits that it was held
// against, and that the files it was made from are not in the repository.
var ErrNoBase = errors.New("the patches apply to none of these commits, and the repository does not have the files that they were made from")

// maxBases bounds how many commits a series is held against.
const maxBases = 64

// Series makes commits of patches, in their order, in the view alone: its object folder is
// the quarantine, which Close removes. They are put on the first of the bases on which
// they apply; where they apply to none, on the first with the files put back that the
// patches say they were made from. It fails with ErrNoBase.
//
// What git says of a patch names files and lines and quotes nothing of it.
func (r *Repo) Series(ctx context.Context, bases []branchfix.ID, patches []patch.Mail) ([]branchfix.ID, error) {
	bases = bases[:min(len(bases), maxBases)]
	var failed error
	for _, b := range bases {
		c, err := r.Commit(ctx, b)
		if err != nil {
			return nil, err
		}
		out, err := r.onto(ctx, b, c.Tree, patches)
		if err == nil {
			return out, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if failed == nil {
			failed = err
		}
	}
	for _, b := range bases {
		base, tree, err := r.before(ctx, b, patches)
		if err != nil {
			break // they are not here for any other base either
		}
		if out, err := r.onto(ctx, base, tree, patches); err == nil {
			return out, nil
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrNoBase, failed)
}

// onto applies the patches to a tree, one commit each.
func (r *Repo) onto(ctx context.Context, parent, tree branchfix.ID, patches []patch.Mail) ([]branchfix.ID, error) {
	if _, err := r.staged(ctx, nil, "read-tree", "--end-of-options", string(tree)); err != nil {
		return nil, err
	}
	var out []branchfix.ID
	for i, m := range patches {
		if _, err := r.staged(ctx, bytes.NewReader(m.Diff), "apply", "--cached", "--whitespace=nowarn", "-"); err != nil {
			return nil, fmt.Errorf("patch %d: %w", i+1, err)
		}
		tree, err := r.staged(ctx, nil, "write-tree")
		if err != nil {
			return nil, err
		}
		if parent, err = r.writeObject("commit", commitText(branchfix.ID(tree), parent, m)); err != nil {
			return nil, err
		}
		out = append(out, parent)
	}
	return out, nil
}

// commitText is the raw commit of a patch.
func commitText(tree, parent branchfix.ID, m patch.Mail) string {
	who := strings.Map(func(c rune) rune {
		if c < ' ' {
			return -1
		}
		return c
	}, m.Author)
	if !strings.Contains(who, "<") {
		who = "unknown <unknown@localhost>"
	}
	return fmt.Sprintf("tree %s\nparent %s\nauthor %s %d +0000\ncommitter trial <trial@localhost> 0 +0000\n\n%s\n", tree, parent, who, max(0, m.When),
		strings.ReplaceAll(m.Message, "\x00", ""))
}

// before makes a commit over base in which the files of the patches are as the first patch
// to touch each was made from.
func (r *Repo) before(ctx context.Context, base branchfix.ID, patches []patch.Mail) (id, tree branchfix.ID, err error) {
	c, err := r.Commit(ctx, base)
	if err != nil {
		return "", "", err
	}
	if _, err := r.staged(ctx, nil, "read-tree", "--end-of-options", string(c.Tree)); err != nil {
		return "", "", err
	}
	var lines strings.Builder
	seen := map[string]bool{}
	for _, m := range patches {
		for _, f := range m.Patch.Files {
			name := f.Old
			if name == "" {
				name = f.New
			}
			if seen[name] || seen[f.New] {
				continue
			}
			seen[name], seen[f.New] = true, true
			if f.Old == "" { // it must not be there yet
				fmt.Fprintf(&lines, "0 %s\t%s\x00", strings.Repeat("0", len(c.Tree)), name)
				continue
			}
			blob, err := r.staged(ctx, nil, "rev-parse", "--quiet", "--verify", "--end-of-options", f.OldBlob+"^{blob}")
			if err != nil || !valid(branchfix.ID(blob)) {
				return "", "", ErrNoBase
			}
			fmt.Fprintf(&lines, "100644 %s\t%s\x00", blob, name)
		}
	}
	if _, err := r.staged(ctx, strings.NewReader(lines.String()), "update-index", "-z", "--index-info"); err != nil {
		return "", "", err
	}
	written, err := r.staged(ctx, nil, "write-tree")
	if err != nil {
		return "", "", err
	}
	tree = branchfix.ID(written)
	id, err = r.writeCommit(tree, base)
	return id, tree, err
}

// staged runs a command with the list of files that the series is built in.
func (r *Repo) staged(ctx context.Context, in io.Reader, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.limits.Time)
	defer cancel()
	cmd := r.command(ctx, r.view, "", args...)
	cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+filepath.Join(r.view, "series"))
	out, reason := &head{left: maxReason}, &head{left: maxReason}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, reason
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if ctx.Err() == nil && errors.As(err, &exit) {
			return "", fmt.Errorf("git %s: %s", args[0], reason)
		}
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(out.buf.String()), nil
}
