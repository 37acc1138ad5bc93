package sqldb

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// AnswerWithin bounds, from now on, how long a PostgreSQL server may say nothing to a
// statement; then the connection is given up and the statement fails with
// "store.unreachable". A server that is frozen or cut off without a word would hold
// senders and jobs for ever: it is too late for its own statement_timeout. The server
// calls it once the schema is in place; migrations, backup and doctor wait as long
// as it takes. SQLite answers from the same process and is not concerned.
func (db *DB) AnswerWithin(d time.Duration) { db.within.Store(int64(d)) }

// bounded is a connection to PostgreSQL that waits no longer than within for bytes.
type bounded struct {
	net.Conn
	within *atomic.Int64

	mu  sync.Mutex
	set bool // pgx has a deadline of its own in force, for a context that ended
}

// SetDeadline implements net.Conn. pgx ends a wait with it and uses no other.
func (b *bounded) SetDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set = !t.IsZero()
	return b.Conn.SetDeadline(t)
}

// begin sets the bound of one wait, unless pgx has set its own.
func (b *bounded) begin(set func(time.Time) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := time.Duration(b.within.Load())
	if d <= 0 || b.set {
		return nil
	}
	return set(time.Now().Add(d))
}

// Read implements net.Conn.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.begin(b.Conn.SetReadDeadline); err != nil {
		return 0, err
	}
	return b.Conn.Read(p)
}

// Write implements net.Conn.
func (b *bounded) Write(p []byte) (int, error) {
	if err := b.begin(b.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	return b.Conn.Write(p)
}

// boundedDial makes every connection of dial a bounded one.
func boundedDial(dial pgconn.DialFunc, within *atomic.Int64) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &bounded{Conn: c, within: within}, nil
	}
}
