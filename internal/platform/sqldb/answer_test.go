package sqldb_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// TestAServerThatSaysNothingIsGivenUp stands between the program and PostgreSQL and
// lets no byte through for a while.
func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	e := sqldbtest.Postgres(t, nil)
	u, err := url.Parse(e.Config.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	var ice sync.RWMutex
	u = through(t, u, &ice)
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: secret.New(u.String()), Fast: true, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	slow := func() error {
		_, err := db.Writer().ExecContext(t.Context(), "select pg_sleep(0.6)")
		return err
	}
	if err := slow(); err != nil {
		t.Error("without a bound:", err)
	}
	db.AnswerWithin(200 * time.Millisecond)
	if err := slow(); err == nil {
		t.Error("a statement without a word for 0.6 s passes a bound of 0.2 s")
	}
	db.AnswerWithin(time.Second)
	if err := slow(); err != nil {
		t.Error("a bound that is long enough:", err)
	}
	ice.Lock()
	wantKey(t, db.Ping(t.Context()), "store.unreachable")
	_, err = sqldb.Open(t.Context(), sqldb.Config{URL: secret.New(u.String() + "&connect_timeout=1"), Fast: true, Readers: 1})
	wantKey(t, err, "store.unreachable") // it was context.DeadlineExceeded, a page that failed
	ice.Unlock()
	if err := db.Ping(t.Context()); err != nil {
		t.Error("after the thaw:", err)
	}
}

// through returns the URL of a gate before the server; while ice is locked it
// passes nothing on.
func through(t *testing.T, u *url.URL, ice *sync.RWMutex) *url.URL {
	t.Helper()
	network, to, v := behind(u)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	pass := func(to, from net.Conn) {
		defer to.Close()
		buf := make([]byte, 4096)
		for {
			n, err := from.Read(buf)
			ice.RLock()
			_, werr := to.Write(buf[:n])
			ice.RUnlock()
			if err != nil || werr != nil {
				return
			}
		}
	}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial(network, to)
			if err != nil {
				in.Close()
				continue
			}
			go pass(out, in)
			go pass(in, out)
		}
	}()
	v.Host = l.Addr().String()
	return v
}

// behind says where the server of the URL listens, which may be a socket, and returns
// the URL ready for another host and user.
func behind(u *url.URL) (network, to string, v *url.URL) {
	out, q := *u, u.Query()
	network, to = "tcp", u.Host
	if dir := q.Get("host"); dir != "" {
		network, to = "unix", dir+"/.s.PGSQL.5432"
		q.Del("host")
	}
	if name := q.Get("user"); name != "" {
		out.User = url.User(name)
		q.Del("user")
	}
	if network == "unix" {
		q.Set("sslmode", "disable")
	}
	out.RawQuery = q.Encode()
	return network, to, &out
}
