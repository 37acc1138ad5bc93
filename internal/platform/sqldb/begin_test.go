package sqldb_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// crowd runs n writes at once and returns what became of each, and the time until the
// last one was answered.
func crowd(ctx context.Context, w *sqldb.Work, n int, name string) ([]error, time.Duration) {
	out := make([]error, n)
	start := time.Now()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			out[i] = w.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, id(fmt.Sprintf("%s-%d", name, i))) })
		})
	}
	all.Wait()
	return out, time.Since(start)
}

// Everybody who queued behind the first waited for the lock in turn: with 40 senders
// the last one heard of it after minutes.
func TestNobodyWaitsLongForSomebodyElsesLock(t *testing.T) {
	sqldbtest.Each(t, notes(), func(t *testing.T, e *sqldbtest.Env) {
		c := e.Config
		c.BusyTimeout = 300 * time.Millisecond
		db, err := sqldb.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		w := &sqldb.Work{DB: db}
		var other *sql.Tx // another program: it holds what our writes need
		if other, err = e.DB.Writer().BeginTx(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if e.DB.Dialect() == sqldb.Postgres {
			if _, err := other.Exec("lock table notes_note in access exclusive mode"); err != nil {
				t.Fatal(err)
			}
		}
		answers, took := crowd(t.Context(), w, 60, "held")
		for _, err := range answers {
			wantKey(t, err, "store.locked")
		}
		if took > 10*time.Second { // in turn they took 18 s and more
			t.Errorf("the last of 60 waited %s for a bound of 0.3 s", took)
		}
		if e.DB.Dialect() == sqldb.SQLite {
			wantKey(t, db.Ready(t.Context()), "store.locked")
			if err := w.View(t.Context(), func(context.Context, unit.View) error { return nil }); err != nil {
				t.Error("a reader was kept out:", err)
			}
		}
		if err := other.Rollback(); err != nil {
			t.Fatal(err)
		}
		answers, _ = crowd(t.Context(), w, 60, "free")
		for _, err := range answers {
			if err != nil {
				t.Error("after the lock:", err)
			}
		}
		if err := db.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A caller who goes away gets his own reason and not the database's.
func TestACancelledCallerIsNotTold(t *testing.T) {
	e := sqldbtest.SQLite(t, notes())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Work.Do(ctx, func(context.Context, unit.Tx) error { return nil }); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// link is the way to the database server, which can be cut.
type link struct {
	address     string
	network, to string
	listener    net.Listener
	mu          sync.Mutex
	conns       []net.Conn
}

func (l *link) up(t *testing.T) {
	t.Helper()
	var err error
	if l.listener, err = net.Listen("tcp", l.address); err != nil {
		t.Fatal(err)
	}
	l.address = l.listener.Addr().String()
	go func(listener net.Listener) {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial(l.network, l.to)
			if err != nil {
				in.Close()
				continue
			}
			l.mu.Lock()
			l.conns = append(l.conns, in, out)
			l.mu.Unlock()
			go func() { io.Copy(out, in); out.Close() }()
			go func() { io.Copy(in, out); in.Close() }()
		}
	}(l.listener)
}

func (l *link) down() {
	l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

func TestAPostgresThatWasAwayIsFoundAgain(t *testing.T) {
	e := sqldbtest.Postgres(t, notes())
	u, err := url.Parse(e.Config.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	network, to, u := behind(u)
	l := &link{address: "127.0.0.1:0", network: network, to: to}
	l.up(t)
	u.Host = l.address
	c := e.Config
	c.URL = secret.New(u.String())
	db, err := sqldb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w := &sqldb.Work{DB: db}
	write := func(name string) error {
		return w.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error { return insert(ctx, tx, id(name)) })
	}
	if answers, _ := crowd(t.Context(), w, 20, "before"); answers[0] != nil {
		t.Fatal(answers[0])
	}
	l.down()
	for i := range 3 {
		wantKey(t, write(fmt.Sprint("away-", i)), "store.unreachable")
	}
	wantKey(t, db.Ready(t.Context()), "store.unreachable")
	l.up(t)
	defer l.down()
	if err := write("back"); err != nil {
		t.Error("the server is back:", err)
	}
}

func TestAPostgresWithoutAFreeConnectionSaysSo(t *testing.T) {
	e := sqldbtest.Postgres(t, notes())
	u, err := url.Parse(e.Config.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	role := fmt.Sprintf("crowded_%d", time.Now().UnixNano())
	for _, q := range []string{"create role " + role + " login connection limit 1", "grant all on all tables in schema public to " + role} {
		if _, err := e.DB.Writer().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	q := u.Query() // of a cluster on a socket the user stands there
	q.Del("user")
	u.RawQuery, u.User = q.Encode(), url.User(role)
	c := e.Config
	c.URL = secret.New(u.String())
	db, err := sqldb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w := &sqldb.Work{DB: db}
	err = w.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
		err := w.View(context.Background(), func(context.Context, unit.View) error { return nil }) // needs a second one
		wantKey(t, err, "store.crowded")
		return insert(ctx, tx, "a")
	})
	if err != nil {
		t.Error(err)
	}
	if err := db.Ready(t.Context()); err != nil {
		t.Error("with the connection free again:", err)
	}
}
