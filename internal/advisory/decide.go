package advisory

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/around"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Approve is the word of a second person for exactly the revision with this hash.
// The author gets fault.Denied, unless the team is one person: then a waiver with a
// reason stands in for the second one. A revision with problems, one of which a file
// cannot be made, or one that changed meanwhile, is fault.Conflict.
func (s *Service) Approve(ctx context.Context, sc people.Scope, id ID, hash, waiver string) error {
	waiver = strings.TrimSpace(waiver)
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		solo, err := s.solo(ctx, tx, sc, *a, me)
		if err != nil {
			return err
		}
		if err := a.approve(hash, me, waiver, solo, tx.Now()); err != nil {
			return err
		}
		if err := s.fits(ctx, tx, sc, *a); err != nil {
			return err
		}
		args := map[string]string{"revision": itoa(a.Working.N), "hash": hash}
		kind := "advisory.ledger.approved"
		if a.Approval.Waiver != "" {
			kind, args["reason"] = "advisory.ledger.approved_alone", a.Approval.Waiver
		}
		tx.Record(a.entry(kind, sc.Actor(), args))
		return nil
	})
}

// Solo reports whether the scope's person is alone: in the project's team and on
// the case.
func (s *Service) Solo(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (bool, error) {
	me, ok := sc.Person()
	if !ok {
		return false, nil
	}
	return s.solo(ctx, v, sc, a, me)
}

func (s *Service) solo(ctx context.Context, v unit.View, sc people.Scope, a Advisory, me people.PersonID) (bool, error) {
	return around.Solo(ctx, v, sc, s.Roles, me, string(a.Project), a.Object)
}

// Arm says that the end of the embargo may publish the revision with this hash.
// It fails with fault.Conflict that wraps the first blocker when the revision is not
// approved, a branch is open or the publication is held.
func (s *Service) Arm(ctx context.Context, sc people.Scope, id ID, hash string) error {
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if err := s.arm(ctx, tx, sc, a, me, hash, false); err != nil {
			return err
		}
		until, over, err := s.until(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		if over {
			return fault.New(fault.Conflict, "advisory.fault.over")
		}
		s.scheduleStage(tx, *a, until)
		return nil
	})
}

func (s *Service) arm(ctx context.Context, tx unit.Tx, sc people.Scope, a *Advisory, me people.PersonID, hash string, at bool) error {
	c, err := s.tied(ctx, tx, sc, *a)
	if err != nil {
		return err
	}
	if err := a.arm(hash, me, at, c, tx.Now()); err != nil {
		return err
	}
	if err := s.fits(ctx, tx, sc, *a); err != nil {
		return err // the project's settings changed since the approval
	}
	kind := "advisory.ledger.armed"
	if at {
		kind = "advisory.ledger.publish_now"
	}
	tx.Record(a.entry(kind, sc.Actor(), map[string]string{"hash": hash}))
	return nil
}

// Disarm takes the arming back.
func (s *Service) Disarm(ctx context.Context, sc people.Scope, id ID) error {
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, _ people.PersonID, a *Advisory) error {
		if err := a.disarm(); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.disarmed", sc.Actor(), nil))
		return s.Store.DropStaged(ctx, tx, sc, a.ID)
	})
}

// Confirm renews the word that all is still as approved; publication needs one
// from within the 48 hours before it.
func (s *Service) Confirm(ctx context.Context, sc people.Scope, id ID, hash string) error {
	return s.change(ctx, sc, id, func(_ context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if err := a.confirm(hash, me, tx.Now()); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.confirmed", sc.Actor(), map[string]string{"hash": hash}))
		return nil
	})
}

// HoldBack stops the publication for a reason; every member may.
func (s *Service) HoldBack(ctx context.Context, sc people.Scope, id ID, reason string) error {
	if err := around.NeedReason("reason", reason); err != nil {
		return err
	}
	return s.change(ctx, sc, id, func(_ context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if err := a.hold(me, strings.TrimSpace(reason), tx.Now()); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.held", sc.Actor(), map[string]string{"reason": a.Hold.Reason}))
		return nil
	})
}

// Release ends a hold; every member may. Publication of what is overdue is a decision of
// its own: PublishNow.
func (s *Service) Release(ctx context.Context, sc people.Scope, id ID) error {
	return s.change(ctx, sc, id, func(_ context.Context, tx unit.Tx, _ people.PersonID, a *Advisory) error {
		if err := a.release(); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.released", sc.Actor(), nil))
		return nil
	})
}

// Abandon gives up an advisory that was never published. A number that it had
// taken is listed on the site as not used; while the embargo of its case runs nothing is
// told of it, and EmbargoEnded lists it.
func (s *Service) Abandon(ctx context.Context, sc people.Scope, id ID, reason string) error {
	if err := around.NeedReason("reason", reason); err != nil {
		return err
	}
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if err := a.abandon(me, strings.TrimSpace(reason), tx.Now()); err != nil {
			return err
		}
		tx.Record(a.entry("advisory.ledger.abandoned", sc.Actor(), map[string]string{"reason": a.Abandoned.Reason, "number": a.Number}))
		_, over, err := s.until(ctx, tx, sc, *a)
		if err != nil {
			return err
		}
		if a.Number != "" && !a.Import && over {
			if err := s.Site.PutGap(ctx, tx, sc, a.Project, a.Number); err != nil {
				return err
			}
		}
		return s.Store.DropStaged(ctx, tx, sc, a.ID)
	})
}

// PublishNow publishes without waiting for an embargo: the case is public or its embargo
// is over, or this is a correction, a withdrawal or an import. The guards are the
// same; the call is the confirmation. The job KindPublish does the work.
func (s *Service) PublishNow(ctx context.Context, sc people.Scope, id ID, hash string) error {
	return s.change(ctx, sc, id, func(ctx context.Context, tx unit.Tx, me people.PersonID, a *Advisory) error {
		if len(a.Published) == 0 {
			_, over, err := s.until(ctx, tx, sc, *a)
			if err != nil {
				return err
			}
			if !over {
				return fault.New(fault.Conflict, "advisory.fault.embargo")
			}
		}
		if err := s.arm(ctx, tx, sc, a, me, hash, true); err != nil {
			return err
		}
		tx.Enqueue(a.job(KindPublish, tx.Now()))
		return nil
	})
}

// until returns when nothing bans the publication any more.
func (s *Service) until(ctx context.Context, v unit.View, sc people.Scope, a Advisory) (t time.Time, over bool, err error) {
	if a.Case == "" || len(a.Published) > 0 {
		return v.Now(), true, nil
	}
	return s.Embargoes.Until(ctx, v, sc, a.Case)
}
