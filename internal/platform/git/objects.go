package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/message"
)

// reader is a git cat-file --batch: one question, one answer.
type reader struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	reason *head
	cancel context.CancelFunc
}

func (r *Repo) newReader() (*reader, error) {
	// It lives until Close, not as long as the one who asks first.
	ctx, cancel := context.WithCancel(context.Background())
	p := &reader{cmd: r.command(ctx, r.view, "", "cat-file", "--batch", "-z"), reason: &head{left: maxReason}, cancel: cancel}
	p.cmd.Stderr = p.reason
	var err error
	if p.in, err = p.cmd.StdinPipe(); err == nil {
		var out io.ReadCloser
		if out, err = p.cmd.StdoutPipe(); err == nil {
			p.out = bufio.NewReaderSize(out, 64<<10)
			err = p.cmd.Start()
		}
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return p, nil
}

// end stops the process.
func (p *reader) end() {
	p.in.Close()
	p.cancel()
	p.cmd.Wait() // killed on purpose: its state says nothing
}

// ask returns an object's type and content.
func (p *reader) ask(name string, limit int64) (kind string, content []byte, err error) {
	if _, err := io.WriteString(p.in, name+"\x00"); err != nil {
		return "", nil, fmt.Errorf("%w: %s", branchfix.ErrUnreadable, p.reason)
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("%w: %s", branchfix.ErrUnreadable, p.reason)
	}
	line = strings.TrimSuffix(line, "\n")
	f := strings.Fields(line)
	if strings.HasSuffix(line, " missing") || strings.HasSuffix(line, " ambiguous") {
		return "", nil, ErrNoObject
	}
	if len(f) != 3 {
		return "", nil, fmt.Errorf("git cat-file answers %.100q", line)
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || size < 0 {
		return "", nil, fmt.Errorf("git cat-file answers %.100q", line)
	}
	if size > limit {
		return f[1], nil, ErrTooBig
	}
	content = make([]byte, size)
	if _, err = io.ReadFull(p.out, content); err == nil {
		_, err = p.out.Discard(1)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%w: %s", branchfix.ErrUnreadable, p.reason)
	}
	return f[1], content, nil
}

// object asks one of the readers, and starts one if all are busy.
func (r *Repo) object(ctx context.Context, name string) (kind string, content []byte, err error) {
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	r.mu.Lock()
	var p *reader
	if n := len(r.readers); n > 0 {
		p, r.readers = r.readers[n-1], r.readers[:n-1]
	}
	r.mu.Unlock()
	if p == nil {
		if p, err = r.newReader(); err != nil {
			return "", nil, err
		}
	}
	stop := context.AfterFunc(ctx, p.cancel)
	kind, content, err = p.ask(name, r.limits.Object)
	if !stop() || err != nil && !errors.Is(err, ErrNoObject) {
		p.end() // after an answer that was not read to its end it is of no use
		if cause := ctx.Err(); cause != nil {
			err = cause
		}
		return kind, nil, err
	}
	r.mu.Lock()
	r.readers = append(r.readers, p)
	r.mu.Unlock()
	return kind, content, err
}

// valid reports whether a name is an object's, and cannot be taken for anything else.
func valid(id branchfix.ID) bool {
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(id) == 40 || len(id) == 64
}

// Commit reads one commit. It fails with ErrNoObject.
func (r *Repo) Commit(ctx context.Context, id branchfix.ID) (branchfix.Commit, error) {
	if !valid(id) {
		return branchfix.Commit{}, ErrNoObject
	}
	kind, raw, err := r.object(ctx, string(id))
	if err == nil && kind != "commit" {
		err = ErrNoObject
	}
	if err != nil {
		return branchfix.Commit{}, fmt.Errorf("commit %s: %w", id.Short(), err)
	}
	return r.parseCommit(id, raw), nil
}

// Resolve finds the commit that a person means: the name of an object or the beginning of
// one, a branch or a tag. It fails with ErrNoObject.
func (r *Repo) Resolve(ctx context.Context, name string) (branchfix.ID, error) {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\x00\n") {
		return "", fmt.Errorf("%q: %w", name, ErrNoObject)
	}
	var id branchfix.ID
	if _, err := r.Commit(ctx, branchfix.ID(name)); err == nil {
		return branchfix.ID(name), nil // without a process of its own
	}
	// In the repository itself, since its names are there; nothing is written or run.
	err := r.stream(ctx, r.dir, nil, func(out io.Reader) error {
		raw, err := io.ReadAll(io.LimitReader(out, 200))
		id = branchfix.ID(bytes.TrimSpace(raw))
		return err
	}, "rev-parse", "--quiet", "--verify", "--end-of-options", name+"^{commit}")
	if err != nil || !valid(id) {
		return "", fmt.Errorf("%q: %w", name, ErrNoObject)
	}
	return id, nil
}

// ResolveAll is Resolve for several names by one process.
func (r *Repo) ResolveAll(ctx context.Context, names []string) ([]branchfix.ID, error) {
	args := []string{"rev-parse"}
	for _, n := range names {
		if n == "" || strings.HasPrefix(n, "-") || strings.ContainsAny(n, "\x00\n") {
			return nil, fmt.Errorf("%q: %w", n, ErrNoObject)
		}
		args = append(args, n+"^{commit}")
	}
	var out []branchfix.ID
	err := r.stream(ctx, r.dir, nil, func(in io.Reader) error {
		s := bufio.NewScanner(in)
		for s.Scan() && len(out) <= len(names) {
			out = append(out, branchfix.ID(s.Text()))
		}
		return s.Err()
	}, args...)
	if err == nil && len(out) == len(names) && !slices.ContainsFunc(out, func(id branchfix.ID) bool { return !valid(id) }) {
		return out, nil
	}
	out = out[:0]
	for _, n := range names { // one by one, to say which
		id, err := r.Resolve(ctx, n)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// parseCommit reads a commit's raw form. What is missing stays empty: a commit that
// somebody made by hand is still one.
func (r *Repo) parseCommit(id branchfix.ID, raw []byte) branchfix.Commit {
	c := branchfix.Commit{ID: id}
	heads, text, _ := bytes.Cut(raw, []byte("\n\n"))
	for line := range bytes.Lines(heads) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		switch word {
		case "tree":
			c.Tree = branchfix.ID(rest)
		case "parent":
			if !r.edges[id] {
				c.Parents = append(c.Parents, branchfix.ID(rest))
			}
		case "author":
			c.Author, c.When = author(rest)
		}
	}
	c.Message = string(text[:min(len(text), message.Max)])
	return c
}

// author reads "Name <address> 1700000000 +0100".
func author(v string) (string, int64) {
	i := strings.LastIndexByte(v, '>')
	if i < 0 {
		return v, 0
	}
	when, _, _ := strings.Cut(strings.TrimSpace(v[i+1:]), " ")
	n, err := strconv.ParseInt(when, 10, 64)
	if err != nil {
		n = 0
	}
	return v[:i+1], n
}

// File implements branchfix.Repo. A file that is larger than it may be is empty.
func (r *Repo) File(ctx context.Context, at branchfix.ID, file string) ([]byte, error) {
	if !valid(at) || strings.ContainsAny(file, "\x00\n") {
		return nil, branchfix.ErrAbsent
	}
	kind, content, err := r.object(ctx, string(at)+":"+file)
	switch {
	case errors.Is(err, ErrTooBig) && kind == "blob":
		return nil, nil
	case errors.Is(err, ErrNoObject):
		return nil, r.absent(ctx, at, file)
	case err == nil && kind != "blob":
		return nil, branchfix.ErrAbsent
	}
	return content, err
}

// absent tells a file that is not there from one whose objects are missing, which git
// answers in the same words: the nearest folder that can be read says.
func (r *Repo) absent(ctx context.Context, at branchfix.ID, file string) error {
	for file != "." && file != "/" && file != "" {
		dir := path.Dir(file)
		name := string(at) + "^{tree}"
		if dir != "." {
			name = string(at) + ":" + dir
		}
		kind, raw, err := r.object(ctx, name)
		switch {
		case err == nil && kind == "tree" && !r.promised(raw, path.Base(file)), err == nil && kind != "tree":
			return branchfix.ErrAbsent
		case err == nil:
			return fmt.Errorf("%s at %s: %w", file, at.Short(), branchfix.ErrUnreadable)
		case !errors.Is(err, ErrNoObject):
			return err
		}
		file = dir
	}
	return fmt.Errorf("the files of %s: %w", at.Short(), branchfix.ErrUnreadable)
}

// promised reports whether a tree has a name that should be there: of a submodule the
// repository has nothing, and of a damaged tree nobody knows.
func (r *Repo) promised(tree []byte, name string) bool {
	list, err := r.parseTree(tree)
	mode := list[name].mode
	return err != nil || mode != "" && mode != "160000"
}

// Paths implements branchfix.Repo.
func (r *Repo) Paths(ctx context.Context, at branchfix.ID) ([]string, error) {
	if !valid(at) {
		return nil, ErrNoObject
	}
	var out []string
	err := r.stream(ctx, r.view, nil, func(in io.Reader) error {
		s := bufio.NewScanner(in)
		s.Buffer(nil, 1<<20)
		s.Split(splitZero)
		for s.Scan() {
			if len(out) >= r.limits.Paths {
				return fmt.Errorf("more than %d files: %w", r.limits.Paths, ErrTooBig)
			}
			out = append(out, s.Text())
		}
		return s.Err()
	}, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", string(at))
	return out, err
}

// splitZero splits at NUL.
func splitZero(data []byte, end bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if end && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
