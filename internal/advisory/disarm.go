package advisory

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// ArmedRow is an armed advisory as an administrator may know it: ids alone.
type ArmedRow struct {
	ID     ID
	Object string
}

// ArmedList lists the armed advisories for administrators, nothing for others.
type ArmedList interface {
	Armed(ctx context.Context, v unit.View, sc people.Scope) ([]ArmedRow, error)
}

// KindResume names the job on whose behalf DisarmAll changes an advisory.
const KindResume = "advisory.resume"

// DisarmAll takes every arming back, for the operator of a restored site: what was
// armed in a backup may have been held, changed or published after it. Members
// find their advisories disarmed, with an entry that says by whom, and decide anew.
// It returns how many there were; list says which, for the operator's scope sc.
func (s *Service) DisarmAll(ctx context.Context, tx unit.Tx, sc people.Scope, list ArmedList) (int, error) {
	rows, err := list.Armed(ctx, tx, sc)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		job := people.AsJob(KindResume, r.Object)
		a, err := s.Store.Lock(ctx, tx, job, r.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if err := a.disarm(); err != nil {
			return 0, err
		}
		tx.Record(a.entry("advisory.ledger.disarmed", sc.Actor(), nil))
		if err := s.Store.Save(ctx, tx, job, a); err != nil {
			return 0, err
		}
		if err := s.Store.DropStaged(ctx, tx, job, a.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
