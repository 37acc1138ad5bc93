//go:build bench

package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
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
	profile(t, app, 20)
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
	var group sync.WaitGroup
	began := time.Now()
	for range min(clients, n) {
		group.Go(func() {
			c, err := dial(addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for sent := 1; ; sent++ {
				i := int(next.Add(1)) - 1
				if i >= n {
					c.Quit()
					return
				}
				if sent%90 == 0 { // the server takes at most 100 on one connection
					c.Quit()
					if c, err = dial(addr); err != nil {
						t.Error(err)
						return
					}
				}
				if err := send(c, fmt.Sprintf("sender-%d@sender.example", i), to, mail(i)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	return float64(n) / time.Since(began).Seconds()
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
// TOCSIN_BENCH_PROFILE names.
func profile(t *testing.T, app *program.Server, seconds int) {
	t.Helper()
	dir := os.Getenv("TOCSIN_BENCH_PROFILE")
	if dir == "" {
		return
	}
	go func() {
		r, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", app.Admin, seconds))
		if err != nil {
			return
		}
		defer r.Body.Close()
		raw, _ := io.ReadAll(r.Body)
		os.WriteFile(filepath.Join(dir, "intake.prof"), raw, 0o644)
	}()
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
