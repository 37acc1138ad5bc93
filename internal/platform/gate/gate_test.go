package gate_test

import (
	"context"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func TestAGateStaysClosedUntilItIsOpened(t *testing.T) {
	sqldbtest.Each(t, []sqldb.Source{gate.Migrations()}, func(t *testing.T, e *sqldbtest.Env) {
		closed := func() (is bool) {
			e.View(t, func(ctx context.Context, v unit.View) (err error) {
				is, err = gate.Closed(ctx, v, gate.Sending)
				return err
			})
			return is
		}
		if closed() {
			t.Fatal("a new site's gate is closed")
		}
		for range 2 {
			e.Do(t, func(ctx context.Context, tx unit.Tx) error { return gate.Close(ctx, tx, gate.Sending, "gate.restored") })
		}
		if !closed() {
			t.Fatal("a closed gate is open")
		}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return gate.Open(ctx, tx, gate.Sending) })
		if closed() {
			t.Fatal("an opened gate is closed")
		}
		err := e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error { return gate.Open(ctx, tx, gate.Sending) })
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("opening an open gate: %v", err)
		}
	})
}
