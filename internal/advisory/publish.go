package advisory

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/followup"
	"github.com/tocsin-sec/tocsin/internal/advisory/keyuse"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// EmbargoEnded is the Within-follower of the end of an embargo: the ban is lifted
// and the job looks whether publication is armed. A case without an advisory gets an
// empty draft, so that there is something to alert about. One that was judged invalid or
// closed gets none, and nobody is alerted: only what was armed goes out.
func (s *Service) EmbargoEnded(ctx context.Context, tx unit.Tx, f embargo.Ended) error {
	caseID := string(f.Case)
	sc := people.AsJob(KindPublish, caseID)
	all, err := s.Store.OfObject(ctx, tx, sc, caseID)
	if err != nil {
		return err
	}
	c, err := s.Cases.Case(ctx, tx, sc, caseID)
	if err != nil {
		return err
	}
	open := 0
	for _, a := range all {
		if a.Abandoned != nil {
			if a.Number != "" && !a.Import {
				if err := s.Site.PutGap(ctx, tx, sc, a.Project, a.Number); err != nil {
					return err
				}
			}
			continue
		}
		open++
		if len(a.Published) == 0 && (!c.Done || a.Arming != nil) {
			tx.Enqueue(a.job(KindPublish, tx.Now()))
		}
	}
	if open > 0 || c.Done {
		return nil
	}
	id, err := s.draft(ctx, tx, sc, caseID, "")
	if err != nil {
		return err
	}
	a, err := s.Store.Get(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	tx.Enqueue(a.job(KindPublish, tx.Now()))
	return nil
}

// EmbargoMoved is the Within-follower of a changed embargo: what was staged for the
// old end is staged again for the new one.
func (s *Service) EmbargoMoved(ctx context.Context, tx unit.Tx, f embargo.Changed) error {
	caseID, until := string(f.Case), f.Until
	sc := people.AsJob(KindStage, caseID)
	all, err := s.Store.OfObject(ctx, tx, sc, caseID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Arming != nil && !a.Arming.Now && len(a.Published) == 0 {
			s.scheduleStage(tx, a, until)
		}
	}
	return nil
}

// Publish is the handler of KindPublish: it checks every guard, stages what is not
// staged for now and flips. What is blocked is not published; the lead is alerted.
func (s *Service) Publish(ctx context.Context, j unit.Running) error {
	sc, id := scope(j.Job), ID(j.Args["advisory"])
	var now time.Time
	var a Advisory
	var blocked []Blocker
	var ready bool
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		now = v.Now()
		if a, err = s.Store.Get(ctx, v, sc, id); err != nil {
			return err
		}
		if blocked, err = s.blocked(ctx, v, sc, a); err != nil {
			return err
		}
		ready, err = s.readyWith(ctx, v, a)
		return err
	})
	if err != nil {
		return err
	}
	if a.Working == nil || a.Abandoned != nil {
		return nil // published already, or given up meanwhile
	}
	if len(blocked) == 0 && !ready {
		killpoint.At("publish.stage")
		if err := s.stage(ctx, sc, id, now); err != nil {
			return s.signerFailed(ctx, j, sc, id, s.failed(ctx, j, sc, id, err))
		}
	}
	killpoint.At("publish.flip.before")
	err = s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := s.flip(ctx, tx, sc, id, a.Case); err != nil {
			return err
		}
		killpoint.At("publish.flip.inside")
		return j.Fence.Done(ctx, tx)
	})
	killpoint.At("publish.flip.after")
	if asBlockers(err) {
		return s.overdue(ctx, j, sc, id)
	}
	return err
}

// blocked returns what stands in the way now, the ban of the embargo included.
func (s *Service) blocked(ctx context.Context, v unit.View, sc people.Scope, a Advisory) ([]Blocker, error) {
	c, err := s.tied(ctx, v, sc, a)
	if err != nil {
		return nil, err
	}
	out := a.Blockers(v.Now(), c)
	if a.Working != nil {
		_, over, err := s.until(ctx, v, sc, a)
		if err != nil {
			return nil, err
		}
		if !over {
			out = append(out, Blocker{Key: "advisory.block.embargo"})
		}
	}
	return out, nil
}

// Blocked returns what would keep the advisory from being published at the end of its
// embargo, as the page shows it: the confirmation is judged for that instant.
func (s *Service) Blocked(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (out []Blocker, at time.Time, over bool, err error) {
	c, err := s.tied(ctx, v, sc, a)
	if err != nil {
		return nil, time.Time{}, false, err
	}
	at, over, err = s.until(ctx, v, sc, a)
	if err != nil {
		return nil, time.Time{}, false, err
	}
	judged := at
	if judged.Before(v.Now()) {
		judged = v.Now()
	}
	all, err := s.Keys.Public(ctx, v, a.Project)
	if err != nil {
		return nil, time.Time{}, false, err
	}
	keys, _ := keyuse.At(all, judged)
	refused, stops, err := s.Refused(ctx, v, sc, a)
	if err != nil {
		return nil, time.Time{}, false, err
	}
	if stops {
		keys = append(keys, refused...)
	}
	if over {
		// PublishNow arms and confirms in one: only the other guards are in the way.
		return append(a.blockers(c), keys...), at, over, nil
	}
	return append(a.Blockers(judged, c), keys...), at, over, nil
}

// flip is the publication: one transaction that checks guards and hash and makes the
// staged files public. The case's row is locked before anything is read that the guards
// ask for: a new embargo commits before and is seen, or comes after and finds the case
// public.
func (s *Service) flip(ctx context.Context, tx unit.Tx, sc people.Scope, id ID, caseID string) error {
	if caseID != "" {
		if err := s.Cases.Lock(ctx, tx, sc, caseID); err != nil {
			return err
		}
	}
	a, err := s.Store.Lock(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	if a.Working == nil || a.Abandoned != nil {
		return nil
	}
	blocked, err := s.blocked(ctx, tx, sc, a)
	if err != nil {
		return err
	}
	if len(blocked) > 0 {
		return fault.New(fault.Conflict, "advisory.fault.blocked", blocked[0].Args...)
	}
	staged, err := s.Store.Staged(ctx, tx, sc, id)
	if err != nil {
		return err
	}
	if !a.stagedFor(tx.Now()) || staged.Hash != a.Working.Hash {
		// Somebody moved the embargo between staging and now; the job runs again.
		return fault.New(fault.Unavailable, "advisory.fault.restage")
	}
	p, err := s.Projects.Project(ctx, tx, sc, a.Project)
	if err != nil {
		return err
	}
	with, err := s.taken(ctx, tx, a, staged.Public, p.Slug)
	if err != nil {
		return err
	}
	docs, files := []PublicDocument{staged.Public}, staged.Files
	for _, o := range with {
		docs, files = append(docs, o.staged.Public), append(files, o.staged.Files...)
	}
	flipped, err := s.site().Publish(ctx, tx, sc, p, docs, files)
	if err != nil {
		return err
	}
	for _, o := range append([]replaced{{a, staged}}, with...) {
		sc := o.a.scope(KindPublish)
		if err := s.Store.DropStaged(ctx, tx, sc, o.a.ID); err != nil {
			return err
		}
		if err := s.afterFlip(ctx, tx, sc, o.a, p, o.staged, flipped); err != nil {
			return err
		}
		tx.Enqueue(o.a.job(KindStep, tx.Now()))
	}
	tx.Enqueue(pubsite.Job(tx.Now()))
	return nil
}

// afterFlip notes the publication on the advisory, and tells ledger and followers.
func (s *Service) afterFlip(ctx context.Context, tx unit.Tx, sc people.Scope, a Advisory, p people.Project, staged Staged, flipped pubsite.Flipped) error {
	first, public, work := len(a.Published) == 0, a.wentPublic(staged.Public.Level), *a.Working
	known := work.Content.Source != nil || a.elsewhere() // it was public before, elsewhere
	var by people.PersonID
	if a.Arming != nil {
		by = a.Arming.By
	}
	a.Initial, a.History = staged.Public.Initial, staged.History
	a.flipped(Publication{Revision: work.N, Hash: work.Hash, Version: staged.Public.Version, Date: staged.Public.Current,
		At: tx.Now(), Generation: flipped.Generation, Change: work.Content.Change, Withdrawn: work.Content.Withdrawn != "", Superseded: work.Content.Superseded, Level: staged.Public.Level})
	a.Steps = followup.Plan(known || !staged.Public.Level.Told(), p.Lists.Dev, p.Lists.Announce, staged.Subject)
	if err := s.Store.Save(ctx, tx, sc, a); err != nil {
		return err
	}
	tx.Record(a.entry("advisory.ledger.published", sc.Actor(), map[string]string{"number": a.Number, "version": staged.Public.Version, "hash": work.Hash}))
	return tx.Emit(ctx, Published{Advisory: a.ID, Case: a.Case, Project: a.Project, Number: a.Number,
		Version: staged.Public.Version, First: first, Free: staged.Public.Level.Free(), Public: public, Withdrawn: work.Content.Withdrawn != "", Superseded: work.Content.Superseded != nil, By: by,
		Imported: known, Changed: flipped.Changed})
}

// overdue notes that the embargo is over and nothing was published, and has the
// lead alerted at once. While the embargo lasts there is nothing to alert about.
func (s *Service) overdue(ctx context.Context, j unit.Running, sc people.Scope, id ID) error {
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		a, err := s.Store.Lock(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		late, err := s.late(ctx, tx, sc, &a)
		if err != nil {
			return err
		}
		if late {
			tx.Enqueue(a.job(KindAlert, tx.Now()))
			if err := s.Store.Save(ctx, tx, sc, a); err != nil {
				return err
			}
		}
		return j.Fence.Done(ctx, tx)
	})
}

// failed turns what a person has to mend (no key, a broken record) into an alert;
// everything else is tried again by the queue.
func (s *Service) failed(ctx context.Context, j unit.Running, sc people.Scope, id ID, err error) error {
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
			if err := s.giveUp(ctx, tx, sc, id, j.Kind, err); err != nil {
				return err
			}
			return j.Fence.Done(ctx, tx)
		})
	}
	return fmt.Errorf("stage %s: %w", id, err)
}
