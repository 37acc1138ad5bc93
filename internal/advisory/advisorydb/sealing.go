package advisorydb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// What is of AMBER and RED lies sealed under the confidence of its project's site: the bytes
// of its files, and of its row among the documents all that the document says. Path, number,
// level and dates stay in the clear; the order of the lists needs them.

func siteConfidence(p people.ProjectID) string { return "site:" + string(p) }

func fileAt(path string, generation int64) seal.At {
	return seal.At{Table: "advisory_site", Row: fmt.Sprintf("%s@%d", path, generation), Column: "bytes"}
}

func documentAt(p people.ProjectID, name string) seal.At {
	return seal.At{Table: "advisory_document", Row: string(p) + "/" + name, Column: "entry"}
}

// sealBytes returns the bytes of a file as they are stored.
func (s Site) sealBytes(ctx context.Context, tx unit.Tx, f stored) ([]byte, error) {
	if f.Level.Free() || f.Bytes == nil {
		return f.Bytes, nil
	}
	return s.Seal.Seal(ctx, tx, siteConfidence(f.project), fileAt(f.Path, f.Generation), f.Bytes)
}

// opened returns files with their bytes as everybody who may read them gets them.
func (s Site) opened(ctx context.Context, v unit.View, files []stored) ([]stored, error) {
	for i, f := range files {
		if f.Level.Free() || !f.sealed {
			continue
		}
		raw, err := s.Seal.Open(ctx, v, fileAt(f.Path, f.Generation), f.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Path, err)
		}
		if raw == nil {
			raw = []byte{}
		}
		files[i].Bytes = raw
	}
	return files, nil
}

// told is what a document of AMBER or RED says, as it lies sealed in the column entry.
type told struct {
	Title, Summary, Rating string
	CVEs                   []string
	Entry, Atom            []byte
}

// sealDocument returns d as its row shows it.
func (s Site) sealDocument(ctx context.Context, tx unit.Tx, d pubtree.Document) (pubtree.Document, error) {
	if d.Level.Free() {
		return d, nil
	}
	plain, err := json.Marshal(told{d.Title, d.Summary, d.Rating, d.CVEs, d.Entry, d.Atom})
	if err != nil {
		return d, err
	}
	d.Title, d.Summary, d.Rating, d.CVEs, d.Atom = "", "", "", nil, nil
	d.Entry, err = s.Seal.Seal(ctx, tx, siteConfidence(d.Project), documentAt(d.Project, d.Name), plain)
	return d, err
}

// openDocument puts back what sealDocument took.
func (s Site) openDocument(ctx context.Context, v unit.View, d *pubtree.Document) error {
	x, err := s.openTold(ctx, v, d.Project, d.Name, d.Entry)
	if err == nil {
		d.Title, d.Summary, d.Rating, d.CVEs, d.Entry, d.Atom = x.Title, x.Summary, x.Rating, x.CVEs, x.Entry, x.Atom
	}
	return err
}

func (s Site) openTold(ctx context.Context, v unit.View, p people.ProjectID, name string, sealed []byte) (x told, err error) {
	plain, err := s.Seal.Open(ctx, v, documentAt(p, name), sealed)
	if err != nil {
		return x, fmt.Errorf("read the row of %s: %w", name, err)
	}
	return x, json.Unmarshal(plain, &x)
}

// documentRow is a document as it is stored, with its bytes.
type documentRow struct {
	pubtree.Document
	sealed bool
}

func scanWhole(r sqldb.Row) (documentRow, error) {
	var x documentRow
	var entry, atom, osv []byte
	d, err := scanDocument(&entry, &atom, &osv, &x.sealed)(r)
	x.Document = d
	x.Entry, x.Atom, x.Member.Deflated = entry, atom, osv
	return x, err
}

// documents reads whole documents.
func (s Site) documents(ctx context.Context, v unit.View, where string, args ...any) ([]pubtree.Document, error) {
	rows, err := sqldb.All(ctx, v, scanWhole, selectDocument+`, entry, atom, osv, sealed from advisory_document where `+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]pubtree.Document, len(rows))
	for i, x := range rows {
		if x.sealed && !x.Level.Free() {
			if err := s.openDocument(ctx, v, &x.Document); err != nil {
				return nil, err
			}
		}
		out[i] = x.Document
	}
	return out, nil
}

// hiddenLines are the lines of a feed of AMBER or RED.
func (s Site) hiddenLines(ctx context.Context, v unit.View, f stored) ([]pubtree.Line, error) {
	docs, err := s.documents(ctx, v, `project = ? and level = ?`, string(f.project), string(f.Level))
	if err != nil {
		return nil, err
	}
	out := make([]pubtree.Line, len(docs))
	for i, d := range docs {
		out[i] = pubtree.Line{Name: d.Name, Year: d.Year, Current: d.Current, Text: d.Entry}
	}
	return out, nil
}

// sealAtOnce is how many old rows one transaction seals.
const sealAtOnce = 100

// SealOld implements pubsite.Store.
func (s Site) SealOld(ctx context.Context, tx unit.Tx, _ people.Scope) (more bool, err error) {
	c := sqldb.Of(tx)
	files, err := sqldb.All(ctx, tx, scanStored, selectColumns+` from advisory_site s where s.sealed = 0 and s.level in ('AMBER', 'RED') limit ?`, sealAtOnce)
	if err != nil {
		return false, err
	}
	docs, err := s.documents(ctx, tx, `sealed = 0 limit ?`, sealAtOnce)
	if err != nil || len(files)+len(docs) == 0 {
		return false, err
	}
	if c.Dialect() == sqldb.SQLite {
		// What is replaced is overwritten, and does not stay behind on free pages.
		if _, err := c.Exec(ctx, `pragma secure_delete = on`); err != nil {
			return false, err
		}
		defer func() {
			_, off := c.Exec(ctx, `pragma secure_delete = off`)
			err = errors.Join(err, off)
		}()
	}
	for _, f := range files {
		raw, err := s.sealBytes(ctx, tx, f)
		if err != nil {
			return false, err
		}
		if _, err := c.Exec(ctx, `update advisory_site set bytes = ?, sealed = 1 where path = ? and from_generation = ?`, raw, f.Path, f.Generation); err != nil {
			return false, err
		}
	}
	for _, d := range docs {
		if d, err = s.sealDocument(ctx, tx, d); err != nil {
			return false, err
		}
		// The column json is of the time when the document lay here too.
		if _, err := c.Exec(ctx, `update advisory_document set title = ?, summary = ?, rating = ?, cves = ?, entry = ?, atom = ?, json = ?, sealed = 1 where project = ? and name = ?`,
			d.Title, d.Summary, d.Rating, spaced(d.CVEs), d.Entry, d.Atom, []byte{}, string(d.Project), d.Name); err != nil {
			return false, err
		}
	}
	return true, nil
}
