package sqldb_test

import (
	"context"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// A look-up of what is absent read a row less than one of what is hidden, and four of
// seventeen could be told apart by it on SQLite.
func TestEveryKeyHasANearestRow(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		w := e.DB.Writer()
		for _, q := range []string{`create table things (id text primary key)`, `insert into things (id) values ('b'), ('d'), ('f')`} {
			if _, err := w.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			for fact, c := range map[string][2]string{
				"the key itself":                    {"d", "d"},
				"one that is absent":                {"e", "d"},
				"one above all":                     {"z", "f"},
				"one below all, which wraps around": {"a", "f"},
				"what is no key":                    {"", "f"},
			} {
				got, err := sqldb.One(ctx, v, sqldb.Value[string], `select `+sqldb.Nearest("things", "id", "x.id")+` from (select cast(? as text) as id) x`, c[0])
				if err != nil || got != c[1] {
					t.Errorf("%s: %q is answered with %q, %v", fact, c[0], got, err)
				}
			}
			return nil
		})
	})
}
