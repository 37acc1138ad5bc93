package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// write appends n entries to a stream, one transaction each.
func write(t testing.TB, e *sqldbtest.Env, stream string, n int) {
	t.Helper()
	for i := range n {
		e.Clock.Advance(time.Second)
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			tx.Record(unit.Entry{Stream: unit.Stream{Kind: "case", ID: stream}, Kind: "case.noted", Actor: "person:p",
				Args: map[string]string{"i": fmt.Sprint(i)}})
			return nil
		})
	}
}

func checkpoint(t testing.TB, e *sqldbtest.Env) []byte {
	t.Helper()
	e.Clock.Advance(time.Minute)
	note, err := e.Ledger.Now(t.Context())
	if err != nil {
		t.Fatalf("checkpoint: %v", err)
	}
	return []byte(note)
}

func export(t testing.TB, e *sqldbtest.Env) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.Ledger.Export(t.Context(), &b); err != nil {
		t.Fatalf("export: %v", err)
	}
	return b.String()
}

func keys(t testing.TB, e *sqldbtest.Env) (out []string) {
	t.Helper()
	e.View(t, func(ctx context.Context, v unit.View) (err error) {
		out, err = e.Ledger.Keys(ctx, v)
		return err
	})
	return out
}

func verify(t testing.TB, text string, keys []string, earlier ...[]byte) ledger.Report {
	t.Helper()
	r, err := ledger.Verify(t.Context(), strings.NewReader(text), ledger.Against{Keys: keys, Earlier: earlier})
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return r
}

func raw(t testing.TB, e *sqldbtest.Env, q string) {
	t.Helper()
	res, err := e.DB.Writer().ExecContext(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		t.Fatalf("%s: changed nothing", q)
	}
}

// history makes three streams and checkpoints between their entries.
func history(t testing.TB, e *sqldbtest.Env) (notes [][]byte) {
	t.Helper()
	write(t, e, "a", 3)
	write(t, e, "b", 2)
	notes = append(notes, checkpoint(t, e))
	write(t, e, "a", 4)
	notes = append(notes, checkpoint(t, e), checkpoint(t, e))
	write(t, e, "c", 6)
	write(t, e, "a", 1)
	return append(notes, checkpoint(t, e))
}

func TestAnUntouchedLedgerVerifies(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		notes := history(t, e)
		write(t, e, "b", 2)
		r := verify(t, export(t, e), keys(t, e), notes...)
		if !r.OK() || r.Entries != 18 || r.Proven != 16 || r.Unproven != 2 || r.Streams != 3 || len(r.Restores) != 0 {
			t.Errorf("report %+v", r)
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			lines, err := e.Ledger.Read(ctx, v, unit.Stream{Kind: "case", ID: "b"}, 1, 10)
			if err != nil {
				return err
			}
			var proven []bool
			for _, l := range lines {
				proven = append(proven, l.Proven)
			}
			if !slices.Equal(proven, []bool{true, false, false}) {
				t.Errorf("proven %v", proven)
			}
			return nil
		})
	})
}

func TestErasedBodiesStillVerify(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		notes := history(t, e)
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return e.Ledger.Erase(ctx, tx, unit.Stream{Kind: "case", ID: "a"}, 5)
		})
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return e.Seal.Destroy(ctx, tx, "case:c") })
		write(t, e, "c", 1) // begins a new key
		r := verify(t, export(t, e), keys(t, e), notes...)
		if !r.OK() || r.Erased != 5 {
			t.Errorf("report %+v", r)
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			lines, err := e.Ledger.Read(ctx, v, unit.Stream{Kind: "case", ID: "c"}, 0, 10)
			if err != nil {
				return err
			}
			for i, l := range lines {
				if readable := l.Kind != ""; readable != (i == 6) {
					t.Errorf("entry %d after its key was destroyed: %+v", l.Seq, l)
				}
			}
			return nil
		})
	})
}

func TestTamperingWithTheStoreIsNamed(t *testing.T) {
	cases := []struct {
		name string
		sql  []string
		want ledger.Finding
	}{
		{"a changed time", []string{`update ledger_entry set at = at + 1 where stream = 'case:a' and seq = 4`},
			ledger.Finding{Kind: ledger.Changed, Stream: "case:a", Seq: 4}},
		{"a body taken from another entry", []string{`update ledger_body set body = (select body from ledger_body where stream = 'case:a' and seq = 1)
			where stream = 'case:a' and seq = 2`}, ledger.Finding{Kind: ledger.Changed, Stream: "case:a", Seq: 2}},
		{"a changed hash", []string{`update ledger_entry set hash = body_hash where stream = 'case:c' and seq = 6`},
			ledger.Finding{Kind: ledger.Changed, Stream: "case:c", Seq: 6}},
		{"a removed row", []string{`delete from ledger_entry where stream = 'case:a' and seq = 4`},
			ledger.Finding{Kind: ledger.Removed, Stream: "case:a", Seq: 4}},
		{"a removed row, the rest renumbered", []string{`delete from ledger_entry where stream = 'case:c' and seq = 3`,
			`update ledger_entry set seq = 3 where stream = 'case:c' and seq = 4`,
			`update ledger_entry set seq = 4 where stream = 'case:c' and seq = 5`,
			`update ledger_entry set seq = 5 where stream = 'case:c' and seq = 6`},
			ledger.Finding{Kind: ledger.Removed, Stream: "case:c", Seq: 3}},
		{"two rows in the other order", []string{`update ledger_entry set seq = -3 where stream = 'case:c' and seq = 3`,
			`update ledger_entry set seq = 3 where stream = 'case:c' and seq = 4`,
			`update ledger_entry set seq = 4 where stream = 'case:c' and seq = -3`},
			ledger.Finding{Kind: ledger.Reordered, Stream: "case:c", Seq: 3}},
		{"a cut-off tail", []string{`delete from ledger_entry where stream = 'case:c' and seq > 4`},
			ledger.Finding{Kind: ledger.CutOff, Stream: "case:c", Seq: 5}},
		{"a whole stream cut off", []string{`delete from ledger_entry where stream = 'case:b'`},
			ledger.Finding{Kind: ledger.CutOff, Stream: "case:b", Seq: 1}},
		{"a tail cut off back to a leaf with all that points to it", []string{
			`delete from ledger_entry where stream = 'case:c'`, `delete from ledger_head where stream = 'case:c'`,
			`delete from ledger_proof where stream = 'case:c'`,
			`delete from ledger_entry where stream = 'case:a' and seq = 8`, `delete from ledger_proof where stream = 'case:a' and seq = 8`,
			`update ledger_head set seq = 7, hash = (select hash from ledger_entry where stream = 'case:a' and seq = 7) where stream = 'case:a'`},
			ledger.Finding{Kind: ledger.CutOff, Seq: 3}},
		{"the newest leaf removed", []string{`delete from ledger_leaf where n = 3`, `update ledger_proof set leaf = 2 where leaf = 3`},
			ledger.Finding{Kind: ledger.CutOff, Seq: 3}},
		{"a leaf removed in the middle", []string{`delete from ledger_leaf where n = 1`}, ledger.Finding{Kind: ledger.Removed, Seq: 1}},
		{"a changed leaf", []string{`update ledger_leaf set at = at + 1 where n = 1`}, ledger.Finding{Kind: ledger.Changed, Seq: 3}},
		{"a head removed", []string{`delete from ledger_head where stream = 'case:b'`}, ledger.Finding{Kind: ledger.Removed, Stream: "case:b"}},
		{"all checkpoints removed", []string{`delete from ledger_checkpoint`}, ledger.Finding{Kind: ledger.NoCheckpoint}},
		{"a forged checkpoint", []string{`update ledger_checkpoint set note = replace(note, 'tocsin.test', 'tocsin.tost')`},
			ledger.Finding{Kind: ledger.BadSignature}},
	}
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		history(t, e)
		back := snapshot(t, e)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				back(t)
				for _, q := range c.sql {
					raw(t, e, q)
				}
				r := verify(t, export(t, e), keys(t, e))
				if r.OK() || r.Findings[0] != c.want {
					t.Errorf("findings %+v, want %+v first", r.Findings, c.want)
				}
			})
		}
	})
}

// TestARewriteIsNamed is the attacker who may do all: he writes another history
// with the true keys.
func TestARewriteIsNamed(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		empty := snapshot(t, e)
		notes := history(t, e)
		t.Run("unsigned: another end of one stream", func(t *testing.T) {
			back := snapshot(t, e)
			defer back(t)
			raw(t, e, `delete from ledger_entry where stream = 'case:c' and seq = 6`)
			raw(t, e, `delete from ledger_body where stream = 'case:c' and seq = 6`)
			raw(t, e, `update ledger_head set seq = 5, hash = (select hash from ledger_entry where stream = 'case:c' and seq = 5) where stream = 'case:c'`)
			write(t, e, "c", 1)
			if r := verify(t, export(t, e), keys(t, e)); r.OK() || r.Findings[0].Kind != ledger.Rewritten {
				t.Errorf("findings %+v", r.Findings)
			}
		})
		t.Run("fully re-signed", func(t *testing.T) {
			back := snapshot(t, e)
			defer back(t)
			empty(t)
			for range 3 {
				write(t, e, "a", 2)
				checkpoint(t, e)
				checkpoint(t, e)
			}
			if _, err := e.Ledger.Restored(t.Context()); err != nil { // to look harmless
				t.Fatal(err)
			}
			text := export(t, e)
			if r := verify(t, text, keys(t, e)); !r.OK() {
				t.Errorf("without an earlier checkpoint it cannot be seen: %+v", r.Findings)
			}
			for i, n := range notes {
				if r := verify(t, text, keys(t, e), n); r.OK() || r.Findings[0].Kind != ledger.Rewritten {
					t.Errorf("against checkpoint %d: %+v", i, r.Findings)
				}
			}
		})
		t.Run("the log kept, its streams replaced and signed anew", func(t *testing.T) {
			back := snapshot(t, e)
			defer back(t)
			raw(t, e, `delete from ledger_entry where stream = 'case:c'`)
			raw(t, e, `delete from ledger_body where stream = 'case:c'`)
			raw(t, e, `delete from ledger_head where stream = 'case:c'`)
			raw(t, e, `delete from ledger_proof where stream = 'case:c'`)
			write(t, e, "c", 6)
			checkpoint(t, e)
			if r := verify(t, export(t, e), keys(t, e), notes[3]); r.OK() || r.Findings[0].Kind != ledger.Rewritten {
				t.Errorf("findings %+v", r.Findings)
			}
		})
	})
}

func TestARestoreIsNotTakenForARewrite(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		notes := history(t, e)
		backup := snapshot(t, e)
		write(t, e, "a", 2)
		after := checkpoint(t, e)
		later := checkpoint(t, e)
		backup(t)
		if r := verify(t, export(t, e), keys(t, e), later); r.OK() || r.Findings[0].Kind != ledger.CutOff {
			t.Errorf("a restore that nobody declares: %+v", r.Findings)
		}
		if _, err := e.Ledger.Restored(t.Context()); err != nil {
			t.Fatal(err)
		}
		write(t, e, "a", 3)
		checkpoint(t, e)
		checkpoint(t, e)
		text := export(t, e)
		if r := verify(t, text, keys(t, e), notes...); !r.OK() || len(r.Restores) != 1 || r.Restores[0].Lost || !r.Restores[0].Vouched || r.Restores[0].Leaf != 4 {
			t.Errorf("against checkpoints from before: %+v", r)
		}
		if r := verify(t, text, keys(t, e), notes[3], after, later); !r.OK() || !r.Restores[0].Lost || !r.Restores[0].Vouched {
			t.Errorf("against checkpoints that were lost: %+v", r)
		}
		if r := verify(t, text, keys(t, e), later); !r.Restores[0].Lost || r.Restores[0].Vouched {
			t.Errorf("against a lost checkpoint alone: %+v", r)
		}
	})
}

func TestCheckpointsOfARetiredKeyStillVerify(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		notes := history(t, e)
		old := keys(t, e)
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			_, err := e.Ledger.RotateKey(ctx, tx)
			return err
		})
		checkpoint(t, e)
		if r := verify(t, export(t, e), keys(t, e), notes...); !r.OK() {
			t.Errorf("with both keys: %+v", r.Findings)
		}
		if r := verify(t, export(t, e), old); r.OK() || r.Findings[0].Kind != ledger.BadSignature {
			t.Errorf("with the old key alone: %+v", r.Findings)
		}
	})
}

// Keys were named after the present domain: when the site moved from its first address
// to its own domain, its earlier checkpoints showed as signed by a stranger.
func TestASiteThatMovesToAnotherDomainKeepsItsKey(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		notes := history(t, e)
		old := keys(t, e)
		e.Ledger.Origin = "tocsin/security.example.org"
		write(t, e, "a", 1)
		if now := keys(t, e); !slices.Equal(now, old) {
			t.Errorf("the keys are %q, they were %q", now, old)
		}
		notes = append(notes, checkpoint(t, e))
		if r := verify(t, export(t, e), keys(t, e), notes...); !r.OK() || r.Checkpoint.Origin != "tocsin.test" {
			t.Errorf("after the move: %+v", r)
		}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			_, err := e.Ledger.RotateKey(ctx, tx)
			return err
		})
		notes = append(notes, checkpoint(t, e))
		if r := verify(t, export(t, e), keys(t, e), notes...); !r.OK() || r.Checkpoint.Origin != e.Ledger.Origin {
			t.Errorf("under the new name: %+v", r)
		}
	})
}

func TestOldCheckpointsAreThinnedToOneADay(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		write(t, e, "a", 1)
		var last []byte
		for range 5 {
			last = checkpoint(t, e)
		}
		for range 9 {
			e.Clock.Advance(24 * time.Hour)
			checkpoint(t, e)
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			list, err := e.Ledger.Checkpoints(ctx, v, 100)
			if len(list) != 10 || list[9] != string(last) {
				t.Errorf("%d checkpoints, the oldest %q", len(list), list[len(list)-1])
			}
			return err
		})
		if r := verify(t, export(t, e), keys(t, e), last); !r.OK() {
			t.Errorf("findings %+v", r.Findings)
		}
	})
}

// snapshot copies the tables of the ledger and returns a function that brings
// them back to this state: a backup, as far as the ledger goes.
func snapshot(t testing.TB, e *sqldbtest.Env) func(testing.TB) {
	t.Helper()
	tables := []string{"ledger_head", "ledger_entry", "ledger_body", "ledger_leaf", "ledger_proof", "ledger_node", "ledger_checkpoint"}
	saved := map[string][][]any{}
	for _, table := range tables {
		rows, err := e.DB.Reader().QueryContext(t.Context(), "select * from "+table)
		if err != nil {
			t.Fatal(err)
		}
		cols, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			vals := make([]any, len(cols))
			for i := range vals {
				vals[i] = new(any)
			}
			if err := rows.Scan(vals...); err != nil {
				t.Fatal(err)
			}
			for i := range vals {
				vals[i] = *vals[i].(*any)
				if b, ok := vals[i].([]byte); ok {
					vals[i] = bytes.Clone(b)
				}
			}
			saved[table] = append(saved[table], vals)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return func(t testing.TB) {
		t.Helper()
		e.Do(t, func(ctx context.Context, tx unit.Tx) error {
			c := sqldb.Of(tx)
			for _, table := range tables {
				if _, err := c.Exec(ctx, "delete from "+table); err != nil {
					return err
				}
				for _, vals := range saved[table] {
					if _, err := c.Exec(ctx, "insert into "+table+" values ("+sqldb.Marks(len(vals))+")", vals...); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
}
