package desk

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Remind is the handler of KindRemind: it writes to the moderators on duty (to the
// chair and the deputies when nobody is, and to them too once it is late) that a
// report's answer or assessment is due, without a word of the report, and plans the next
// reminder. A report that needs none ends it.
func (s *Service) Remind(ctx context.Context, j unit.Running) error {
	sc := people.AsJob(KindRemind, j.Subject)
	id := ReportID(j.Subject)
	letter := s.Post.NewMessageID()
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		r, err := s.Reports.Get(ctx, tx, sc, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		project, err := s.Projects.Project(ctx, tx, people.Anyone(), r.Project)
		if err != nil {
			return err
		}
		if s.nextReminder(tx.Now(), r, project.Policy).IsZero() {
			return nil
		}
		s.planReminder(tx, r, project.Policy)
		return s.remind(ctx, tx, sc, project, r, letter)
	})
	if err != nil {
		return fmt.Errorf("remind of a report: %w", err)
	}
	return nil
}

func (s *Service) remind(ctx context.Context, tx unit.Tx, sc people.Scope, p people.Project, r Report, letter string) error {
	// The job may know the team of the report's project: it names both.
	team, err := s.Projects.Team(ctx, tx, people.AsJob(KindRemind, string(r.ID), string(p.ID)), p.ID)
	if err != nil {
		return err
	}
	due, key := r.DueAck, "desk.letter.due_ack"
	if !r.AckedAt.IsZero() {
		due, key = r.DueAssess, "desk.letter.due_assess"
	}
	late := tx.Now().After(due)
	if late {
		key += "_late"
	}
	to := remindees(team, late)
	if len(to) == 0 {
		return nil
	}
	tx.Record(r.entry("desk.ledger.reminded", sc, map[string]string{"count": itoa(len(to))}))
	return s.Post.Put(ctx, tx, sc, people.Letter{
		Project: p.ID, About: string(r.ID), Confidence: "report:" + string(r.ID), To: to, Key: key, MessageID: letter,
		Args: map[string]string{
			"project": p.Name, "link": s.BaseURL + "/desk?r=" + string(r.ID),
			"due": span.Stamp(due.In(p.Policy.Location())),
		},
	})
}

// remindees are the moderators on duty; with late, or when nobody is on duty, the
// chair and the deputies too.
func remindees(team []people.Teammate, late bool) []people.Recipient {
	var out []people.Recipient
	for _, t := range team {
		if t.OnDuty() {
			out = append(out, people.Recipient{Person: t.Person.ID})
		}
	}
	if len(out) > 0 && !late {
		return out
	}
	for _, t := range team {
		if !t.OnDuty() && (t.Has(people.Chair) || t.Has(people.Deputy)) {
			out = append(out, people.Recipient{Person: t.Person.ID})
		}
	}
	return out
}
