package advisory

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/edition"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Preview is every output of the working revision as it would be published now,
// unsigned.
type Preview = edition.Preview

// Preview renders what is in work, else what was published last. A number that is
// not taken yet shows as a placeholder.
func (s *Service) Preview(ctx context.Context, sc people.Scope, id ID) (Preview, error) {
	x, err := s.previewed(ctx, sc, id)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(x.a, x.p, x.now)
}

// Made is one output of emit.Formats.
type Made = edition.Made

// Output makes one output as it would be published now, by the name that it has in
// emit.Formats. It fails with fault.NotFound for other names, and with fault.Invalid when
// the record has nothing for the format to say.
func (s *Service) Output(ctx context.Context, sc people.Scope, id ID, format string) (Made, error) {
	f, known := emit.Find(format)
	x, err := s.previewed(ctx, sc, id)
	if err != nil {
		return Made{}, err
	}
	if !known {
		return Made{}, fault.Missing()
	}
	in := s.input(x.a, x.p, x.now)
	in.CNA = x.cna
	out := Made{Format: f, Number: x.a.Number}
	if len(in.Content.Problems()) == 0 {
		_, out.Breach = f.Make(in)
	}
	in.Loose = true
	out.Bytes, err = f.Make(in)
	return out, err
}

// previewed is what previews are made of.
type previewed struct {
	a   Advisory
	p   people.Project
	cna record.CNA
	now time.Time
}

func (s *Service) previewed(ctx context.Context, sc people.Scope, id ID) (previewed, error) {
	var x previewed
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		x.now = v.Now()
		if x.a, err = s.Store.Get(ctx, v, sc, id); err != nil {
			return err
		}
		if x.a.Working == nil && len(x.a.Published) > 0 {
			if x.a.Working, err = s.lastPublished(ctx, v, sc, x.a); err != nil {
				return err
			}
		}
		if err := s.withSuccessor(ctx, v, &x.a); err != nil {
			return err
		}
		if x.p, err = s.Projects.Project(ctx, v, sc, x.a.Project); err != nil || s.Numbering == nil {
			return err
		}
		x.cna, err = s.Numbering.CNA(ctx, v, sc, x.a.Project)
		return err
	})
	if err != nil {
		return previewed{}, err
	}
	if x.a.Working == nil {
		return previewed{}, fault.New(fault.Conflict, "advisory.fault.nothing")
	}
	if x.a.Number == "" {
		x.a.Number = placeholder(x.p, x.now)
	}
	return x, nil
}

// placeholder stands for a number that is taken at staging.
func placeholder(p people.Project, now time.Time) string {
	return p.Series + "-" + now.UTC().Format("2006") + "-NNNN"
}

func (s *Service) preview(a Advisory, p people.Project, now time.Time) (Preview, error) {
	return edition.PreviewOf(s.Render, s.input(a, p, now), string(a.ID), now)
}

func (s *Service) lastPublished(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (*Revision, error) {
	all, err := s.Store.Revisions(ctx, v, sc, a.ID)
	if err != nil {
		return nil, err
	}
	last := a.Published[len(a.Published)-1].Revision
	for _, r := range all {
		if r.N == last {
			return &r, nil
		}
	}
	return nil, fault.Missing()
}
