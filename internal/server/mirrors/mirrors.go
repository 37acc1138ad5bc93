// Package mirrors keeps the mirrors of products' repositories in the data folder, each with
// the index of kit/branchfix beside it, computes matrices on them and compares them with
// secret patches. It implements remedy.Repositories and leak.Mirrors. A mirror is a copy of what is public and can be made again at any
// time: it is in no backup, and each of several servers has its own.
//
// When a mirror is fetched and which matrix is wanted is in remedy, git in platform/git.
package mirrors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/replace"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Mirrors implements remedy.Repositories and leak.Mirrors. Make it with New.
type Mirrors struct {
	folder string
	source git.Source

	mu   sync.Mutex
	busy map[product.ID]chan struct{} // one at a time for each mirror
}

var (
	_ remedy.Repositories = (*Mirrors)(nil)
	_ leak.Mirrors        = (*Mirrors)(nil)
)

// Config says where mirrors lie and where they may come from.
type Config struct {
	Folder    string
	Protocols []string // "https", "http", "file"
	Local     []string // folders below which a local repository may lie
	Egress    egress.Config
}

// New makes one.
func New(c Config) *Mirrors {
	return &Mirrors{folder: c.Folder, busy: map[product.ID]chan struct{}{},
		source: git.Source{Protocols: c.Protocols, Folders: c.Local, Addresses: c.Egress.Addresses}}
}

// lock waits for the turn at one mirror, which a fetch may have for half an hour, unless
// ctx ends before.
func (m *Mirrors) lock(ctx context.Context, id product.ID) (unlock func(), err error) {
	m.mu.Lock()
	turn := m.busy[id]
	if turn == nil {
		turn = make(chan struct{}, 1)
		m.busy[id] = turn
	}
	m.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// place is the folder of one mirror, below that of its product. An address of its own has
// one of its own, so that a product that moves begins anew.
func (m *Mirrors) place(id product.ID, url string) string {
	sum := sha256.Sum256([]byte(url))
	return filepath.Join(m.folder, string(id), hex.EncodeToString(sum[:16]))
}

// leave removes the mirrors of addresses that a product had before.
func (m *Mirrors) leave(id product.ID, url string) error {
	now := m.place(id, url)
	list, err := os.ReadDir(filepath.Dir(now))
	for _, e := range list {
		if e.Name() != filepath.Base(now) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(filepath.Dir(now), e.Name())))
		}
	}
	return err
}

// Fetch implements remedy.Repositories.
func (m *Mirrors) Fetch(ctx context.Context, id product.ID, url string) (remedy.Copy, error) {
	unlock, err := m.lock(ctx, id)
	if err != nil {
		return remedy.Copy{}, err
	}
	defer unlock()
	c, err := m.fetch(ctx, id, url)
	if err != nil {
		return remedy.Copy{}, told(err)
	}
	defer c.Close()
	return remedy.Copy{Heads: c.sum, Commits: c.index.Len()}, nil
}

// ready opens a mirror, which is fetched when there is none yet.
func (m *Mirrors) ready(ctx context.Context, id product.ID, url string) (*mirror, error) {
	if _, none := os.Stat(filepath.Join(m.place(id, url), "index")); none != nil {
		return m.fetch(ctx, id, url)
	}
	return m.open(ctx, id, url)
}

// fetch brings a mirror up to date and opens it.
func (m *Mirrors) fetch(ctx context.Context, id product.ID, url string) (*mirror, error) {
	s := m.source
	s.URL = url
	err := git.Fetch(ctx, filepath.Join(m.place(id, url), "repository.git"), s)
	if _, none := os.Stat(filepath.Join(m.place(id, url), "index")); errors.Is(err, git.ErrTooBig) && none != nil {
		err = errors.Join(err, os.RemoveAll(m.place(id, url))) // of no use to anybody
	}
	if err != nil {
		return nil, err
	}
	if err := m.leave(id, url); err != nil {
		return nil, err
	}
	return m.open(ctx, id, url)
}

// told makes a fault of what a person can do something about.
func told(err error) error {
	detail := ""
	key := ""
	switch {
	case errors.Is(err, egress.ErrAddress):
		key = "remedy.problem.address"
	case errors.Is(err, git.ErrProtocol):
		key = "remedy.problem.protocol"
	case errors.Is(err, git.ErrFolder):
		key = "remedy.problem.folder"
	case errors.Is(err, git.ErrTooBig):
		key = "remedy.problem.too_big"
	case errors.Is(err, git.ErrTime):
		key = "remedy.problem.time"
	case errors.Is(err, git.ErrNoGit):
		key = "remedy.problem.no_git"
	case errors.Is(err, branchfix.ErrUnreadable):
		key = "remedy.problem.unreadable"
	case errors.Is(err, git.ErrFetch):
		key, detail = "remedy.problem.fetch", strings.TrimPrefix(err.Error(), git.ErrFetch.Error()+": ")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		key = "remedy.problem.internal"
	}
	return fault.New(fault.Unavailable, key, "detail", detail).Because(err)
}

// mirror is an open one with its index.
type mirror struct {
	*git.Repo
	index    *branchfix.Index
	kept     int    // commits of the stored index
	file     string // where it is stored
	sum      string // over all branches and tags
	branches map[string]branchfix.ID
	tags     []branchfix.Tag
}

// open opens a mirror and brings its index up to date.
func (m *Mirrors) open(ctx context.Context, id product.ID, url string) (_ *mirror, err error) {
	dir := m.place(id, url)
	repo, err := git.Open(filepath.Join(dir, "repository.git"), git.Limits{})
	if err != nil {
		return nil, err
	}
	c := &mirror{Repo: repo, index: branchfix.NewIndex(), file: filepath.Join(dir, "index"), branches: map[string]branchfix.ID{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if data, err := os.ReadFile(c.file); err == nil {
		if x, err := branchfix.ReadIndex(data); err == nil {
			c.index, c.kept = x, x.Len()
		}
	}
	var tips []branchfix.ID
	sum := sha256.New()
	err = c.Refs(ctx, func(r git.Ref) {
		fmt.Fprintf(sum, "%s %s\n", r.Commit, r.Name)
		tips = append(tips, r.Commit)
		if name, ok := strings.CutPrefix(r.Name, "refs/heads/"); ok {
			c.branches[name] = r.Commit
		} else if name, ok := strings.CutPrefix(r.Name, "refs/tags/"); ok {
			c.tags = append(c.tags, branchfix.Tag{Name: name, Commit: r.Commit})
		}
	})
	if err != nil {
		return nil, err
	}
	c.sum = hex.EncodeToString(sum.Sum(nil)[:16])
	if _, err := c.Index(ctx, c.index, tips, nil); err != nil {
		return nil, err
	}
	return c, c.save()
}

// save stores an index that has grown.
func (c *mirror) save() error {
	if c.index.Len() == c.kept {
		return nil
	}
	if err := replace.File(c.file, c.index); err != nil {
		return err
	}
	c.kept = c.index.Len()
	return nil
}
