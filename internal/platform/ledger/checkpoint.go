package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// CheckpointKind is the kind of the periodic job that Checkpoint does, once a
// minute, whether anything happened or not (design, section 4).
const CheckpointKind = "ledger.checkpoint"

// Checkpoint adds one leaf to the log and signs the new size and root. It is the
// handler of CheckpointKind. Hashing and signing happen outside the transaction;
// when another server was faster it fails with fault.Conflict.
func (l *Ledger) Checkpoint(ctx context.Context, j unit.Running) error {
	_, err := l.commit(ctx, "", j.Fence)
	return err
}

// Now makes a checkpoint at once and returns its note, for the command line.
func (l *Ledger) Now(ctx context.Context) (string, error) { return l.commit(ctx, "", nil) }

// Restored makes the checkpoint that declares a restore from a backup: entries
// after the backup are gone, and Verify names this instead of a rewrite. Restore
// calls it once, before the site serves again.
func (l *Ledger) Restored(ctx context.Context) (string, error) {
	return l.commit(ctx, markRestored, nil)
}

// plan is what a new checkpoint will write.
type plan struct {
	leaf   leaf
	proofs []head // streams that have grown since their last proof
	nodes  []tlog.Hash
	first  int64 // index of nodes[0]
	note   string
}

func (l *Ledger) commit(ctx context.Context, mark string, fence unit.Fence) (string, error) {
	key, err := l.signer(ctx)
	if err != nil {
		return "", err
	}
	var p plan
	err = l.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		p, err = nextPlan(ctx, v, key.Name(), mark)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("plan a checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: p.note}, key)
	if err != nil {
		return "", fmt.Errorf("sign a checkpoint: %w", err)
	}
	p.note = string(signed)
	err = l.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		if err := p.write(ctx, tx); err != nil {
			return err
		}
		if fence == nil {
			return nil
		}
		return fence.Done(ctx, tx)
	})
	if sqldb.IsUnique(err) {
		return "", fault.New(fault.Conflict, "ledger.not_alone").Because(err)
	}
	if err != nil {
		return "", fmt.Errorf("write a checkpoint: %w", err)
	}
	return p.note, nil
}

func nextPlan(ctx context.Context, v unit.View, origin, mark string) (plan, error) {
	var size sql.NullInt64
	if err := sqldb.Of(v).QueryRow(ctx, `select max(n) + 1 from ledger_leaf`).Scan(&size); err != nil {
		return plan{}, err
	}
	heads, grown, err := readHeads(ctx, v)
	if err != nil {
		return plan{}, err
	}
	p := plan{proofs: grown, first: tlog.StoredHashCount(size.Int64)}
	p.leaf = leaf{n: size.Int64, at: sqldb.Micros(v.Now()), mark: mark, nonce: make([]byte, 16), root: rootOf(heads)}
	rand.Read(p.leaf.nonce)
	stored := nodeReader(ctx, v)
	if p.nodes, err = tlog.StoredHashesForRecordHash(p.leaf.n, p.leaf.hash(), stored); err != nil {
		return plan{}, err
	}
	// The new nodes are not stored yet, and the new root needs them.
	root, err := tlog.TreeHash(p.leaf.n+1, tlog.HashReaderFunc(func(want []int64) ([]tlog.Hash, error) {
		var old []int64
		for _, i := range want {
			if i < p.first {
				old = append(old, i)
			}
		}
		known, err := stored.ReadHashes(old)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, 0, len(want))
		for _, i := range want {
			if i < p.first {
				out, known = append(out, known[0]), known[1:]
			} else {
				out = append(out, p.nodes[i-p.first])
			}
		}
		return out, nil
	}))
	p.note = Checkpoint{Origin: origin, Size: p.leaf.n + 1, Root: root}.text()
	return p, err
}

// readHeads returns all heads and those that no leaf covers yet.
func readHeads(ctx context.Context, v unit.View) (heads, grown []head, err error) {
	type row struct {
		head
		proven bool
	}
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (x row, err error) {
		var hash []byte
		err = r.Scan(&x.stream, &x.seq, &hash, &x.proven)
		if err == nil && len(hash) != sha256.Size {
			err = fault.New(fault.Unavailable, "ledger.damaged")
		}
		copy(x.hash[:], hash)
		return x, err
	}, `select h.stream, h.seq, h.hash, case when p.seq is null then 0 else 1 end
		from ledger_head h left join ledger_proof p on p.stream = h.stream and p.seq = h.seq where h.seq > 0`)
	for _, r := range rows {
		heads = append(heads, r.head)
		if !r.proven {
			grown = append(grown, r.head)
		}
	}
	return heads, grown, err
}

func nodeReader(ctx context.Context, v unit.View) tlog.HashReader {
	return tlog.HashReaderFunc(func(want []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(want))
		for i, index := range want {
			b, err := sqldb.One(ctx, v, sqldb.Value[[]byte], `select hash from ledger_node where i = ?`, index)
			if err != nil || len(b) != tlog.HashSize {
				return nil, fault.New(fault.Unavailable, "ledger.damaged").Because(err)
			}
			copy(out[i][:], b)
		}
		return out, nil
	})
}

// proofRows is how many proofs one statement inserts.
const proofRows = 100

func (p plan) write(ctx context.Context, tx unit.Tx) error {
	c := sqldb.Of(tx)
	_, err := c.Exec(ctx, `insert into ledger_leaf (n, at, mark, nonce, root) values (?, ?, ?, ?, ?)`,
		p.leaf.n, p.leaf.at, p.leaf.mark, p.leaf.nonce, p.leaf.root[:])
	if err != nil {
		return err
	}
	for i, h := range p.nodes {
		if _, err := c.Exec(ctx, `insert into ledger_node (i, hash) values (?, ?)`, p.first+int64(i), h[:]); err != nil {
			return err
		}
	}
	for rest := p.proofs; len(rest) > 0; {
		some := rest[:min(proofRows, len(rest))]
		rest = rest[len(some):]
		args := make([]any, 0, 3*len(some))
		for _, h := range some {
			args = append(args, h.stream, h.seq, p.leaf.n)
		}
		q := `insert into ledger_proof (stream, seq, leaf) values ` + strings.Repeat("(?, ?, ?), ", len(some)-1) + "(?, ?, ?)"
		if _, err := c.Exec(ctx, q, args...); err != nil {
			return err
		}
	}
	_, err = c.Exec(ctx, `insert into ledger_checkpoint (size, at, note) values (?, ?, ?)`, p.leaf.n+1, p.leaf.at, p.note)
	if err != nil {
		return err
	}
	return thin(ctx, tx)
}

// thinAfter is how long every checkpoint of a minute is kept; of older days the
// last one stays. Any later checkpoint proves the earlier ones' leaves, so that
// nothing but the signed texts of a minute is given up.
const thinAfter = 7 * 24 * time.Hour

// thin looks at the one day that has just become old.
func thin(ctx context.Context, tx unit.Tx) error {
	end := tx.Now().Add(-thinAfter).Truncate(24 * time.Hour)
	begin := end.Add(-24 * time.Hour)
	_, err := sqldb.Of(tx).Exec(ctx, `delete from ledger_checkpoint where at >= ? and at < ?
		and size < (select max(size) from ledger_checkpoint where at >= ? and at < ?)`, begin, end, begin, end)
	if err != nil {
		return fmt.Errorf("thin out the checkpoints: %w", err)
	}
	return nil
}

// Latest returns the newest checkpoint's note, for everything that carries it
// off the machine. Before the first one it is fault.NotFound.
func (l *Ledger) Latest(ctx context.Context, v unit.View) (string, error) {
	return sqldb.One(ctx, v, sqldb.Value[string], `select note from ledger_checkpoint order by size desc limit 1`)
}

// Checkpoints returns up to limit notes, the newest first.
func (l *Ledger) Checkpoints(ctx context.Context, v unit.View, limit int) ([]string, error) {
	return sqldb.All(ctx, v, sqldb.Value[string], `select note from ledger_checkpoint order by size desc limit ?`, limit)
}

// LatestAt returns when the newest checkpoint was made, the zero time before the first.
func (l *Ledger) LatestAt(ctx context.Context, v unit.View) (time.Time, error) {
	at, err := sqldb.One(ctx, v, sqldb.Value[int64], `select coalesce(max(at), 0) from ledger_checkpoint`)
	return sqldb.Time(at), err
}
