package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Released returns what the outputs of the newest published revision are made from, with
// the dates and the history of that publication: asked again it is the same.
// fault.NotFound when nothing is published.
func (s *Service) Released(ctx context.Context, v unit.View, sc people.Scope, id ID) (record.Input, error) {
	a, err := s.Store.Get(ctx, v, sc, id)
	if err != nil {
		return record.Input{}, err
	}
	if len(a.Published) == 0 {
		return record.Input{}, fault.Missing()
	}
	if a.Working, err = s.lastPublished(ctx, v, sc, a); err != nil {
		return record.Input{}, err
	}
	p, err := s.Projects.Project(ctx, v, sc, a.Project)
	if err != nil {
		return record.Input{}, err
	}
	if err := s.withSuccessor(ctx, v, &a); err != nil {
		return record.Input{}, err
	}
	if n := len(a.History); n > 0 {
		a.History = a.History[:n-1] // its own line
	}
	return s.input(a, p, a.Published[len(a.Published)-1].Date), nil
}
