package cve

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// The kinds of jobs beside KindWrite and KindRefill.
const (
	KindFollow = "cve.follow" // an advisory of the case was published or withdrawn
	KindRemind = "cve.remind" // a request is not answered at its date
)

// Advised notes in the transaction of a publication that a job has to look at the
// numbers of the case. Advisory stands after cve, so that the table of facts translates.
func Advised(tx unit.Tx, project people.ProjectID, id casework.CaseID, advisory string, withdrawn bool) {
	args := map[string]string{"project": string(project), "case": string(id), "advisory": advisory}
	if withdrawn {
		args["withdrawn"] = "1"
	}
	tx.Enqueue(unit.Job{Kind: KindFollow, Subject: string(id), Args: args})
}

// Follow is the job KindFollow: the number that the published advisory has gets its
// record, or the one of a revision. After a withdrawal a person decides whether the
// number is rejected; nothing is done by itself.
func (s *Service) Follow(ctx context.Context, j unit.Running) error {
	sc := jobScope(j)
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		c, _, err := s.Cases.Lock(ctx, tx, sc, casework.CaseID(j.Args["case"]))
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		cve, _, err := s.Records.Container(ctx, tx, sc, c.ID, j.Args["advisory"])
		if fault.Is(err, fault.NotFound) || err == nil && cve == "" {
			return nil
		}
		if err != nil {
			return err
		}
		all, err := s.Numbers.OfCase(ctx, tx, sc, c.ID)
		if err != nil {
			return err
		}
		for _, n := range all {
			if n.CVE != cve || !n.ToReject.IsZero() {
				continue
			}
			if err := s.advised(ctx, tx, sc, c, n, j.Args["advisory"], j.Args["withdrawn"] != ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) advised(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n Number, advisory string, withdrawn bool) error {
	switch {
	case withdrawn && (n.State == Published || n.State == Disputed || n.State == Assigned):
		n.AskReject, n.Changed = tx.Now(), tx.Now()
		if n.Todo == PutRecord {
			n.wish(Nothing) // there is no text any more
		}
		if err := s.tell(ctx, tx, sc, c, n, "cve.letter.withdrawn"); err != nil {
			return err
		}
	case !withdrawn && n.Ours() && n.State.Live():
		n.Advisory = advisory
		n.wish(PutRecord)
		tx.Enqueue(n.writeJob(tx.Now()))
	default:
		return nil
	}
	return s.Numbers.Save(ctx, tx, sc, n)
}

// tell writes to the leads of a case about one of its numbers.
func (s *Service) tell(ctx context.Context, tx unit.Tx, sc people.Scope, c casework.Case, n Number, key string) error {
	return s.Cases.Tell(ctx, tx, sc, c, casework.Notice{To: casework.ToLeads, Key: key, Args: map[string]string{"cve": n.CVE, "page": s.page(c.ID)}})
}

// remindEvery is how often an unanswered request is called to mind.
const remindEvery = 7 * 24 * time.Hour

func (n Number) remindJob(at time.Time) unit.Job {
	return unit.Job{Kind: KindRemind, Subject: string(n.Case), At: at, Key: KindRemind + ":" + string(n.ID), Replace: true,
		Args: map[string]string{"number": string(n.ID), "project": string(n.Project), "case": string(n.Case)}}
}

// Remind is the job KindRemind: the team is told that a request is not answered, again
// every week until it is, or the case is closed.
func (s *Service) Remind(ctx context.Context, j unit.Running) error {
	sc := jobScope(j)
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := j.Fence.Done(ctx, tx); err != nil {
			return err
		}
		n, err := s.Numbers.Lock(ctx, tx, sc, NumberID(j.Args["number"]))
		if fault.Is(err, fault.NotFound) || err == nil && n.State != Requested {
			return nil
		}
		if err != nil {
			return err
		}
		c, _, err := s.Cases.Get(ctx, tx, sc, n.Case)
		if err != nil || !c.State.Open() {
			return err
		}
		tx.Enqueue(n.remindJob(tx.Now().Add(remindEvery)))
		return s.Cases.Tell(ctx, tx, sc, c, casework.Notice{To: casework.ToTeam, Key: "cve.letter.overdue",
			Args: map[string]string{"due": letterTime(n.Due), "page": s.page(c.ID)}})
	})
}
