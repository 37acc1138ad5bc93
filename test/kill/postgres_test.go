package kill

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tocsin-sec/tocsin/test/program"
)

// lockTable holds a lock on a table of the PostgreSQL database until unlock.
func lockTable(t *testing.T, database, table string) (unlock func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"set application_name = 'the culprit'", "begin", "lock table " + table + " in access exclusive mode"} {
		if _, err := conn.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	return func() { conn.Close(context.WithoutCancel(t.Context())) }
}

// gate stands between the program and its PostgreSQL. While ice is locked it passes no
// byte on, as a server does that is stopped or cut off without a word.
type gate struct {
	ice         sync.RWMutex
	address     string
	network, to string
	mu          sync.Mutex
	listener    net.Listener
	conns       []net.Conn
}

func (g *gate) open(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", g.address)
	if err != nil {
		t.Fatal(err)
	}
	g.address, g.listener = l.Addr().String(), l
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial(g.network, g.to)
			if err != nil {
				in.Close()
				continue
			}
			g.mu.Lock()
			g.conns = append(g.conns, in, out)
			g.mu.Unlock()
			go g.pass(out, in)
			go g.pass(in, out)
		}
	}()
}

func (g *gate) pass(to, from net.Conn) {
	defer to.Close()
	bytes := make([]byte, 32<<10)
	for {
		n, err := from.Read(bytes)
		g.ice.RLock()
		_, broken := to.Write(bytes[:n])
		g.ice.RUnlock()
		if err != nil || broken != nil {
			return
		}
	}
}

func (g *gate) close() {
	g.listener.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.conns {
		c.Close()
	}
	g.conns = nil
}

// TestPostgresInTrouble locks a table, cuts the way to the database server, and freezes
// it: senders hear 451, pages and the API 503, and all goes on by itself afterwards.
func TestPostgresInTrouble(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	direct := postgres(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{address: program.FreeAddress(t), network: "tcp", to: u.Host}
	q := u.Query()
	if dir := q.Get("host"); dir != "" { // a cluster on a socket
		g.network, g.to = "unix", dir+"/.s.PGSQL.5432"
		q.Del("host")
		q.Set("sslmode", "disable")
	}
	q.Del("connect_timeout") // the program's own
	u.RawQuery = q.Encode()
	g.open(t)
	t.Cleanup(func() { g.close() })
	u.Host = g.address
	w := newWorld(t, shipped(t), u.String(), 1)
	w.start()
	w.taken()
	w.mailsHeld()

	unlock := lockTable(t, direct, "desk_intake")
	w.manyDeferred()
	if said := w.doctor(); !strings.Contains(said, "the culprit") {
		t.Errorf("the doctor does not name who holds the lock:\n%s", said)
	}
	unlock()
	w.taken()

	g.close()
	w.notReady("The store does not serve this now")
	w.manyDeferred()
	if log := w.nodes[0].server().Output(); !strings.Contains(log, "The database server does not answer") {
		t.Errorf("the operator is not told:\n%s", log[max(0, len(log)-2000):])
	}
	g.open(t)
	w.taken()
	w.mailsHeld()

	g.close()
	w.stop()
	w.launch()
	w.nodes[0].server().Find(t, "the start waits for the database server()")
	g.open(t)
	w.start()
	w.taken()
	w.mailsHeld()

	g.ice.Lock()
	var asked sync.WaitGroup
	asked.Go(w.manyDeferred)
	asked.Go(func() {
		if _, err := w.reports("held"); err == nil || !strings.Contains(err.Error(), "503") {
			log := w.nodes[0].server().Output()
			t.Errorf("a list while the server is frozen: %v\n%s", err, log[max(0, len(log)-3000):])
		}
	})
	asked.Go(func() { w.notReady("") })
	asked.Wait()
	g.ice.Unlock()
	w.taken()
	w.mailsHeld()
	if _, err := w.reports("held"); err != nil {
		t.Error(err)
	}
}
