package pubsite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Check fetches the newest publication of an advisory back as an outsider does, and checks
// that it is the one of that date and not an older one from a cache: bytes, signatures,
// hashes, and its lines in index.txt, changes.csv and the feeds. It returns what is wrong, nil
// when all is well. No list is told before.
func (s *Site) Check(ctx context.Context, sc people.Scope, project people.ProjectID, number string, date time.Time) error {
	c := treeCheck{s: s, sc: sc, date: date, file: pubtree.Name(number)}
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		p, err := s.Projects.Project(ctx, v, sc, project)
		if err != nil {
			return err
		}
		c.t = pubtree.Paths{Slug: p.Slug}
		if c.doc, err = s.Store.DocumentByName(ctx, v, sc, project, c.file); err != nil {
			return err
		}
		c.key, err = s.Keys.Signing(ctx, v, project)
		return err
	})
	if err != nil {
		return err
	}
	document := c.t.Document(c.doc.Level, c.doc.Year, c.file)
	if err := c.hidden(ctx, document); err != nil {
		return err
	}
	files := []string{document}
	if c.doc.Level.Free() {
		files = append(files, c.t.Page(c.file), c.t.Text(c.file))
	}
	for _, signed := range files {
		if err := c.signed(ctx, signed); err != nil {
			return err
		}
	}
	if err := c.hashes(ctx, document); err != nil {
		return err
	}
	return c.listed(ctx)
}

type treeCheck struct {
	s    *Site
	sc   people.Scope
	date time.Time
	t    pubtree.Paths
	file string
	doc  pubtree.Document
	key  SigningKey
}

// hidden checks that an outsider gets nothing of AMBER and RED.
func (c treeCheck) hidden(ctx context.Context, document string) error {
	if c.doc.Level.Free() || c.s.Fetch == nil {
		return nil
	}
	if _, err := c.s.Fetch(ctx, document); err == nil {
		return fault.New(fault.Unavailable, "advisory.step.exposed", "path", document)
	}
	return nil
}

// signed checks a file of the publication and its signature.
func (c treeCheck) signed(ctx context.Context, name string) error {
	raw, err := c.same(ctx, name)
	if err != nil {
		return err
	}
	signature, err := c.same(ctx, name+".asc")
	if err != nil {
		return err
	}
	if err := c.key.Verify(raw, signature); err != nil {
		return fault.New(fault.Unavailable, "advisory.step.bad_signature", "path", name).Because(err)
	}
	return nil
}

func (c treeCheck) hashes(ctx context.Context, name string) error {
	raw, err := c.fetch(ctx, name)
	if err != nil {
		return err
	}
	s256, s512 := sha256.Sum256(raw), sha512.Sum512(raw)
	for ext, sum := range map[string][]byte{".sha256": s256[:], ".sha512": s512[:]} {
		line, err := c.fetch(ctx, name+ext)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(line), hex.EncodeToString(sum)+" ") {
			return fault.New(fault.Unavailable, "advisory.step.bad_hash", "path", name+ext)
		}
	}
	return nil
}

// listed checks the files that name the document; other publications may have
// changed them meanwhile, so that only its own entries count.
func (c treeCheck) listed(ctx context.Context) error {
	l := c.doc.Level
	rel := strconv.Itoa(c.doc.Year) + "/" + c.file + ".json"
	current := string(csaf.At(c.date))
	entries := map[string]string{
		c.t.Index(l): rel + "\n", c.t.Changes(l): `"` + rel + `","` + current + `"`, c.t.Feed(l): string(c.doc.Entry),
	}
	if l.Told() {
		entries[c.t.Atom()] = c.s.URL + "/" + c.t.Page(c.file)
	}
	for path, entry := range entries {
		raw, err := c.fetch(ctx, path)
		if err != nil {
			return err
		}
		if !strings.Contains(string(raw), entry) {
			return fault.New(fault.Unavailable, "advisory.step.not_listed", "path", path)
		}
	}
	return nil
}

// same fetches a file and wants the bytes that were published.
func (c treeCheck) same(ctx context.Context, path string) ([]byte, error) {
	raw, err := c.fetch(ctx, path)
	if err != nil {
		return nil, err
	}
	want, err := c.stored(ctx, path)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(raw, want) {
		return nil, fault.New(fault.Unavailable, "advisory.step.differs", "path", path)
	}
	return raw, nil
}

func (c treeCheck) fetch(ctx context.Context, path string) ([]byte, error) {
	if c.s.Fetch == nil || !c.doc.Level.Free() {
		return c.stored(ctx, path)
	}
	raw, err := c.s.Fetch(ctx, path)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "advisory.step.not_fetched", "path", path).Because(err)
	}
	return raw, nil
}

func (c treeCheck) stored(ctx context.Context, path string) ([]byte, error) {
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
