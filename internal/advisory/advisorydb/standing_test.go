package advisorydb_test

import (
	"context"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func TestTheOperatorOfARestoredSiteTakesArmingsBack(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		id := w.armed()
		operator, store := people.AsJob(account.JobAdmin), &advisorydb.Store{} // without a key: nothing sealed is opened
		count := func(sc people.Scope) (n int) {
			w.View(t, func(ctx context.Context, v unit.View) (err error) {
				n, err = store.CountArmed(ctx, v, sc)
				return err
			})
			return n
		}
		if count(operator) != 1 || count(w.lead) != 0 {
			t.Fatalf("armed: the operator counts %d, the lead %d", count(operator), count(w.lead))
		}
		w.Do(t, func(ctx context.Context, tx unit.Tx) error {
			n, err := w.svc.DisarmAll(ctx, tx, operator, store)
			if n != 1 {
				t.Errorf("%d armings taken back", n)
			}
			return err
		})
		if a := w.a(id); a.State() != advisory.Approved || count(operator) != 0 {
			t.Errorf("afterwards it is %s and %d are armed", a.State(), count(operator))
		}
		w.Clock.Set(w.until)
		w.end()
		if a := w.a(id); len(a.Published) > 0 || a.Overdue.IsZero() {
			t.Errorf("at the end of the embargo: %s, overdue since %s", a.State(), a.Overdue)
		}
	})
}
