// Package ledger is the record of what happened: a hash-chained stream for each
// case, report, person and project, appended in the transaction that makes the
// change (it implements sqldb.Recorder). Once a minute Checkpoint commits all
// heads to one tile log (x/mod/sumdb/tlog) and signs its size and root as a note;
// entries after the last checkpoint are "not yet proven". What an entry says is
// sealed, and the chain hashes the ciphertext, so that retention and lawful
// erasure can remove bodies while Verify still holds.
//
// Export writes the whole record as lines, and Verify reads such lines with the
// public key and, better, an earlier checkpoint, without the store.
//
// What is not here: who may read a stream (the domain that owns it), the texts
// of entries (catalogue) and who saw what (casework).
package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("ledger", files) }

// Ledger appends to and reads the record. Its fields must be set.
type Ledger struct {
	Work   unit.Work
	Seal   *seal.Sealer
	Origin string // names the log in checkpoints of a new key, "tocsin/security.example.org"
}

// Line is one entry as people of its scope read it.
type Line struct {
	Seq    int64
	At     time.Time
	Kind   string // catalogue key, "" when the body was removed
	Actor  string
	Args   map[string]string
	Proven bool // covered by a signed checkpoint
}

// name is the stream's key in the tables, and the confidence that seals it.
func name(s unit.Stream) string { return s.Kind + ":" + s.ID }

type body struct {
	Kind  string            `json:"k"`
	Actor string            `json:"w"`
	Args  map[string]string `json:"a,omitempty"`
}

// bodyAt binds a body to its stream; its place there is the chain's matter.
func bodyAt(stream string) seal.At {
	return seal.At{Table: "ledger_body", Row: stream, Column: "body"}
}

// link is the hash of an entry: SHA-256 over a version byte, the hash before it
// (zeroes for the first), the time, the hash of the sealed body and the stream.
// The place in the stream follows from the chain. Two blocks for a usual name.
func link(buf []byte, prev []byte, stream string, at int64, bodyHash []byte) [sha256.Size]byte {
	buf = append(buf[:0], 1)
	buf = append(buf, prev...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(at))
	buf = append(buf, bodyHash...)
	buf = append(buf, stream...)
	return sha256.Sum256(buf)
}

// Append implements sqldb.Recorder. Keys are made before heads are locked, and
// heads in sorted order, so that transactions never wait in a circle.
func (l *Ledger) Append(ctx context.Context, tx unit.Tx, entries []unit.Entry) error {
	byStream := map[string][]unit.Entry{}
	for _, e := range entries {
		if e.Kind == "" || e.Stream.Kind == "" || strings.ContainsAny(name(e.Stream), " \n\"\\") {
			return fmt.Errorf("ledger: bad entry %q in stream %q", e.Kind, name(e.Stream))
		}
		byStream[name(e.Stream)] = append(byStream[name(e.Stream)], e)
	}
	var streams []string
	for s := range byStream {
		streams = append(streams, s)
	}
	slices.Sort(streams)
	boxes := make([]*seal.Box, len(streams))
	for i, s := range streams {
		var err error
		if boxes[i], err = l.Seal.Box(ctx, tx, s); err != nil {
			return err
		}
	}
	for i, s := range streams {
		if err := appendStream(ctx, tx, s, boxes[i], byStream[s]); err != nil {
			return fmt.Errorf("append to the ledger: %w", err)
		}
	}
	return nil
}

func appendStream(ctx context.Context, tx unit.Tx, stream string, box *seal.Box, entries []unit.Entry) error {
	c := sqldb.Of(tx)
	seq, hash, err := lockHead(ctx, c, stream)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(entries, atOnce) {
		if seq, hash, err = appendSome(ctx, tx, stream, box, seq, hash, some); err != nil {
			return err
		}
	}
	_, err = c.Exec(ctx, `update ledger_head set seq = ?, hash = ? where stream = ?`, seq, hash, stream)
	return err
}

// atOnce is how many entries one statement writes.
const atOnce = 16

// appendSome writes entries behind the one with this number and hash, and returns those of
// the last.
func appendSome(ctx context.Context, tx unit.Tx, stream string, box *seal.Box, seq int64, hash []byte, entries []unit.Entry) (int64, []byte, error) {
	c := sqldb.Of(tx)
	var links, bodies []any
	for _, e := range entries {
		plain, err := json.Marshal(body{e.Kind, e.Actor, e.Args})
		if err != nil {
			return 0, nil, err
		}
		sealed := box.Seal(bodyAt(stream), plain)
		sum := sha256.Sum256(sealed)
		at := sqldb.Micros(tx.Now())
		next := link(nil, hash, stream, at, sum[:])
		seq++
		links = append(links, stream, seq, at, hash, sum[:], next[:])
		bodies = append(bodies, stream, seq, sealed)
		hash = next[:]
	}
	n := len(entries)
	_, err := c.Exec(ctx, `insert into ledger_entry (stream, seq, at, prev, body_hash, hash) values `+rows(n, "(?, ?, ?, ?, ?, ?)"), links...)
	if err != nil {
		return 0, nil, err
	}
	_, err = c.Exec(ctx, `insert into ledger_body (stream, seq, body) values `+rows(n, "(?, ?, ?)"), bodies...)
	return seq, hash, err
}

// rows are the marks of n rows.
func rows(n int, row string) string { return strings.Repeat(row+", ", n-1) + row }

// lockHead returns the head of a stream, made when it is new, and holds its row.
func lockHead(ctx context.Context, c *sqldb.Conn, stream string) (seq int64, hash []byte, err error) {
	q := `select seq, hash from ledger_head where stream = ?` + c.Lock()
	err = c.QueryRow(ctx, q, stream).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = c.Exec(ctx, `insert into ledger_head (stream, seq, hash) values (?, 0, ?) on conflict do nothing`,
			stream, make([]byte, sha256.Size))
		if err != nil {
			return 0, nil, err
		}
		err = c.QueryRow(ctx, q, stream).Scan(&seq, &hash)
	}
	return seq, hash, err
}

// Read returns up to limit entries of a stream after a sequence number, oldest
// first. The caller has checked that the stream may be read. An entry whose body
// was removed, or whose key was destroyed, has an empty Kind.
func (l *Ledger) Read(ctx context.Context, v unit.View, s unit.Stream, after int64, limit int) ([]Line, error) {
	type row struct {
		Line
		sealed []byte
	}
	var proven sql.NullInt64
	err := sqldb.Of(v).QueryRow(ctx, `select max(seq) from ledger_proof where stream = ?`, name(s)).Scan(&proven)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (x row, err error) {
		var at int64
		err = r.Scan(&x.Seq, &at, &x.sealed)
		x.At = sqldb.Time(at)
		return x, err
	}, `select e.seq, e.at, b.body from ledger_entry e left join ledger_body b on b.stream = e.stream and b.seq = e.seq
		where e.stream = ? and e.seq > ? order by e.seq`+sqldb.Limit(limit), name(s), after)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	out := make([]Line, len(rows))
	for i, r := range rows {
		out[i] = r.Line
		out[i].Proven = r.Seq <= proven.Int64
		if err := l.open(ctx, v, name(s), r.sealed, &out[i]); err != nil {
			return nil, fmt.Errorf("read entry %d of %s: %w", r.Seq, name(s), err)
		}
	}
	return out, nil
}
