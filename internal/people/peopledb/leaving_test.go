package peopledb_test

import (
	"context"
	"sync"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Two chairs who left at once each saw the other stay, and nobody led the project; the same
// for the two who were on duty.
func TestTheLastTwoDoNotLeaveAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		two := []people.PersonID{s.person(t, "ann"), s.person(t, "bob")}
		job := people.AsJob("test", "p1")
		for _, role := range []people.Role{people.Chair, people.Moderator} {
			s.Do(t, func(ctx context.Context, tx unit.Tx) error {
				for _, who := range two {
					for _, r := range []people.Role{people.TeamMember, role} {
						if err := s.store.AddGrant(ctx, tx, job, people.Grant{Object: "p1", Holder: who, Role: r, By: "test", Since: tx.Now()}); err != nil {
							return err
						}
					}
				}
				return nil
			})
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, who := range two {
				wg.Go(func() {
					errs[i] = s.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
						if role == people.Moderator {
							return s.team.Duty(ctx, tx, people.AsPerson(who), "p1", who, false)
						}
						return s.team.Grants.End(ctx, tx, people.AsPerson(who), "p1", who, role, "goes")
					})
				})
			}
			wg.Wait()
			refused := 0
			for _, err := range errs {
				if fault.Is(err, fault.Conflict) {
					refused++
				} else if err != nil {
					t.Errorf("%s: %v", role, err)
				}
			}
			if refused != 1 {
				t.Errorf("%s: %d of the last two stay", role, refused)
			}
		}
	})
}
