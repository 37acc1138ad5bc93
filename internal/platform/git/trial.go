package git

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// maxTrialOutput bounds what git may say of one merge: names of files and messages.
const maxTrialOutput = 16 << 20

// Try implements branchfix.Repo: each commit of the series is merged into the head as git
// cherry-pick would, in the view alone. A conflict ends it.
//
// git merge-tree of 2.39 looks for the common ancestor itself, so it is given one: two
// commits made for the purpose, over a third with the tree that the change was made to.
func (r *Repo) Try(ctx context.Context, head branchfix.ID, series branchfix.Series) (branchfix.Trial, error) {
	if t, ok := r.prepared(head, series); ok {
		return t, ctx.Err()
	}
	at, err := r.Commit(ctx, head)
	if err != nil {
		return branchfix.Trial{}, err
	}
	tree := at.Tree
	for _, id := range series {
		c, err := r.Commit(ctx, id)
		if err != nil {
			return branchfix.Trial{}, err
		}
		base := r.emptyTree()
		if len(c.Parents) > 0 {
			p, err := r.Commit(ctx, c.Parents[0])
			if err != nil {
				return branchfix.Trial{}, err
			}
			base = p.Tree
		} else if r.edges[id] {
			return branchfix.Trial{}, branchfix.ErrCannotTry
		}
		merged, conflicts, err := r.merge(ctx, base, tree, c.Tree)
		if err != nil {
			return branchfix.Trial{}, fmt.Errorf("try %s: %w", id.Short(), err)
		}
		if len(conflicts) > 0 {
			return branchfix.Trial{At: id, Conflicts: conflicts}, nil
		}
		tree = merged
	}
	return branchfix.Trial{Clean: true, Nothing: tree == at.Tree}, nil
}

// merge merges two trees over a base.
func (r *Repo) merge(ctx context.Context, base, ours, theirs branchfix.ID) (branchfix.ID, []branchfix.Conflict, error) {
	root, err := r.writeCommit(base, "")
	if err != nil {
		return "", nil, err
	}
	left, err1 := r.writeCommit(ours, root)
	right, err2 := r.writeCommit(theirs, root)
	if err := errors.Join(err1, err2); err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.limits.Time)
	defer cancel()
	cmd := r.command(ctx, r.view, "", "merge-tree", "--write-tree", "-z", "--messages", "--end-of-options", string(left), string(right))
	out, reason := &head{left: maxTrialOutput}, &head{left: maxReason}
	cmd.Stdout, cmd.Stderr = out, reason
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit) && exit.ExitCode() == 1 && out.buf.Len() > 0:
	case ctx.Err() != nil:
		return "", nil, ctx.Err()
	default:
		return "", nil, fmt.Errorf("git merge-tree: %w: %w: %s", branchfix.ErrUnreadable, err, reason)
	}
	return r.merged(ctx, out.buf.Bytes(), err != nil)
}

// merged reads what git merge-tree -z says: the tree; for each conflict its files at
// three stages; after an empty field the messages, each with its paths and its kind.
func (r *Repo) merged(ctx context.Context, raw []byte, conflict bool) (branchfix.ID, []branchfix.Conflict, error) {
	fields := strings.Split(string(raw), "\x00")
	tree := branchfix.ID(fields[0])
	if !valid(tree) {
		return "", nil, fmt.Errorf("git merge-tree answers %.100q", fields[0])
	}
	if !conflict {
		return tree, nil, nil
	}
	i := 1
	var order []string
	found := map[string]*branchfix.Conflict{}
	note := func(path, reason string) {
		c := found[path]
		if c == nil {
			c = &branchfix.Conflict{Path: path}
			found[path] = c
			order = append(order, path)
		}
		if c.Reason == "" {
			c.Reason = reason
		}
	}
	for ; i < len(fields) && fields[i] != ""; i++ {
		if _, path, ok := strings.Cut(fields[i], "\t"); ok {
			note(path, "")
		}
	}
	for i++; i+1 < len(fields); {
		n, err := strconv.Atoi(fields[i])
		if err != nil || n < 0 || i+n+2 >= len(fields) {
			break
		}
		paths, kind := fields[i+1:i+1+n], fields[i+1+n]
		if reason, ok := strings.CutPrefix(kind, "CONFLICT ("); ok && n > 0 {
			note(paths[0], strings.TrimSuffix(reason, ")"))
		}
		i += n + 3
	}
	var out []branchfix.Conflict
	for _, path := range order {
		c := found[path]
		if c.Reason == "" {
			c.Reason = "contents"
		}
		var err error
		if c.Lines, err = r.marks(ctx, tree, path); err != nil {
			return "", nil, err
		}
		out = append(out, *c)
	}
	return tree, out, nil
}

// marks finds the places between git's conflict marks in a file of a merged tree.
func (r *Repo) marks(ctx context.Context, tree branchfix.ID, path string) ([][2]int, error) {
	content, err := r.File(ctx, tree, path)
	if errors.Is(err, branchfix.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out [][2]int
	n, from := 0, 0
	for line := range bytes.Lines(content) {
		n++
		switch {
		case bytes.HasPrefix(line, []byte("<<<<<<< ")):
			from = n
		case bytes.HasPrefix(line, []byte(">>>>>>> ")) && from > 0 && len(out) < 1000:
			out = append(out, [2]int{from, n})
			from = 0
		}
	}
	return out, nil
}

func (r *Repo) newHash() hash.Hash {
	if r.format == "sha256" {
		return sha256.New()
	}
	return sha1.New() // git's names are SHA-1 here; nothing is secured by it
}

// emptyTree is the name of the tree with nothing in it, which git knows unwritten.
func (r *Repo) emptyTree() branchfix.ID {
	h := r.newHash()
	h.Write([]byte("tree 0\x00"))
	return branchfix.ID(hex.EncodeToString(h.Sum(nil)))
}

// writeCommit makes a commit of a tree in the view. The same tree and parent make the
// same commit, so that nothing is written twice.
func (r *Repo) writeCommit(tree, parent branchfix.ID) (branchfix.ID, error) {
	who := "trial <trial@localhost> 0 +0000"
	body := "tree " + string(tree) + "\n"
	if parent != "" {
		body += "parent " + string(parent) + "\n"
	}
	return r.writeObject("commit", body+"author "+who+"\ncommitter "+who+"\n\ntrial\n")
}

// writeObject writes an object into the view and returns its name.
func (r *Repo) writeObject(kind, body string) (branchfix.ID, error) {
	raw := fmt.Sprintf("%s %d\x00%s", kind, len(body), body)
	h := r.newHash()
	h.Write([]byte(raw))
	id := hex.EncodeToString(h.Sum(nil))
	dir := filepath.Join(r.view, "objects", id[:2])
	name := filepath.Join(dir, id[2:])
	if _, err := os.Stat(name); err == nil {
		return branchfix.ID(id), nil
	}
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write([]byte(raw)); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(packed.Bytes())
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	return branchfix.ID(id), err
}
