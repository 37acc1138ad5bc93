package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// Row is one row of a result.
type Row interface{ Scan(dest ...any) error }

// One returns the first row of the query, read by scan. No row is
// fault.Missing(), which is also the answer for what the scope may not see.
func One[T any](ctx context.Context, v unit.View, scan func(Row) (T, error), q string, args ...any) (T, error) {
	t, err := scan(Of(v).QueryRow(ctx, q, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var zero T
		return zero, fault.Missing()
	}
	return t, Of(v).explain(err)
}

// All returns every row of the query, read by scan. No row is an empty slice.
func All[T any](ctx context.Context, v unit.View, scan func(Row) (T, error), q string, args ...any) ([]T, error) {
	rows, err := Of(v).Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		t, err := scan(rows)
		if err != nil {
			return nil, Of(v).explain(err)
		}
		out = append(out, t)
	}
	return out, Of(v).explain(rows.Err())
}

// Value is a scan function for a query with one column.
func Value[T any](r Row) (T, error) {
	var t T
	err := r.Scan(&t)
	return t, err
}

// Marks returns n placeholders with commas between, for "in (...)".
func Marks(n int) string {
	if n <= 0 {
		return "null" // in (null) is true for nothing on both engines
	}
	return strings.Repeat("?,", n-1) + "?"
}

// Limit is the end of a query that returns at most n rows. The number stands in the text:
// SQLite compiles a statement with "limit ?" anew each time that it is run, since the plan
// may depend on the number (sqlite3ExprIsInteger marks the variable), and that can cost
// more than to run it. Use it for few different numbers: each makes a text of its own.
func Limit(n int) string { return " limit " + strconv.Itoa(n) }

// Nearest is the SQL expression for the greatest value of a table's column that is not
// above that of the expression at, and for the greatest of all where none is lower: the key
// itself when it is there. A look-up that must not tell what is hidden from what is absent
// begins with it, so that either reads a row; keys are random, and the query says no to
// every one but the key asked for. All three are constants of the calling code.
func Nearest(table, column, at string) string {
	return "coalesce((select nearest." + column + " from " + table + " nearest where nearest." + column + " <= " + at +
		" order by nearest." + column + " desc limit 1), (select max(nearest." + column + ") from " + table + " nearest))"
}
