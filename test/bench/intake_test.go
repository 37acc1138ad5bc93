//go:build bench

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/mailmsg"
	"github.com/tocsin-sec/tocsin/test/program"
)

const (
	mails   = 1200
	clients = 16
)

// TestIntake: 20 kB mails, half of them encrypted, over SMTP with STARTTLS left
// out on both sides: accepted and durable a second, and fully read a second, beside
// the disk's syncs and postfix delivering the same mails to a Maildir.
func TestIntake(t *testing.T) {
	dir := t.TempDir()
	site := newSite(t, dir)
	plain, sealed := site.mail(t, false, 20<<10), site.mail(t, true, 20<<10)
	app := site.serve(t)
	defer profile(t, app, "intake", 4)()
	began := time.Now()
	accepted := pour(t, app.SMTP, site.address, mails, func(i int) []byte {
		if i%2 == 0 {
			return stamp(plain, i)
		}
		return stamp(sealed, i)
	})
	read := waitRead(t, app, began, mails)
	each := cpu(t, app.Pid()) * 1000 / mails
	app.Stop()
	syncs := fsyncRate(t, dir)
	results.add("mails accepted and durable over SMTP (20 kB, half encrypted)", fmt.Sprintf("%.0f/s", accepted), "goal 150/s", fmt.Sprintf("%.1f", accepted/150))
	results.add("the same, beside the disk's fsync rate", fmt.Sprintf("%.0f/s", accepted), fmt.Sprintf("%.0f fsync/s", syncs), fmt.Sprintf("%.2f", accepted/syncs))
	results.add("mails fully processed", fmt.Sprintf("%.0f/s", read), "goal 75/s", fmt.Sprintf("%.1f", read/75))
	results.add("processor time for a mail, accepted and processed", fmt.Sprintf("%.1f ms", each), "two cores at 75/s: 26.7 ms", fmt.Sprintf("%.2f", each/26.7))
	if rate, ok := postfix(t, site, plain, sealed); ok {
		results.add("accepted, beside postfix delivering to a Maildir", fmt.Sprintf("%.0f/s", accepted), fmt.Sprintf("%.0f/s", rate), fmt.Sprintf("%.1f", accepted/rate))
	} else {
		t.Log("SKIPPED: postfix is missing")
	}
}

// TestLargeMail: 50 MB in one mail above idle.
func TestLargeMail(t *testing.T) {
	site := newSite(t, t.TempDir())
	for name, big := range map[string][]byte{"plain": site.mail(t, false, 58<<20), "encrypted": site.mail(t, true, 43<<20)} {
		app := site.serve(t)
		idle := rss(t, app.Pid())
		pour(t, app.SMTP, site.address, 1, func(int) []byte { return stamp(big, len(name)) })
		waitRead(t, app, time.Now(), 1)
		above := peak(t, app.Pid()) - idle
		app.Stop()
		results.add(fmt.Sprintf("memory above idle for one mail of %d MB, %s", len(big)>>20, name), fmt.Sprintf("%.0f MB", above), "at most 64 MB", fmt.Sprintf("%.2f", above/64))
	}
}

// stamp gives a mail a Message-ID of its own.
func stamp(raw []byte, i int) []byte {
	return append(fmt.Appendf(nil, "Message-ID: <bench-%d@sender.example>\r\n", i), raw...)
}

// pour sends n mails over several connections and returns how many were taken a second.
func pour(t *testing.T, addr, to string, n int, mail func(int) []byte) float64 {
	t.Helper()
	var next atomic.Int64
	began := time.Now()
	_, deferred := senders(t, addr, to, min(clients, n), func() []byte {
		if i := int(next.Add(1)) - 1; i < n {
			return mail(i)
		}
		return nil
	})
	if deferred > 0 {
		t.Logf("%d mails were deferred and sent again", deferred)
	}
	return float64(n) / time.Since(began).Seconds()
}

// senders sends mails over some connections until next returns nil, as a mail server
// does: what is deferred (4xx) is sent again, after a while. It returns how many were
// taken and how often one was deferred; anything else breaks the measurement.
func senders(t *testing.T, addr, to string, connections int, next func() []byte) (taken, deferred int64) {
	t.Helper()
	var ok, later atomic.Int64
	var group sync.WaitGroup
	for n := range connections {
		group.Go(func() {
			s := sender{addr: addr, from: fmt.Sprintf("sender-%d@sender.example", n), to: to}
			defer s.quit()
			for {
				raw := next()
				if raw == nil {
					return
				}
				for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
					err := s.send(raw)
					if err == nil {
						ok.Add(1)
						break
					}
					var answer *textproto.Error
					if !errors.As(err, &answer) || answer.Code >= 500 {
						t.Error(err)
						return
					}
					later.Add(1)
					s.quit()
					if !rest(t, pause) {
						return
					}
				}
			}
		})
	}
	group.Wait()
	return ok.Load(), later.Load()
}

// rest waits as a sender does before it tries again; false when the test is over.
func rest(t *testing.T, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.Context().Done():
		return false
	}
}

// sender is one connection after another.
type sender struct {
	addr, from, to string
	conn           *smtp.Client
	sent           int
}

// perConnection stays below the server's 100 mails on one connection.
const perConnection = 90

func (s *sender) send(raw []byte) error {
	if s.sent == perConnection {
		s.quit()
	}
	if s.conn == nil {
		c, err := dial(s.addr)
		if err != nil {
			return err
		}
		s.conn, s.sent = c, 0
	}
	s.sent++
	return send(s.conn, s.from, s.to, raw)
}

func (s *sender) quit() {
	if s.conn != nil {
		s.conn.Quit()
		s.conn.Close()
		s.conn = nil
	}
}

func dial(addr string) (*smtp.Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return smtp.NewClient(conn, "localhost")
}

func send(c *smtp.Client, from, to string, raw []byte) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	return w.Close()
}

// mail makes a mail of about size bytes, encrypted to the project or plain.
func (s *site) mail(t *testing.T, encrypted bool, size int) []byte {
	t.Helper()
	d := mailmsg.Draft{
		From: mailmsg.Address{Name: "Sender", Addr: "sender@sender.example"}, To: []mailmsg.Address{{Addr: s.address}},
		Subject: "A report of some length", Date: time.Now(), MessageID: "<x@sender.example>",
		Text:  strings.Repeat("The parser reads one byte beyond the frame. ", min(size, 6<<10)/44),
		Files: []mailmsg.File{{Name: "crash.log", Type: "application/octet-stream", Body: io.LimitReader(&noise{state: 1}, int64(size-6<<10)*5/8)}},
	}
	if encrypted {
		d.Encrypt = s.encrypter
	}
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		t.Fatal(err)
	}
	// Each mail gets a Message-ID of its own in front.
	return bytes.Replace(out.Bytes(), []byte("Message-ID: <x@sender.example>\r\n"), nil, 1)
}

// noise is bytes that do not compress, the same in each run.
type noise struct{ state uint64 }

func (n *noise) Read(p []byte) (int, error) {
	for i := range p {
		n.state = n.state*6364136223846793005 + 1442695040888963407
		p[i] = byte(n.state >> 56)
	}
	return len(p), nil
}

// waitRead waits until no mail is unread and returns how many were read a second.
func waitRead(t *testing.T, app *program.Server, began time.Time, n int) float64 {
	t.Helper()
	for metric(t, app, "tocsin_mails_unread") > 0 {
		time.Sleep(100 * time.Millisecond) // the server is another process
	}
	return float64(n) / time.Since(began).Seconds()
}

// profile keeps a processor profile of the server's next seconds in the folder that
// TOCSIN_BENCH_PROFILE names; the function it returns waits for it.
func profile(t *testing.T, app *program.Server, name string, seconds int) (wait func()) {
	t.Helper()
	dir := os.Getenv("TOCSIN_BENCH_PROFILE")
	if dir == "" {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", app.Admin, seconds))
		if err != nil {
			return
		}
		defer r.Body.Close()
		raw, _ := io.ReadAll(r.Body)
		name = strings.NewReplacer(" ", "_", ",", "", "%", "").Replace(name)
		os.WriteFile(filepath.Join(dir, name+".prof"), raw, 0o644)
	}()
	return func() { <-done }
}

// metric reads one gauge of the admin address.
func metric(t *testing.T, app *program.Server, name string) float64 {
	t.Helper()
	r, err := http.Get("http://" + app.Admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			var v float64
			fmt.Sscan(rest, &v)
			return v
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// postfix delivers the same mails to a Maildir and returns how many a second.
func postfix(t *testing.T, s *site, plain, sealed []byte) (float64, bool) {
	t.Helper()
	p, ok := startPostfix(t)
	if !ok {
		return 0, false
	}
	began := time.Now()
	pour(t, p.addr, "bench@localhost.localdomain", mails, func(i int) []byte {
		if i%2 == 0 {
			return stamp(plain, i)
		}
		return stamp(sealed, i)
	})
	for {
		got, _ := filepath.Glob(filepath.Join(p.maildir, "new", "*"))
		if len(got) >= mails {
			return mails / time.Since(began).Seconds(), true
		}
		if time.Since(began) > 5*time.Minute {
			t.Logf("postfix delivered %d of %d", len(got), mails)
			return 0, false
		}
		time.Sleep(50 * time.Millisecond)
	}
}
