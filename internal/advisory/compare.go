package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/edition"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Comparison is the text of the revision in work beside that of the last one which
// somebody approved.
type Comparison = edition.Comparison

// Compare renders the working revision and the last approved one, so that a person
// sees what she approves and what is new in it. It fails with fault.Conflict when
// nothing is in work.
func (s *Service) Compare(ctx context.Context, sc people.Scope, id ID) (Comparison, error) {
	now, err := s.Preview(ctx, sc, id)
	if err != nil {
		return Comparison{}, err
	}
	out := Comparison{Text: now.Readable(), JSON: string(now.JSON)}
	var a Advisory
	var p people.Project
	var then *Revision
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if a, err = s.Store.Get(ctx, v, sc, id); err != nil {
			return err
		}
		if p, err = s.Projects.Project(ctx, v, sc, a.Project); err != nil {
			return err
		}
		if then, err = s.lastApproved(ctx, v, sc, a); err != nil || then == nil {
			return err
		}
		old := a
		old.Working = then
		err = s.withSuccessor(ctx, v, &old)
		a.next = old.next
		return err
	})
	if err != nil {
		return Comparison{}, err
	}
	if a.Working != nil {
		out.Revision = a.Working.N
	}
	if then == nil {
		return out, nil
	}
	a.Working, a.Number = then, now.Number
	before, err := s.preview(a, p, now.At)
	if err != nil {
		return Comparison{}, err
	}
	out.Since, out.Before, out.JSONThen = then.N, before.Readable(), string(before.JSON)
	return out, nil
}

// lastApproved returns the newest revision before the one in work that somebody approved,
// nil when there is none. Once the one in work is approved itself, that is the published
// one: what of others lay between became void.
func (s *Service) lastApproved(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (*Revision, error) {
	last, published := a.LastApproved, 0
	if n := len(a.Published); n > 0 {
		published = a.Published[n-1].Revision
	}
	if a.Working != nil && a.Working.N == last {
		last = 0
	}
	if last = max(last, published); last == 0 {
		return nil, nil
	}
	all, err := s.Store.Revisions(ctx, v, sc, a.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.N == last {
			return &r, nil
		}
	}
	return nil, nil
}
