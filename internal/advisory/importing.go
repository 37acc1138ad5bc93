package advisory

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/advisory/incoming"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// MaxImport bounds an imported document.
const MaxImport = incoming.MaxBytes

// Imported says what an import made, or would make.
type Imported struct {
	ID ID // "" when it was only checked
	incoming.Told
}

// CheckImport says what Import would do, and changes nothing. Its errors are those of
// Import.
func (s *Service) CheckImport(ctx context.Context, sc people.Scope, project people.ProjectID, raw []byte) (Imported, error) {
	in, err := incoming.Read(raw, s.Render.Texts)
	if err != nil {
		return Imported{}, err
	}
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		if _, err := s.may(ctx, v, sc, string(project)); err != nil {
			return err
		}
		return s.unused(ctx, v, sc, project, in.Number)
	})
	return Imported{Told: in.Told()}, err
}

// Import takes a document that was published elsewhere, with its own id and dates: CSAF
// 2.0, which is published as it is, or CSAF 2.1, OSV or CVE, of which a record is made. It
// is approved by a second person as any other and then published without list mails. What
// is wrong with the document is fault.Invalid with a field for each problem, those of the
// schema and those of the tests in one; an id that is there already is fault.Conflict, and
// so is a document of which something would be lost, unless acceptLoss says that this is
// known. One transaction stores all or nothing.
func (s *Service) Import(ctx context.Context, sc people.Scope, project people.ProjectID, raw []byte, acceptLoss bool) (Imported, error) {
	in, err := incoming.Read(raw, s.Render.Texts)
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Told: in.Told()}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		me, err := s.may(ctx, tx, sc, string(project))
		if err != nil {
			return err
		}
		if err := s.unused(ctx, tx, sc, project, out.Number); err != nil {
			return err
		}
		if len(out.Lost) > 0 && !out.Kept && !acceptLoss {
			return fault.New(fault.Conflict, "advisory.fault.loss", "n", len(out.Lost), "first", out.Lost[0])
		}
		a := Advisory{ID: ID(ident.New()), Object: string(project), Project: project, Number: out.Number, Import: true, Created: tx.Now(),
			Initial: in.Initial, Dated: in.Current, History: in.History}
		if _, err := a.edit(in.Content, me, tx.Now()); err != nil {
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
		if !out.Kept {
			tx.Record(a.entry("advisory.ledger.converted", sc.Actor(), map[string]string{"number": out.Number, "format": in.Format.What(),
				"n": itoa(len(out.Lost)), "lost": incoming.Cut(strings.Join(out.Lost, "; "), around.MaxReason)}))
		}
		return s.Store.KeepRevision(ctx, tx, sc, a.ID, *a.Working)
	})
	return out, err
}

// elsewhere reports whether the advisory is an import of which a record was made and that is
// not published here yet: what a person completes before has the dates and the history
// of the document.
func (a Advisory) elsewhere() bool { return !a.Dated.IsZero() && len(a.Published) == 0 }

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
	others, err := s.Store.Numbered(ctx, v, asProject(project), project, pubtree.Name(number))
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Abandoned == nil || !o.Import {
			return taken
		}
	}
	return nil
}
