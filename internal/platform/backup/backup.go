// Package backup writes the whole store into one age-encrypted file and fills an
// empty store from it, on either engine. It copies rows and reads no content:
// what is sealed stays sealed with the site key, which is never in a backup.
//
// The file is age(gzip(lines of JSON)): a header, then for each table its name and
// columns followed by its rows, then an end line that counts all rows, so that
// a file that was cut off is known as such before anything is committed.
//
// What a restored site holds back until a person decides is not here but in
// internal/server.
package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// format is the version of the file's form.
const format = 1

// header is the first line.
type header struct {
	Format   int              `json:"tocsin_backup"`
	At       time.Time        `json:"at"`
	Engine   string           `json:"engine"`
	Versions map[string]int64 `json:"versions"` // of the schema, by source
}

// line is every other line: a table begins, or the file ends.
type line struct {
	Table   string   `json:"table,omitempty"`
	Columns []string `json:"columns,omitempty"`
	End     bool     `json:"end,omitempty"`
	Rows    int64    `json:"rows,omitempty"` // in all tables, with End
}

// Done says what was copied.
type Done struct {
	At     time.Time
	Tables int
	Rows   int64
}

// Write copies the store as it is at one instant to w, encrypted to the
// recipients. Writers are not held up. tell, when not nil, hears the progress.
func Write(ctx context.Context, db *sqldb.DB, sources []sqldb.Source, w io.Writer, now time.Time, recipients []age.Recipient, tell func(table string, rows int64)) (Done, error) {
	sealed, err := age.Encrypt(w, recipients...)
	if err != nil {
		return Done{}, fmt.Errorf("encrypt backup: %w", err)
	}
	packed := gzip.NewWriter(sealed)
	lines := bufio.NewWriterSize(packed, 64<<10)
	done, err := write(ctx, db, sources, lines, now, tell)
	if err != nil {
		return done, err
	}
	return done, errors.Join(lines.Flush(), packed.Close(), sealed.Close())
}

func write(ctx context.Context, db *sqldb.DB, sources []sqldb.Source, w io.Writer, now time.Time, tell func(string, int64)) (Done, error) {
	done := Done{At: now}
	versions, err := db.Versions(ctx, sources)
	if err != nil {
		return done, err
	}
	tx, err := db.Reader().BeginTx(ctx, snapshot(db))
	if err != nil {
		return done, fmt.Errorf("begin snapshot: %w", err)
	}
	defer tx.Rollback()
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	if err := out.Encode(header{format, now, db.Dialect().String(), versions}); err != nil {
		return done, err
	}
	tables, err := tables(ctx, tx, db.Dialect())
	if err != nil {
		return done, err
	}
	for _, t := range tables {
		n, err := writeTable(ctx, tx, t, out)
		if err != nil {
			return done, fmt.Errorf("copy table %s: %w", t.name, err)
		}
		done.Tables++
		done.Rows += n
		if tell != nil {
			tell(t.name, n)
		}
	}
	return done, out.Encode(line{End: true, Rows: done.Rows})
}

// snapshot is the isolation in which all tables are seen at one instant. On
// SQLite every read transaction is one.
func snapshot(db *sqldb.DB) *sql.TxOptions {
	if db.Dialect() == sqldb.Postgres {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return nil
}

func writeTable(ctx context.Context, tx *sql.Tx, t table, out *json.Encoder) (int64, error) {
	if err := out.Encode(line{Table: t.name, Columns: t.columns}); err != nil {
		return 0, err
	}
	rows, err := tx.QueryContext(ctx, "select "+list(t.columns)+" from "+quote(t.name))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	values, pointers := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		pointers[i] = &values[i]
	}
	var n int64
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			return n, err
		}
		for i, v := range values {
			if raw, ok := v.([]byte); ok {
				if raw == nil {
					raw = []byte{} // what SQLite's driver gives for empty bytes
				}
				values[i] = bytesValue{raw}
			}
		}
		if err := out.Encode(values); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// bytesValue keeps bytes apart from text: {"b":"base64"}.
type bytesValue struct {
	B []byte `json:"b"`
}
