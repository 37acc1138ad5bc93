package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
)

// MaxImport bounds an imported document.
const MaxImport = 8 << 20

// Imported says what an import made, or would make.
type Imported struct {
	ID     ID // "" when it was only checked
	Number string
	Hash   string
	// Lost names what the record cannot hold: it is published as it is, and would be lost
	// by a correction.
	Lost []string
	// Dropped are the pointers of members that the standard does not know: they are not
	// published.
	Dropped []string
}

// incoming is a document that was read and checked.
type incoming struct {
	content Content
	out     Imported
}

// CheckImport says what Import would do, and changes nothing. Its errors are those of
// Import.
func (s *Service) CheckImport(ctx context.Context, sc people.Scope, project people.ProjectID, raw []byte) (Imported, error) {
	in, err := readImport(raw)
	if err != nil {
		return Imported{}, err
	}
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		if _, err := s.may(ctx, v, sc, string(project)); err != nil {
			return err
		}
		return s.unused(ctx, v, sc, project, in.out.Number)
	})
	return in.out, err
}

// Import takes a CSAF document that was published elsewhere, with its own id and dates. It
// is approved by a second person as any other and then published without list mails.
// What is wrong with the document is fault.Invalid with a field for each problem, those
// of the schema and those of the mandatory tests in one; an id that is there already
// is fault.Conflict. One transaction stores all or nothing.
func (s *Service) Import(ctx context.Context, sc people.Scope, project people.ProjectID, raw []byte) (Imported, error) {
	in, err := readImport(raw)
	if err != nil {
		return Imported{}, err
	}
	out := in.out
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.may(ctx, tx, sc, string(project))
		if err != nil {
			return err
		}
		if err := s.unused(ctx, tx, sc, project, out.Number); err != nil {
			return err
		}
		a := Advisory{ID: ID(ident.New()), Object: string(project), Project: project, Number: out.Number, Import: true, Created: tx.Now()}
		if _, err := a.edit(in.content, me, tx.Now()); err != nil {
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

// unused refuses an id that is published, waits as another import, or was taken for an
// advisory that is staged or was given up: that number would be published twice, or never.
// The look runs for the rule, as a job: who may import need not work on that case.
func (s *Service) unused(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, number string) error {
	taken := fault.New(fault.Conflict, "advisory.fault.number_taken")
	_, err := s.Site.DocumentByName(ctx, v, sc, project, pubtree.Name(number))
	if err == nil {
		return taken
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	others, err := s.Store.Unpublished(ctx, v, people.AsJob("advisory.import", string(project)), project)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Number != "" && (o.Abandoned == nil || !o.Import) && pubtree.Name(o.Number) == pubtree.Name(number) {
			return taken
		}
	}
	return nil
}

// maxFindings bounds the problems that one refusal names.
const maxFindings = 100

// readImport reads and checks the document: schema, mandatory tests, final, white.
func readImport(raw []byte) (incoming, error) {
	if len(raw) > MaxImport {
		return incoming{}, fault.New(fault.TooLarge, "advisory.fault.large", "n", MaxImport)
	}
	in := incoming{}
	doc, problems := csaf.ReadAdvisory(raw, csaf.Limits{Bytes: MaxImport, Problems: maxFindings})
	var c fault.Checks
	for _, p := range problems {
		if p.Code == csaf.Unknown {
			in.out.Dropped = append(in.out.Dropped, p.Pointer)
			continue
		}
		c.Add("file", "advisory.problem.document", "place", place(p.Line, p.Column, p.Pointer), "problem", p.Message)
		if p.Code == csaf.Syntax {
			return incoming{}, c.Err() // nothing after it was read
		}
	}
	breaches(&c, raw, mandatory.Check(doc))
	d := doc.Document
	c.Require(d.Tracking.Status == csaf.Final, "file", "advisory.problem.final")
	if err := c.Err(); err != nil {
		return incoming{}, err
	}
	canonical, err := csaf.Write(doc)
	if err != nil {
		return incoming{}, err
	}
	read, err := reading.FromCSAF(canonical)
	if err != nil {
		return incoming{}, err
	}
	in.content = Content{Record: read.Content.Record, Source: canonical, Change: read.Content.Change}
	in.out.Number, in.out.Hash = read.Number, in.content.Hash()
	for _, l := range read.Lost {
		if l.Pointer == "/document/tracking/revision_history" || l.Pointer == "/document/tracking/version" {
			continue // the advisory keeps them
		}
		in.out.Lost = append(in.out.Lost, l.String())
	}
	return in, nil
}

// breaches adds what the mandatory tests found, each with its test, line and pointer. A
// document that breaks the schema is tested as far as it could be read, so that all
// problems are seen in one go.
func breaches(c *fault.Checks, raw []byte, found []rule.Finding) {
	more := max(0, len(found)-maxFindings)
	found = found[:len(found)-more]
	pointers := make([]string, len(found))
	for i, f := range found {
		pointers[i] = f.Pointer
	}
	at := csaf.Locate(raw, pointers, csaf.Limits{Bytes: MaxImport})
	for i, f := range found {
		c.Add("file", "advisory.problem.test", "place", place(at[i].Line, at[i].Column, f.Pointer), "test", f.Test, "problem", f.Message)
	}
	if more > 0 {
		c.Add("file", "advisory.problem.more", "n", more)
	}
}

// place is "12:7 /document/title".
func place(line, column int, pointer string) string {
	return itoa(line) + ":" + itoa(column) + " " + pointer
}
