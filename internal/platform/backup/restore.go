package backup

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// lineLimit bounds one line: the largest row is a 64 KiB chunk or a published
// document of some MB, and base64 adds a third.
const lineLimit = 256 << 20

// ErrNotEmpty says that the store already holds something.
var ErrNotEmpty = errors.New("the store is not empty: restore into a new --data folder or an empty database")

// Read fills the empty store behind db from r. The schema is first brought to the
// version of the backup and afterwards to the newest. Nothing is committed unless
// the whole file was read and its count is right. finish runs in the same
// transaction, after the rows are in.
func Read(ctx context.Context, db *sqldb.DB, sources []sqldb.Source, r io.Reader, identities []age.Identity, finish func(context.Context, *sql.Tx) error) (Done, error) {
	plain, err := age.Decrypt(r, identities...)
	if err != nil {
		return Done{}, fmt.Errorf("decrypt backup: %w", err)
	}
	unpacked, err := gzip.NewReader(plain)
	if err != nil {
		return Done{}, fmt.Errorf("unpack backup: %w", err)
	}
	in := json.NewDecoder(&bounded{r: unpacked})
	in.UseNumber()
	var h header
	if err := in.Decode(&h); err != nil || h.Format == 0 {
		return Done{}, fmt.Errorf("this is no backup of Tocsin: %w", errors.Join(err, errNoHeader))
	}
	if h.Format != format {
		return Done{}, fmt.Errorf("the backup has form %d, this program reads form %d", h.Format, format)
	}
	if err := db.MigrateTo(ctx, sources, h.Versions); err != nil {
		return Done{}, err
	}
	done, err := load(ctx, db, in, h, finish)
	if err != nil {
		return done, err
	}
	return done, db.Migrate(ctx, sources)
}

var errNoHeader = errors.New("its first line is not our header")

func load(ctx context.Context, db *sqldb.DB, in *json.Decoder, h header, finish func(context.Context, *sql.Tx) error) (Done, error) {
	done := Done{At: h.At}
	tx, err := db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return done, fmt.Errorf("begin restore: %w", err)
	}
	defer tx.Rollback()
	known, err := tables(ctx, tx, db.Dialect())
	if err != nil {
		return done, err
	}
	if err := emptyOrSeeded(ctx, tx, known); err != nil {
		return done, err
	}
	l := loader{tx: tx, dialect: db.Dialect(), known: known}
	if err := l.all(ctx, in, &done); err != nil {
		return done, err
	}
	if finish != nil {
		if err := finish(ctx, tx); err != nil {
			return done, err
		}
	}
	return done, tx.Commit()
}

// emptyOrSeeded refuses a store with rows. Rows that the migrations themselves
// put in would be there twice, so that they are refused as well: migrations of this
// project only make tables.
func emptyOrSeeded(ctx context.Context, tx *sql.Tx, known []table) error {
	for _, t := range known {
		var one int
		err := tx.QueryRowContext(ctx, "select 1 from "+quote(t.name)+" limit 1").Scan(&one)
		if err == nil {
			return fmt.Errorf("%w (table %s)", ErrNotEmpty, t.name)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}

type loader struct {
	tx      *sql.Tx
	dialect sqldb.Dialect
	known   []table
	insert  *sql.Stmt
	columns int
}

// all reads lines until the end line. A line is an object (table, end) or an
// array (row of the table before it).
func (l *loader) all(ctx context.Context, in *json.Decoder, done *Done) error {
	for {
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return fmt.Errorf("the backup ends early or is damaged after %d rows: %w", done.Rows, err)
		}
		if bytes.HasPrefix(raw, []byte("[")) {
			if err := l.row(ctx, raw); err != nil {
				return fmt.Errorf("row %d: %w", done.Rows+1, err)
			}
			done.Rows++
			continue
		}
		var at line
		if err := json.Unmarshal(raw, &at); err != nil {
			return fmt.Errorf("after %d rows: %w", done.Rows, err)
		}
		if at.End {
			if at.Rows != done.Rows {
				return fmt.Errorf("the backup says %d rows and has %d", at.Rows, done.Rows)
			}
			return nil
		}
		if err := l.begin(ctx, at); err != nil {
			return err
		}
		done.Tables++
	}
}

func (l *loader) begin(ctx context.Context, at line) error {
	i := slices.IndexFunc(l.known, func(t table) bool { return t.name == at.Table })
	if i < 0 {
		return fmt.Errorf("the backup has a table %q that this program does not know", at.Table)
	}
	for _, c := range at.Columns {
		if !slices.Contains(l.known[i].columns, c) {
			return fmt.Errorf("the backup has a column %q in table %q that this program does not know", c, at.Table)
		}
	}
	marks := make([]string, len(at.Columns))
	for n := range marks {
		marks[n] = "?"
		if l.dialect == sqldb.Postgres {
			marks[n] = "$" + strconv.Itoa(n+1)
		}
	}
	if l.insert != nil {
		l.insert.Close()
	}
	var err error
	l.columns = len(at.Columns)
	l.insert, err = l.tx.PrepareContext(ctx, "insert into "+quote(at.Table)+" ("+list(at.Columns)+") values ("+strings.Join(marks, ", ")+")")
	return err
}

func (l *loader) row(ctx context.Context, raw json.RawMessage) error {
	if l.insert == nil {
		return errors.New("a row stands before its table")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var cells []any
	if err := d.Decode(&cells); err != nil {
		return err
	}
	if len(cells) != l.columns {
		return fmt.Errorf("%d cells, want %d", len(cells), l.columns)
	}
	for i, c := range cells {
		v, err := cell(c)
		if err != nil {
			return err
		}
		cells[i] = v
	}
	_, err := l.insert.ExecContext(ctx, cells...)
	return err
}

// cell turns a JSON value back into what was read from the store.
func cell(v any) (any, error) {
	switch x := v.(type) {
	case nil, string:
		return x, nil
	case json.Number:
		return x.Int64()
	case map[string]any:
		b, there := x["b"]
		text, ok := b.(string)
		// Earlier versions wrote null for empty bytes of SQLite.
		if !there || len(x) != 1 || !ok && b != nil {
			return nil, errors.New("a cell has an unknown form")
		}
		return base64.StdEncoding.AppendDecode([]byte{}, []byte(text))
	default:
		return nil, fmt.Errorf("a cell is a %T", v)
	}
}

// bounded fails when more than lineLimit bytes come without a line's end.
type bounded struct {
	r    io.Reader
	open int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if at := bytes.LastIndexByte(p[:n], '\n'); at >= 0 {
		b.open = n - at - 1
	} else {
		b.open += n
	}
	if b.open > lineLimit {
		return n, errors.New("a line is too long")
	}
	return n, err
}
