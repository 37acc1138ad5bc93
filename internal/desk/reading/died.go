package reading

import (
	"context"
	"errors"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Died is called for a mail whose reading will not be tried again: the moderators on duty
// of whom it was sent to get a held report with the original and the reason, and nobody is
// answered. A mail whose envelope is lost too, or that is for none of our projects any more,
// stays with the operator (doctor, `admin jobs`).
func (s *Reader) Died(ctx context.Context, j unit.Running, cause error) error {
	sc := people.AsJob(desk.KindRead, j.Subject)
	var in desk.Intake
	var projects []people.Project
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if in, err = s.Intakes.Intake(ctx, v, sc, desk.IntakeID(j.Subject)); err != nil {
			return err
		}
		projects, err = s.addressed(ctx, v, sc, in)
		return err
	})
	if err != nil || len(projects) == 0 {
		return err
	}
	r := &reading{in: in}
	why := "desk.fault.reading"
	var f *fault.Error
	if errors.As(cause, &f) && f.Key != "" {
		why = f.Key
	}
	r.trouble("desk.trouble.given_up", "why", why)
	ids := make([]string, 2*len(projects)) // before the transaction: it may run again
	for i := range ids {
		ids[i] = ident.New()
	}
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.Intakes.FinishIntake(ctx, tx, sc, in.ID); err != nil {
			return err
		}
		for i, p := range projects {
			m := first(in, r.msg.Troubles)
			m.ID, m.Object = desk.MessageID(ids[2*i]), ids[2*i+1]
			err := s.Desk.Hold(ctx, tx, people.AsJob(desk.KindRead, m.Object, string(in.ID)), desk.Holding{
				Project: p, Message: m, Silence: desk.SilentUnread,
				Report: desk.Report{ID: desk.ReportID(m.Object), Project: p.ID, Via: desk.ByMail, From: m.From, Flagged: true},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if fault.Is(err, fault.Conflict) {
		return nil // it was filed before
	}
	return err
}

// first is what the envelope alone says of a mail.
func first(in desk.Intake, troubles []desk.Trouble) desk.Message {
	from := clip(in.Envelope.From, 320)
	return desk.Message{
		Intake: in.ID, At: in.ReceivedAt, Inbound: true, Raw: in.Raw, RawSize: in.Size, Sender: from, From: desk.Address{Mail: from},
		Auth:     desk.Auth{Remote: in.Envelope.Remote, HELO: clip(in.Envelope.HELO, 255), TLS: in.Envelope.TLS},
		Troubles: troubles,
	}
}

// addressed returns the projects that the envelope names; for an address that is no longer
// ours, those with an address at its domain. A thread is not looked for: the mail may say
// anything.
func (s *Reader) addressed(ctx context.Context, v unit.View, sc people.Scope, in desk.Intake) ([]people.Project, error) {
	var out []people.Project
	seen := map[people.ProjectID]bool{}
	for _, to := range in.Envelope.To {
		bare, _ := desk.SplitTag(to)
		p, err := projectOf(ctx, v, s.Projects, sc, to)
		if _, domain, ok := strings.Cut(bare, "@"); ok && fault.Is(err, fault.NotFound) {
			p, err = projectOf(ctx, v, s.Projects, sc, "bounce@"+domain)
		}
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !seen[p.ID] && len(out) < maxTargets {
			out, seen[p.ID] = append(out, p), true
		}
	}
	return out, nil
}
