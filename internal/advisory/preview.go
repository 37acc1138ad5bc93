package advisory

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Preview is every output of the working revision as it would be published now,
// unsigned.
type Preview struct {
	Hash     string
	Number   string // taken already, or a placeholder
	JSON     []byte
	Page     []byte
	Subject  string
	Mail     []byte
	Problems []fault.Field
	// Breach is the first breach of the standard, nil when there is none.
	Breach error

	at time.Time // the instant that the documents carry
}

// Preview renders what is in work, else what was published last. A number that is
// not taken yet shows as a placeholder.
func (s *Service) Preview(ctx context.Context, sc people.Scope, id ID) (Preview, error) {
	var a Advisory
	var p people.Project
	var now time.Time
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		now = v.Now()
		if a, err = s.Store.Get(ctx, v, sc, id); err != nil {
			return err
		}
		if a.Working == nil && len(a.Published) > 0 {
			if a.Working, err = s.lastPublished(ctx, v, sc, a); err != nil {
				return err
			}
		}
		p, err = s.Projects.Project(ctx, v, sc, a.Project)
		return err
	})
	if err != nil {
		return Preview{}, err
	}
	if a.Working == nil {
		return Preview{}, fault.New(fault.Conflict, "advisory.fault.nothing")
	}
	if a.Number == "" {
		a.Number = p.Series + "-" + now.UTC().Format("2006") + "-NNNN"
	}
	return s.preview(a, p, now)
}

func (s *Service) preview(a Advisory, p people.Project, now time.Time) (Preview, error) {
	out := Preview{at: now, Hash: a.Working.Hash, Number: a.Number, Problems: a.Working.Content.Problems()}
	in := s.input(a, p, now)
	if len(out.Problems) == 0 {
		_, _, out.Breach = record.Document(in)
	}
	in.Loose = true
	doc, raw, err := record.Document(in)
	if err != nil {
		return Preview{}, err
	}
	o, _, err := s.outputs(a, in, doc, raw)
	if err != nil {
		return Preview{}, err
	}
	o.Preview = "/advisory/" + string(a.ID) + "/preview"
	out.JSON = raw
	if out.Page, err = s.Render.Page(o); err != nil {
		return Preview{}, err
	}
	out.Subject, out.Mail, err = s.Render.Mail(o)
	return out, err
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
