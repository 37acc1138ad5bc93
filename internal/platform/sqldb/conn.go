package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Conn is the SQL behind one unit.View or unit.Tx. It lives as long as its
// closure runs and is used by one goroutine.
type Conn struct {
	tx       *sql.Tx
	db       *DB
	writable bool
}

// Dialect returns the kind of database.
func (c *Conn) Dialect() Dialect { return c.db.dialect }

// Lock returns the end of a select that locks its rows until the transaction
// ends: " for update" on PostgreSQL, nothing on SQLite, whose one writer has
// the whole store.
func (c *Conn) Lock() string {
	if c.db.dialect == Postgres && c.writable {
		return " for update"
	}
	return ""
}

// SkipLocked is Lock that passes over rows which another transaction holds.
func (c *Conn) SkipLocked() string {
	if c.db.dialect == Postgres && c.writable {
		return " for update skip locked"
	}
	return ""
}

// Exec runs a statement and returns how many rows it changed. Errors of the
// engine come back as faults where an operator can act; see IsUnique for
// conflicts.
func (c *Conn) Exec(ctx context.Context, q string, args ...any) (int64, error) {
	if !c.writable {
		return 0, fmt.Errorf("sqldb: write in a view: %s", q)
	}
	vals, err := plain(args)
	if err != nil {
		return 0, err
	}
	res, err := c.tx.ExecContext(ctx, c.text(q), vals...)
	if err != nil {
		return 0, c.explain(err)
	}
	n, err := res.RowsAffected()
	return n, c.explain(err)
}

// Query runs a query; the caller closes the rows before the next statement.
// One and All are easier.
func (c *Conn) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	vals, err := plain(args)
	if err != nil {
		return nil, err
	}
	rows, err := c.tx.QueryContext(ctx, c.text(q), vals...)
	return rows, c.explain(err)
}

// QueryRow runs a query for at most one row; Scan returns sql.ErrNoRows when
// there is none.
func (c *Conn) QueryRow(ctx context.Context, q string, args ...any) *sql.Row {
	vals, err := plain(args)
	if err != nil {
		// The driver refuses the argument in the same way when it sees it.
		vals = args
	}
	return c.tx.QueryRowContext(ctx, c.text(q), vals...)
}

// explain is explain that remembers a lock of somebody else.
func (c *Conn) explain(err error) error {
	if isLocked(err) {
		c.db.locks.note()
	}
	return explain(err)
}

func (c *Conn) text(q string) string {
	q = watched(q)
	if c.db.dialect == Postgres {
		return dollars(q)
	}
	return q
}

// plain turns arguments into what both drivers store alike: named string types
// become strings, truth values 0 and 1, times microseconds.
func plain(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		if t, ok := a.(time.Time); ok {
			out[i] = Micros(t)
			continue
		}
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, fmt.Errorf("sqldb: argument %d: %w", i+1, err)
		}
		switch x := v.(type) {
		case bool:
			v = int64(0)
			if x {
				v = int64(1)
			}
		case time.Time:
			v = Micros(x)
		}
		out[i] = v
	}
	return out, nil
}

// dollars turns ? into $1, $2, ... outside quoted text and comments.
func dollars(q string) string {
	if !strings.Contains(q, "?") {
		return q
	}
	var b strings.Builder
	b.Grow(len(q) + 16)
	n := 0
	var quote byte
	for i := 0; i < len(q); i++ {
		ch := q[i]
		switch {
		case quote == '\n':
			if ch == '\n' {
				quote = 0
			}
		case quote != 0:
			if ch == quote {
				quote = 0
			}
		case ch == '\'' || ch == '"':
			quote = ch
		case ch == '-' && i+1 < len(q) && q[i+1] == '-':
			quote = '\n'
		case ch == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(ch)
	}
	return b.String()
}
