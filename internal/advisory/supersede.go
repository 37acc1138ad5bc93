package advisory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/advisory/succession"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Supersede begins the supersession of a published advisory: a revision that says what
// replaces it and why, and makes no statement on products. by is the number or the id of an
// advisory of the project that the person sees or that everybody may read; with a url it
// is the id of another publisher's document there. It is approved as any other. When the
// successor is not published yet, both are published in one flip.
func (s *Service) Supersede(ctx context.Context, sc people.Scope, id ID, by, url, reason string) error {
	if err := around.NeedReason("reason", reason); err != nil {
		return err
	}
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if len(a.Published) == 0 {
			return fault.New(fault.Conflict, "advisory.fault.not_published")
		}
		if a.Withdrawn() {
			return fault.New(fault.Conflict, "advisory.fault.withdrawn")
		}
		next, err := s.replacement(ctx, tx, sc, *a, strings.TrimSpace(by), strings.TrimSpace(url))
		if err != nil {
			return err
		}
		r, err := s.published(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		next.Reason = reason
		c := Content{Record: r, Superseded: next, Change: s.Render.Texts(r.Lang).T("advisory.doc.superseded_change")}
		return s.edited(ctx, tx, sc, a, c, me, "advisory.ledger.superseding")
	})
}

// replacement finds what a person names as the successor.
func (s *Service) replacement(ctx context.Context, v unit.View, sc people.Scope, a Advisory, by, url string) (*record.Supersession, error) {
	if url != "" {
		return succession.Elsewhere(by, url)
	}
	n, err := s.called(ctx, v, a.Project, by)
	if k := len(n.Published); err == nil && (k == 0 || !n.Published[k-1].Level.Free()) {
		_, err = s.Store.Get(ctx, v, sc, n.ID)
	}
	if fault.Is(err, fault.NotFound) {
		return nil, succession.Problem("by", "advisory.problem.successor_unknown")
	}
	if err != nil {
		return nil, err
	}
	gone := n.Abandoned != nil || n.Withdrawn() || n.superseded() != nil
	return &record.Supersession{Advisory: string(n.ID)}, succession.Check(succession.Pair{Old: string(a.ID), New: string(n.ID),
		NewBy: string(n.Successor()), Gone: gone, OldLevel: a.level(), NewLevel: n.level()})
}

// called returns the project's advisory with this id or number, whatever its case.
func (s *Service) called(ctx context.Context, v unit.View, project people.ProjectID, name string) (Advisory, error) {
	n, err := s.Store.OfProject(ctx, v, asProject(project), project, ID(name))
	if !fault.Is(err, fault.NotFound) || name == "" {
		return n, err
	}
	d, err := s.Site.DocumentByName(ctx, v, asProject(project), project, pubtree.Name(name))
	if err == nil {
		return s.Store.OfProject(ctx, v, asProject(project), project, ID(d.Advisory))
	}
	if !fault.Is(err, fault.NotFound) {
		return Advisory{}, err
	}
	list, err := s.Store.Numbered(ctx, v, asProject(project), project, pubtree.Name(name))
	if err == nil && len(list) == 0 {
		err = fault.Missing()
	}
	if err != nil {
		return Advisory{}, err
	}
	return list[0], nil
}

// asProject looks for a rule: who asks need not work on the case that the answer is about.
func asProject(project people.ProjectID) people.Scope {
	return people.AsJob("advisory.rule", string(project))
}

// level is that of the newest text.
func (a Advisory) level() pubtree.Level {
	if n := len(a.Published); a.Working == nil && n > 0 {
		return a.Published[n-1].Level
	}
	if a.Working == nil {
		return pubtree.Red
	}
	return a.Working.Content.Record.Level()
}

// predecessors are the advisories whose revision in work says that a replaces them.
func (s *Service) predecessors(ctx context.Context, v unit.View, a Advisory) ([]Advisory, error) {
	list, err := s.Store.Predecessors(ctx, v, asProject(a.Project), a.Project, a.ID)
	return slices.DeleteFunc(list, func(o Advisory) bool { return o.Working == nil }), err
}

// scope is that of a job about the advisory.
func (a Advisory) scope(kind string) people.Scope {
	return people.AsJob(kind, a.Object, string(a.Project))
}

// linked returns what stands in the way because of what the advisory replaces, or is
// replaced by: both go out in one flip, or none.
func (s *Service) linked(ctx context.Context, v unit.View, a Advisory) ([]Blocker, error) {
	if a.Working == nil {
		return nil, nil
	}
	if next := a.superseded(); next != nil && next.Advisory != "" {
		n, err := s.Store.OfProject(ctx, v, asProject(a.Project), a.Project, ID(next.Advisory))
		switch {
		case err != nil:
			return nil, err
		case n.Abandoned != nil || n.Withdrawn() || n.superseded() != nil:
			return []Blocker{{Key: "advisory.block.successor_gone", Args: []any{"number", n.called()}}}, nil
		case len(n.Published) == 0:
			return []Blocker{{Key: "advisory.block.successor", Args: []any{"number", n.called()}}}, nil
		}
		return nil, nil
	}
	list, err := s.predecessors(ctx, v, a)
	var out []Blocker
	for _, o := range list {
		if len(o.blockers(CaseView{})) > 0 && len(a.Published) == 0 {
			out = append(out, Blocker{Key: "advisory.block.predecessor", Args: []any{"number", o.Number}})
		}
	}
	return out, err
}

// called is the number. Of what has none yet the title would tell more than everybody may
// know who works on what it replaces.
func (a Advisory) called() string { return cmp.Or(a.Number, "…") }

// withSuccessor looks where the successor of a superseded advisory lies.
func (s *Service) withSuccessor(ctx context.Context, v unit.View, a *Advisory) error {
	next := a.superseded()
	if a.Working == nil || next == nil || next.Advisory == "" {
		return nil
	}
	n, err := s.Store.OfProject(ctx, v, asProject(a.Project), a.Project, ID(next.Advisory))
	if err != nil {
		return err
	}
	p, err := s.Projects.Project(ctx, v, asProject(a.Project), a.Project)
	if err != nil {
		return err
	}
	year, err := succession.Year(n.Initial, n.Working, n.Stage, v.Now())
	if err != nil {
		return err
	}
	if n.Number == "" {
		n.Number = placeholder(p, v.Now())
	}
	a.next = succession.Place(s.URL, p.Slug, n.Number, n.level(), year)
	return nil
}

// replaced is an advisory that goes out with its successor.
type replaced struct {
	a      Advisory
	staged Staged
}

// taken locks what the advisory replaces, which must be ready and name its successor as it
// is staged.
func (s *Service) taken(ctx context.Context, tx unit.Tx, a Advisory, by PublicDocument, slug string) ([]replaced, error) {
	list, err := s.predecessors(ctx, tx, a)
	if err != nil || len(a.Published) > 0 {
		return nil, err
	}
	var out []replaced
	for _, o := range list {
		sc := o.scope(KindPublish)
		if o, err = s.Store.Lock(ctx, tx, sc, o.ID); err != nil {
			return nil, err
		}
		if b := o.blockers(CaseView{}); len(b) > 0 {
			return nil, fault.New(fault.Conflict, "advisory.fault.blocked", b[0].Args...)
		}
		x, err := s.Store.Staged(ctx, tx, sc, o.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		place := []byte("/" + pubtree.Paths{Slug: slug}.Document(by.Level, by.Year, by.Name) + `"`)
		named := slices.ContainsFunc(x.Files, func(f StagedFile) bool { return bytes.Contains(f.Bytes, place) })
		if err != nil || !o.stagedFor(tx.Now()) || x.Hash != o.Working.Hash || !named {
			return nil, fault.New(fault.Unavailable, "advisory.fault.restage")
		}
		o.Arming = a.Arming // one word for both
		out = append(out, replaced{o, x})
	}
	return out, nil
}
