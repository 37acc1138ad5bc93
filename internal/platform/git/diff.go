package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// diffFlags make diffs that depend on nothing but the two trees.
func diffFlags() []string {
	return []string{"diff-tree", "--stdin", "--root", "--no-color", "--no-ext-diff", "--no-textconv", "--full-index", "-p", "-M", "-U3", "-r",
		"--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=myers", "--no-indent-heuristic", "--ignore-submodules=none", "--submodule=short"}
}

// differ is a git diff-tree --stdin: one commit, one diff. A line that is no object's name
// comes back as it is, which tells where a diff ends.
type differ struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	reason *head
	cancel context.CancelFunc
}

const diffEnd = "end-of-diff"

func (r *Repo) newDiffer() (*differ, error) {
	ctx, cancel := context.WithCancel(context.Background()) // until Close, as newReader
	p := &differ{cmd: r.command(ctx, r.view, "", diffFlags()...), reason: &head{left: maxReason}, cancel: cancel}
	p.cmd.Stderr = p.reason
	var err error
	if p.in, err = p.cmd.StdinPipe(); err == nil {
		var out io.ReadCloser
		if out, err = p.cmd.StdoutPipe(); err == nil {
			p.out = bufio.NewReaderSize(out, patch.MaxLine)
			err = p.cmd.Start()
		}
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("git diff-tree: %w", err)
	}
	return p, nil
}

func (p *differ) end() {
	p.in.Close()
	p.cancel()
	p.cmd.Wait() // as a reader's
}

// Patch implements branchfix.Repo: the change against the first parent.
func (r *Repo) Patch(ctx context.Context, id branchfix.ID) (patch.Patch, error) {
	c, err := r.Commit(ctx, id)
	if err != nil {
		return patch.Patch{}, err
	}
	if r.edges[id] {
		return patch.Patch{Cut: true}, nil // against nothing it would be the whole tree
	}
	r.mu.Lock()
	var p *differ
	if n := len(r.differs); n > 0 {
		p, r.differs = r.differs[n-1], r.differs[:n-1]
	}
	r.mu.Unlock()
	if p == nil {
		if p, err = r.newDiffer(); err != nil {
			return patch.Patch{}, err
		}
	}
	stop := context.AfterFunc(ctx, p.cancel)
	out, err := p.ask(id, c.Parents)
	if !stop() || err != nil || out.Cut {
		p.end()
		if cause := ctx.Err(); cause != nil {
			err = cause
		}
		return out, err
	}
	r.mu.Lock()
	r.differs = append(r.differs, p)
	r.mu.Unlock()
	return out, nil
}

func (p *differ) ask(id branchfix.ID, parents []branchfix.ID) (patch.Patch, error) {
	line := string(id)
	if len(parents) > 1 {
		line += " " + string(parents[0])
	}
	if _, err := io.WriteString(p.in, line+"\n"+diffEnd+"\n"); err != nil {
		return patch.Patch{}, fmt.Errorf("diff of %s: %w: %s", id.Short(), branchfix.ErrUnreadable, p.reason)
	}
	out, err := patch.ParseUntil(p.out, diffEnd)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return patch.Patch{}, fmt.Errorf("diff of %s: %w: %s", id.Short(), branchfix.ErrUnreadable, p.reason)
	}
	return out, err
}

// Index adds to x what the tips have behind them and x does not have yet. progress, which
// may be nil, is told how many commits are done and to do; a commit whose objects are
// missing or damaged is kept without its diff, and unreadable counts those.
func (r *Repo) Index(ctx context.Context, x *branchfix.Index, tips []branchfix.ID, progress func(done, all int)) (unreadable int, err error) {
	var todo []branchfix.ID
	parents := map[branchfix.ID][]branchfix.ID{}
	err = r.History(ctx, tips, x.Heads(), func(l Link) error {
		if !x.Has(l.ID) {
			todo = append(todo, l.ID)
			parents[l.ID] = l.Parents
		}
		return nil
	})
	if err != nil || len(todo) == 0 {
		return 0, err
	}
	// Oldest first, in as many stretches as there are processors: commits next to each
	// other share objects, and the results are put together in order.
	workers := min(runtime.GOMAXPROCS(0), (len(todo)+199)/200)
	parts := make([][]*branchfix.Indexed, workers)
	errs := make([]error, workers)
	var lost, done int
	var mu sync.Mutex
	note := func(bad int) {
		mu.Lock()
		defer mu.Unlock()
		if done, lost = done+1, lost+bad; progress != nil && (done%500 == 0 || done == len(todo)) {
			progress(done, len(todo))
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var busy sync.WaitGroup
	for w := range workers {
		busy.Go(func() {
			stretch := todo[len(todo)*w/workers : len(todo)*(w+1)/workers]
			if parts[w], errs[w] = r.describe(ctx, stretch, parents, note); errs[w] != nil {
				cancel()
			}
		})
	}
	busy.Wait()
	if err := errors.Join(errs...); err != nil {
		return lost, err
	}
	for w := workers - 1; w >= 0; w-- {
		for i := len(parts[w]) - 1; i >= 0; i-- {
			x.Add(parts[w][i])
		}
	}
	return lost, nil
}

// maxDamaged is how many commits of one stretch may be unreadable before it is given up.
const maxDamaged = 100

// describe reads commits and their diffs. When git ends at a damaged one it goes on
// behind it.
func (r *Repo) describe(ctx context.Context, ids []branchfix.ID, parents map[branchfix.ID][]branchfix.ID, note func(int)) ([]*branchfix.Indexed, error) {
	out := make([]*branchfix.Indexed, 0, len(ids))
	for damaged := 0; len(out) < len(ids); damaged++ {
		if damaged > maxDamaged {
			return nil, fmt.Errorf("more than %d commits in a row of %d: %w", maxDamaged, len(ids), branchfix.ErrUnreadable)
		}
		from := len(out)
		err := r.diffs(ctx, ids[from:], parents, func(c *branchfix.Indexed) error {
			out = append(out, c)
			note(0)
			return nil
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(out) < len(ids) {
			id := ids[len(out)]
			c, got := r.Commit(ctx, id)
			if got != nil {
				return nil, errors.Join(err, got)
			}
			c.Parents = parents[id]
			out = append(out, branchfix.Describe(c, patch.Summary{Cut: true}))
			note(1)
		}
	}
	return out, nil
}

// diffs runs one git diff-tree and one git cat-file over the commits, in their order.
func (r *Repo) diffs(ctx context.Context, ids []branchfix.ID, parents map[branchfix.ID][]branchfix.ID, each func(*branchfix.Indexed) error) error {
	commits := make(chan branchfix.Commit, 256)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var readErr error
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(commits)
		readErr = r.commits(ctx, ids, func(c branchfix.Commit) error {
			c.Parents = parents[c.ID]
			select {
			case commits <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	// A merge brings what its parents bring, and has no diff of its own here.
	has := func(id branchfix.ID) bool { return len(parents[id]) < 2 && !r.edges[id] }
	var in strings.Builder
	for _, id := range ids {
		if has(id) {
			in.WriteString(string(id) + "\n")
		}
	}
	in.WriteString(diffEnd + "\n")
	err := r.stream(ctx, r.view, strings.NewReader(in.String()), func(out io.Reader) error {
		s := patch.NewStream(out)
		for c := range commits {
			d := patch.Summary{Cut: r.edges[c.ID]}
			if has(c.ID) {
				var err error
				if d, err = s.Next(string(c.ID)); err != nil {
					return fmt.Errorf("diff of %s: %w", c.ID.Short(), err)
				}
			}
			if err := each(branchfix.Describe(c, d)); err != nil {
				return err
			}
		}
		return nil
	}, append(diffFlags(), "--always")...)
	cancel()
	reading.Wait()
	if err == nil && readErr != nil && !errors.Is(readErr, context.Canceled) {
		err = readErr
	}
	return err
}

// commits reads many commits, in their order.
func (r *Repo) commits(ctx context.Context, ids []branchfix.ID, each func(branchfix.Commit) error) error {
	var in strings.Builder
	for _, id := range ids {
		in.WriteString(string(id) + "\x00")
	}
	return r.stream(ctx, r.view, strings.NewReader(in.String()), func(out io.Reader) error {
		p := &reader{in: nothing{}, out: bufio.NewReaderSize(out, 256<<10), reason: &head{}}
		for _, id := range ids {
			kind, raw, err := p.ask("", r.limits.Object)
			if err == nil && kind != "commit" {
				err = ErrNoObject
			}
			if err != nil {
				return fmt.Errorf("commit %s: %w", id.Short(), err)
			}
			if err := each(r.parseCommit(id, raw)); err != nil {
				return err
			}
		}
		return nil
	}, "cat-file", "--batch", "--buffer", "-z")
}

// nothing swallows the questions of a reader that was asked all of them at once.
type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }
func (nothing) Close() error                { return nil }
