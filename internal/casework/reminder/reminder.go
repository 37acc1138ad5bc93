// Package reminder reminds the leads of a case of its assessment, which they owe within the
// business days of the project's policy (requirement row LV-2).
//
// Not here: what an assessment is and who may give it (casework), the reminders of a held
// report, which go to the moderators on duty (desk), and those of an embargo's end (embargo).
package reminder

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Kind is the job of Remind; its subject is the case.
const Kind = "casework.remind"

// Cases is what the reminder needs of *casework.Service.
type Cases interface {
	Lock(ctx context.Context, tx unit.Tx, sc people.Scope, id casework.CaseID) (casework.Case, people.Role, error)
	Tell(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n casework.Notice) error
}

// Projects is what the reminder needs of *people.Directory.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
}

// Reminder follows the opening of cases.
type Reminder struct {
	Work     unit.Work
	Cases    Cases
	Projects Projects
}

// Follow is the Within-follower of casework.Opened: it plans the first reminder, whether
// the case came from a report or not.
func (s *Reminder) Follow(ctx context.Context, tx unit.Tx, f casework.Opened) error {
	return s.plan(ctx, tx, people.AsJob(Kind, string(f.Case)), f.Case, false)
}

// Remind is the handler of Kind: it writes to the leads and plans the next reminder. A case
// that is assessed meanwhile ends it.
func (s *Reminder) Remind(ctx context.Context, j unit.Running) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		err := s.plan(ctx, tx, people.AsJob(Kind, j.Subject), casework.CaseID(j.Subject), true)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
}

// plan makes the row of the next reminder where one is owed, and with tell sends one now.
func (s *Reminder) plan(ctx context.Context, tx unit.Tx, job people.Scope, id casework.CaseID, tell bool) error {
	c, _, err := s.Cases.Lock(ctx, tx, job, id)
	if err != nil || !c.AssessedAt.IsZero() || c.DueAssess.IsZero() {
		return err
	}
	p, err := s.Projects.Project(ctx, tx, job, c.Project)
	if err != nil {
		return err
	}
	tx.Enqueue(unit.Job{Kind: Kind, Subject: string(id), Args: map[string]string{"case": string(id)},
		At: p.Policy.Calendar().Remind(tx.Now(), c.DueAssess), Key: Kind + ":" + string(id), Replace: true})
	if !tell {
		return nil
	}
	key := "casework.letter.due_assess"
	if c.OverdueAssessment(tx.Now()) {
		key = "casework.letter.due_assess_late"
	}
	return s.Cases.Tell(ctx, tx, job, c, casework.Notice{To: casework.ToLeads, Key: key,
		Args: map[string]string{"due": span.Stamp(c.DueAssess.In(p.Policy.Location()))}})
}
