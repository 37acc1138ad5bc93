package pubsite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Issue is a publication to check: the number and the date of its document.
type Issue struct {
	Number string
	Date   time.Time
}

// Check fetches the newest publications of a project back as an outsider does, and checks
// that each is the one of its date and not an older one from a cache: bytes, signatures,
// hashes, and its lines in index.txt, changes.csv and the feeds. It returns what is wrong
// with each, nil when all is well. No list is told before. What several have in common is
// fetched once. Where this program itself serves the public (Own), one document of each
// folder is fetched; the others are read as anybody reads them, many files in one query.
func (s *Site) Check(ctx context.Context, sc people.Scope, project people.ProjectID, list []Issue) []error {
	c := treeCheck{s: s, sc: sc, issues: list, lists: map[string][]byte{}, asked: map[pubtree.Place]bool{}}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) error { return c.load(ctx, v, project) })
	out := make([]error, len(list))
	for i := range out {
		if out[i] = err; err == nil {
			c.at, c.doc = list[i].Date, c.docs[i]
			c.asks = !s.Own || !c.asked[c.doc.Place()]
			c.asked[c.doc.Place()] = true
			out[i] = c.check(ctx)
		}
	}
	return out
}

type treeCheck struct {
	s      *Site
	sc     people.Scope
	t      pubtree.Paths
	key    SigningKey
	issues []Issue
	docs   []pubtree.Document
	stored map[string]File   // what was published: files, and the state of lists
	newest map[string]bool   // documents of the Atom feed, which is short, by name
	lists  map[string][]byte // as they were fetched; nil for one in exactly its state
	at     time.Time         // of the issue in hand
	doc    pubtree.Document
	asks   bool                   // fetches the files of the document in hand
	asked  map[pubtree.Place]bool // folders of which a document was fetched
}

// load reads what was published, in one view.
func (c *treeCheck) load(ctx context.Context, v unit.View, project people.ProjectID) error {
	p, err := c.s.Projects.Project(ctx, v, c.sc, project)
	if err != nil {
		return err
	}
	c.t = pubtree.Paths{Slug: p.Slug}
	if c.key, err = c.s.Keys.Signing(ctx, v, project); err != nil {
		return err
	}
	names := make([]string, len(c.issues))
	for i, x := range c.issues {
		names[i] = pubtree.Name(x.Number)
	}
	docs, err := c.s.Store.Named(ctx, v, c.sc, project, names)
	if err != nil {
		return err
	}
	var paths, free []string
	for _, name := range names {
		d, ok := docs[name]
		if !ok {
			return fault.Missing()
		}
		c.docs = append(c.docs, d)
		if files := c.t.Addresses(d.Level, d.Year, d.Name); c.s.Own && d.Level.Free() {
			free = append(free, files...)
		} else {
			paths = append(paths, files...)
		}
		paths = append(paths, c.t.Index(d.Level), c.t.Changes(d.Level), c.t.Feed(d.Level), c.t.YearFeed(d.Level, d.Year))
	}
	slices.Sort(paths)
	if c.stored, err = c.s.Store.Stored(ctx, v, c.sc, slices.Compact(paths)); err != nil {
		return err
	}
	public, err := c.s.Store.Stored(ctx, v, people.Anyone(), free)
	if err != nil {
		return err
	}
	maps.Copy(c.stored, public)
	top, err := c.s.Store.Documents(ctx, v, c.sc, project, pubtree.Atom.Most())
	c.newest = make(map[string]bool, len(top))
	for _, d := range top {
		c.newest[d.Name] = true
	}
	return err
}

// check checks the document in hand.
func (c *treeCheck) check(ctx context.Context) error {
	document := c.t.Document(c.doc.Level, c.doc.Year, c.doc.Name)
	if err := c.hidden(ctx, document); err != nil {
		return err
	}
	raw, err := c.signed(ctx, document)
	if err != nil {
		return err
	}
	if c.doc.Level.Free() {
		for _, path := range []string{c.t.Page(c.doc.Name), c.t.Text(c.doc.Name)} {
			if _, err := c.signed(ctx, path); err != nil {
				return err
			}
		}
	}
	if err := c.hashes(ctx, document, raw); err != nil {
		return err
	}
	return c.listed(ctx)
}

// hidden checks that an outsider gets nothing of AMBER and RED.
func (c *treeCheck) hidden(ctx context.Context, document string) error {
	if c.doc.Level.Free() || c.s.Fetch == nil {
		return nil
	}
	if _, err := c.s.Fetch(ctx, document); err == nil {
		return fault.New(fault.Unavailable, "advisory.step.exposed", "path", document)
	}
	return nil
}

// signed checks a file of the publication and its signature, and returns it.
func (c *treeCheck) signed(ctx context.Context, name string) ([]byte, error) {
	raw, err := c.same(ctx, name)
	if err != nil {
		return nil, err
	}
	signature, err := c.same(ctx, name+".asc")
	if err != nil {
		return nil, err
	}
	if err := c.key.Verify(raw, signature); err != nil {
		return nil, fault.New(fault.Unavailable, "advisory.step.bad_signature", "path", name).Because(err)
	}
	return raw, nil
}

func (c *treeCheck) hashes(ctx context.Context, name string, raw []byte) error {
	s256, s512 := sha256.Sum256(raw), sha512.Sum512(raw)
	for ext, sum := range map[string][]byte{".sha256": s256[:], ".sha512": s512[:]} {
		line, err := c.fetch(ctx, name+ext)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(line, []byte(hex.EncodeToString(sum)+" ")) {
			return fault.New(fault.Unavailable, "advisory.step.bad_hash", "path", name+ext)
		}
	}
	return nil
}

// listed checks the files that name the document; other publications may have changed them
// meanwhile, so that only its own entries count. Lists grow with the tree: one that the
// public gets in exactly the state that it has in the store is not put together to be looked
// at, since its lines are those of the table (ADR 0015). Atom, which is short, always is.
func (c *treeCheck) listed(ctx context.Context) error {
	l := c.doc.Level
	rel := strconv.Itoa(c.doc.Year) + "/" + c.doc.Name + ".json"
	entries := map[string]string{
		c.t.Index(l): rel + "\n", c.t.Changes(l): `"` + rel + `","` + string(csaf.At(c.at)) + `"`, c.t.Feed(l): string(c.doc.Entry),
	}
	if l.Free() {
		entries[c.t.YearFeed(l, c.doc.Year)] = string(c.doc.Entry)
	}
	if l.Told() && c.newest[c.doc.Name] {
		entries[c.t.Atom()] = c.s.URL + "/" + c.t.Page(c.doc.Name)
	}
	for path, entry := range entries {
		raw, err := c.list(ctx, path)
		if err != nil {
			return err
		}
		if raw != nil && !bytes.Contains(raw, []byte(entry)) {
			return fault.New(fault.Unavailable, "advisory.step.not_listed", "path", path)
		}
	}
	return nil
}

// list fetches a list once for all issues, nil for one whose state is that of the store.
func (c *treeCheck) list(ctx context.Context, path string) ([]byte, error) {
	if raw, ok := c.lists[path]; ok {
		return raw, nil
	}
	if f, ok := c.stored[path]; ok && c.s.Unchanged != nil && c.doc.Level.Free() && c.s.Unchanged(ctx, path, f.ETag()) {
		c.lists[path] = nil
		return nil, nil
	}
	raw, err := c.fetch(ctx, path)
	if err == nil {
		c.lists[path] = raw
	}
	return raw, err
}

// same fetches a file and wants the bytes that were published.
func (c *treeCheck) same(ctx context.Context, path string) ([]byte, error) {
	raw, err := c.fetch(ctx, path)
	if err != nil {
		return nil, err
	}
	want, ok := c.stored[path]
	if !ok {
		return nil, fmt.Errorf("fetch %s: %w", path, fault.Missing())
	}
	if !bytes.Equal(raw, want.Bytes) {
		return nil, fault.New(fault.Unavailable, "advisory.step.differs", "path", path)
	}
	return raw, nil
}

func (c *treeCheck) fetch(ctx context.Context, path string) ([]byte, error) {
	if f, ok := c.stored[path]; ok && !f.Kind.IsList() && !c.asks {
		return f.Bytes, nil
	}
	if c.s.Fetch == nil || !c.doc.Level.Free() {
		return c.kept(ctx, path)
	}
	raw, err := c.s.Fetch(ctx, path)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "advisory.step.not_fetched", "path", path).Because(err)
	}
	return raw, nil
}

// kept reads a file from the store.
func (c *treeCheck) kept(ctx context.Context, path string) ([]byte, error) {
	if f, ok := c.stored[path]; ok && !f.Kind.IsList() {
		return f.Bytes, nil
	}
	var f File
	err := c.s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		f, err = c.s.Store.File(ctx, v, c.sc, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", path, err)
	}
	return f.Bytes, nil
}
