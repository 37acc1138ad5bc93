package ledger

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Export writes the whole record as JSON lines that Verify reads: a header, the
// leaves of the log, the newest checkpoint, the heads, then every entry by stream
// and number, and a last line with the count. Bodies stay sealed. It is one
// snapshot.
//
//	{"tocsin":"ledger","version":1}
//	{"leaf":0,"t":1772442000000000,"m":"","x":"<nonce>","r":"<root>"}
//	{"checkpoint":"tocsin.example\n1\n...\n"}
//	{"head":"case:ID","n":2,"h":"<hash>"}
//	{"s":"case:ID","n":1,"t":1772442000000000,"l":-1,"p":"<prev>","d":"<body hash>","h":"<hash>","b":"<sealed body>"}
//	{"end":1}
//
// Bytes are base64 without padding; l is the leaf that first had this entry as a
// head, -1 for none; b is "" when the body was removed.
func (l *Ledger) Export(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<18)
	err := l.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		out.WriteString(headerLine)
		if err := exportLeaves(ctx, v, out); err != nil {
			return err
		}
		note, err := l.Latest(ctx, v)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil {
			quoted, err := json.Marshal(note)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "{\"checkpoint\":%s}\n", quoted)
		}
		if err := exportHeads(ctx, v, out); err != nil {
			return err
		}
		return exportEntries(ctx, v, out)
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}

const headerLine = "{\"tocsin\":\"ledger\",\"version\":1}\n"

// each runs f for every row without holding them all.
func each(ctx context.Context, v unit.View, f func(sqldb.Row) error, q string) error {
	rows, err := sqldb.Of(v).Query(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func exportLeaves(ctx context.Context, v unit.View, out *bufio.Writer) error {
	return each(ctx, v, func(r sqldb.Row) error {
		var l leaf
		var root []byte
		if err := r.Scan(&l.n, &l.at, &l.mark, &l.nonce, &root); err != nil {
			return err
		}
		copy(l.root[:], root)
		_, err := out.Write(appendLeaf(nil, l))
		return err
	}, `select n, at, mark, nonce, root from ledger_leaf order by n`)
}

func exportHeads(ctx context.Context, v unit.View, out *bufio.Writer) error {
	return each(ctx, v, func(r sqldb.Row) error {
		var h head
		var hash []byte
		if err := r.Scan(&h.stream, &h.seq, &hash); err != nil {
			return err
		}
		copy(h.hash[:], hash)
		_, err := out.Write(appendHead(nil, h))
		return err
	}, `select stream, seq, hash from ledger_head where seq > 0 order by stream`)
}

func exportEntries(ctx context.Context, v unit.View, out *bufio.Writer) error {
	var n int64
	var buf []byte
	err := each(ctx, v, func(r sqldb.Row) error {
		var e entry
		var prev, sum, hash []byte
		if err := r.Scan(&e.stream, &e.seq, &e.at, &prev, &sum, &hash, &e.leaf, &e.body); err != nil {
			return err
		}
		copy(e.prev[:], prev)
		copy(e.sum[:], sum)
		copy(e.hash[:], hash)
		n++
		buf = appendEntry(buf[:0], e)
		_, err := out.Write(buf)
		return err
	}, `select e.stream, e.seq, e.at, e.prev, e.body_hash, e.hash, coalesce(p.leaf, -1), b.body
		from ledger_entry e
		left join ledger_proof p on p.stream = e.stream and p.seq = e.seq
		left join ledger_body b on b.stream = e.stream and b.seq = e.seq
		order by e.stream, e.seq`)
	if err == nil {
		_, err = fmt.Fprintf(out, "{\"end\":%d}\n", n)
	}
	return err
}

// entry is one line of the export.
type entry struct {
	stream          string
	seq, at, leaf   int64
	prev, sum, hash [32]byte
	body            []byte // nil: removed
}

func appendBytes(out []byte, key string, b []byte) []byte {
	out = append(out, key...)
	out = base64.RawStdEncoding.AppendEncode(out, b)
	return append(out, '"')
}

func appendInt(out []byte, key string, n int64) []byte {
	return strconv.AppendInt(append(out, key...), n, 10)
}

func appendText(out []byte, key, s string) []byte {
	return append(append(append(out, key...), s...), '"')
}

func appendEntry(out []byte, e entry) []byte {
	out = appendText(out, `{"s":"`, e.stream)
	out = appendInt(out, `,"n":`, e.seq)
	out = appendInt(out, `,"t":`, e.at)
	out = appendInt(out, `,"l":`, e.leaf)
	out = appendBytes(out, `,"p":"`, e.prev[:])
	out = appendBytes(out, `,"d":"`, e.sum[:])
	out = appendBytes(out, `,"h":"`, e.hash[:])
	out = appendBytes(out, `,"b":"`, e.body)
	return append(out, "}\n"...)
}

func appendHead(out []byte, h head) []byte {
	out = appendText(out, `{"head":"`, h.stream)
	out = appendInt(out, `,"n":`, h.seq)
	out = appendBytes(out, `,"h":"`, h.hash[:])
	return append(out, "}\n"...)
}

func appendLeaf(out []byte, l leaf) []byte {
	out = appendInt(out, `{"leaf":`, l.n)
	out = appendInt(out, `,"t":`, l.at)
	out = appendText(out, `,"m":"`, l.mark)
	out = appendBytes(out, `,"x":"`, l.nonce)
	out = appendBytes(out, `,"r":"`, l.root[:])
	return append(out, "}\n"...)
}
