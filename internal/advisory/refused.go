package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/refusal"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Refused returns which files of the revision in work cannot be made of it: they stand among
// the blockers until it is mended. A withdrawal, and an import that is published as it came,
// nobody could mend: they go out without these files.
func (s *Service) Refused(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (list []Blocker, stops bool, err error) {
	if a.Working == nil || len(a.Working.Content.Problems()) > 0 {
		return nil, false, nil
	}
	p, err := s.Projects.Project(ctx, v, sc, a.Project)
	if err != nil {
		return nil, false, err
	}
	if a.Number == "" {
		a.Number = placeholder(p, v.Now())
	}
	if err := s.withSuccessor(ctx, v, &a); err != nil {
		return nil, false, err
	}
	in := s.input(a, p, v.Now())
	if s.Numbering != nil {
		if in.CNA, err = s.Numbering.CNA(ctx, v, sc, a.Project); err != nil {
			return nil, false, err
		}
	}
	list, err = refusal.Of(in)
	return list, a.Working.Content.Source == nil && !a.Working.Content.Retired(), err
}

// fits refuses a revision of which files cannot be made: at the end of its embargo it would
// be published late, or without them.
func (s *Service) fits(ctx context.Context, v unit.View, sc people.Scope, a Advisory) error {
	if a.Working == nil || a.Working.Content.Source != nil || a.Working.Content.Retired() {
		return nil // no need to make them
	}
	list, _, err := s.Refused(ctx, v, sc, a)
	if err != nil || len(list) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "advisory.fault.blocked").Because(fault.New(fault.Conflict, list[0].Key, list[0].Args...))
}
