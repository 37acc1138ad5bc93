package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// What a request waits for is bounded, so that a sender hears 451 and a page says 503
// within some five seconds, whoever holds the database. Our own transactions take
// milliseconds each; what waits for lockWait waits for somebody else.
const (
	// lockWait bounds the wait for another program's lock.
	lockWait = 2500 * time.Millisecond
	// queueWait bounds the wait for a connection when nobody holds a lock: so many
	// transactions of our own are ahead that the caller had better come back.
	queueWait = 10 * time.Second
	// sqliteTry is how long one attempt to lock the SQLite file lasts: the engine does
	// not let itself be interrupted meanwhile, and others queue behind it.
	sqliteTry = 200 * time.Millisecond
)

// locks remembers when somebody else's lock was last met: those who queue behind it
// are then sent away in time, and not one after another.
// It counts from base, by the clock that nobody sets.
type locks struct {
	base time.Time
	met  atomic.Int64 // 0 is never
}

func (l *locks) note() { l.met.Store(int64(time.Since(l.base)) + 1) }

func (l *locks) recent() bool {
	at := l.met.Load()
	return at != 0 && time.Since(l.base)-time.Duration(at) < lockWait
}

var errWaited = errors.New("waited too long for the database")

// begin begins a transaction on the pool. It fails with "store.locked" when another
// program holds the database and with "store.busy" when too many transactions of our
// own are ahead. The transaction ends with ctx at the latest, or when release is called.
func (db *DB) begin(ctx context.Context, pool *sql.DB, opts *sql.TxOptions) (_ *sql.Tx, release func(), err error) {
	bound, cancel := context.WithCancelCause(ctx)
	release = func() { cancel(nil) }
	start := time.Now()
	watch := time.NewTimer(db.lockWait)
	begun, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer watch.Stop()
		for {
			select {
			case <-begun:
				return
			case <-bound.Done():
				return
			case <-watch.C:
			}
			if db.locks.recent() || time.Since(start) >= queueWait {
				cancel(errWaited)
				return
			}
			watch.Reset(db.lockWait / 10)
		}
	}()
	tx, err := db.try(bound, pool, opts, start)
	close(begun)
	<-ended
	if errors.Is(context.Cause(bound), errWaited) {
		if err == nil {
			tx.Rollback() // it began at the very moment at which nobody waited any more
		}
		err = fault.New(fault.Unavailable, "store.busy").Because(errWaited)
		if db.locks.recent() {
			err = fault.New(fault.Unavailable, "store.locked").Because(errWaited)
		}
	}
	if err != nil {
		release()
		return nil, nil, explain(err)
	}
	return tx, release, nil
}

// try begins a transaction; while another program holds the SQLite file it tries again
// until lockWait is over, and likewise when a connection to PostgreSQL turns out to have
// ended before anything was sent: the pool may have more of that kind, and leaves out each
// that was tried. Between two attempts the connection is anybody's.
func (db *DB) try(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, start time.Time) (*sql.Tx, error) {
	for {
		tx, err := pool.BeginTx(ctx, opts)
		if isLocked(err) {
			db.locks.note()
		} else if !pgconn.SafeToRetry(err) {
			return tx, err
		}
		if ctx.Err() != nil || time.Since(start) >= db.lockWait {
			return nil, err
		}
	}
}

// isLocked reports whether err says that somebody else holds what we need.
func isLocked(err error) bool {
	var l *sqlite.Error
	if errors.As(err, &l) {
		return l.Code()&0xff == sqlite3.SQLITE_BUSY || l.Code()&0xff == sqlite3.SQLITE_LOCKED
	}
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "55P03"
}

// Ready fails with the fault that describes the store's state when it could not take a
// write now.
func (db *DB) Ready(ctx context.Context) error {
	tx, release, err := db.begin(ctx, db.write, nil)
	if err != nil {
		return err
	}
	defer release()
	defer tx.Rollback()
	var one int
	if err := tx.QueryRowContext(ctx, "select 1").Scan(&one); err != nil {
		return explain(err)
	}
	return nil
}

// patiently runs f again while another program holds the database, for a minute at
// most: a migration may wait for a server that still runs.
func patiently(ctx context.Context, f func() error) error {
	for start := time.Now(); ; {
		err := f()
		var known *fault.Error
		held := isLocked(err) || errors.As(err, &known) && known.Key == "store.locked"
		if !held || time.Since(start) > time.Minute {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(sqliteTry):
		}
	}
}
