package advisory

import (
	"context"
	"encoding/json"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
)

// MaxImport bounds an imported document.
const MaxImport = 8 << 20

// Imported says what an import made.
type Imported struct {
	ID     ID
	Number string
	Hash   string
	// Lost names what the record cannot hold: it is published as it is, and would be lost
	// by a correction.
	Lost []string
}

// Import takes a CSAF document that was published elsewhere, with its own id and dates. It
// is approved by a second person as any other and then published without list mails.
// What is wrong with the document is fault.Invalid with a field for each problem; an id
// that is there already is fault.Conflict.
func (s *Service) Import(ctx context.Context, sc people.Scope, project people.ProjectID, raw []byte) (Imported, error) {
	if len(raw) > MaxImport {
		return Imported{}, fault.New(fault.TooLarge, "advisory.fault.large", "n", MaxImport)
	}
	doc, err := readImport(raw)
	if err != nil {
		return Imported{}, err
	}
	canonical, err := csaf.Write(doc)
	if err != nil {
		return Imported{}, err
	}
	r, lost := record.FromDocument(doc)
	var compact json.RawMessage = canonical
	history := doc.Document.Tracking.RevisionHistory
	c := Content{Record: r, Source: compact, Change: record.Newest(history).Summary}
	out := Imported{Number: doc.Document.Tracking.ID, Hash: c.Hash(), Lost: lost}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.may(ctx, tx, sc, string(project))
		if err != nil {
			return err
		}
		if err := s.unused(ctx, tx, sc, project, out.Number); err != nil {
			return err
		}
		a := Advisory{ID: ID(ident.New()), Object: string(project), Project: project, Number: out.Number, Import: true, Created: tx.Now()}
		if _, err := a.edit(c, me, tx.Now()); err != nil {
			return err
		}
		if err := s.Store.Insert(ctx, tx, sc, a); err != nil {
			return err
		}
		out.ID = a.ID
		// A number of our own series is never given again.
		if err := s.Series.Pass(ctx, tx, sc, project, out.Number); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.imported", sc.Actor(), map[string]string{"number": out.Number, "hash": out.Hash}))
		return s.Store.KeepRevision(ctx, tx, sc, a.ID, *a.Working)
	})
	return out, err
}

// unused refuses an id that is published or waits as another import.
func (s *Service) unused(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, number string) error {
	taken := fault.New(fault.Conflict, "advisory.fault.number_taken")
	_, err := s.Site.DocumentByName(ctx, v, sc, project, pubtree.Name(number))
	if err == nil {
		return taken
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	others, err := s.Store.OfObject(ctx, v, sc, string(project))
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Abandoned == nil && pubtree.Name(o.Number) == pubtree.Name(number) {
			return taken
		}
	}
	return nil
}

// readImport reads and checks the document: schema, mandatory tests, final, white.
func readImport(raw []byte) (*csaf.Advisory, error) {
	doc, problems := csaf.ReadAdvisory(raw, csaf.Limits{Bytes: MaxImport, Problems: 100})
	var c fault.Checks
	for _, p := range problems {
		if p.Code != csaf.Unknown {
			c.Add("file", "advisory.problem.document", "place", itoa(p.Line)+":"+itoa(p.Column)+" "+p.Pointer, "problem", p.Message)
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	for _, f := range mandatory.Check(doc) {
		c.Add("file", "advisory.problem.document", "place", f.Pointer, "problem", f.Test+": "+f.Message)
	}
	d := doc.Document
	white := d.Distribution == nil || d.Distribution.TLP == nil || d.Distribution.TLP.Label == csaf.White
	c.Require(white, "file", "advisory.problem.tlp")
	c.Require(d.Tracking.Status == csaf.Final, "file", "advisory.problem.final")
	return doc, c.Err()
}
