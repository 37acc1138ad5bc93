package walk

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/test/browser"
	"github.com/tocsin-sec/tocsin/test/program"
)

// patience is how long the walk waits for what the program does by itself. It is for
// a machine with much else to do; the waits end as soon as they may.
const patience = 90 * time.Second

// The team and its world.
const (
	roleAddress = "security@lanterna.example"
	devList     = "devel@lists.lanterna.example"
	announce    = "announce@lists.lanterna.example"
	slug        = "lanterna"
)

// world is one site with everybody around it.
type world struct {
	t        *testing.T
	server   *program.Server
	mail     maildir
	chromium *browser.Browser
	dkim     dkimKey

	admin, ann, ben, mei *person // ann leads, ben is the second person, mei moderates
	researcher           *researcher
	rosa                 *person // the researcher, once he has an account

	caseURL  string // path of the first case
	advisory string // path of its advisory
	second   string // path of the second one
	until    time.Time
	number   string // LAN-2026-0001
	imported []string
}

// newWorld starts the shipped binary with a database, a DNS server, a smarthost that
// fills a Maildir, and a certificate.
func newWorld(t *testing.T, database string) *world {
	program.Need(t, "swaks", "gpg", "chromium")
	w := &world{t: t, dkim: newDKIM(t)}
	w.mail = maildir{t: t, dir: filepath.Join(t.TempDir(), "Maildir")}
	smarthost := mailertest.Maildir(t, w.mail.dir)
	dns := mailertest.DNS(t, mailertest.Zone{
		TXT: map[string][]string{
			"research.example":                 {"v=spf1 ip4:127.0.0.1 -all"},
			"mail._domainkey.research.example": {w.dkim.record},
			"spoofed.example":                  {"v=spf1 -all"},
			"_dmarc.research.example":          {"v=DMARC1; p=reject"},
		},
		MX: map[string][]string{"research.example": {"mail.research.example"}},
		A:  map[string][]string{"mail.research.example": {"127.0.0.1"}},
	})
	w.server = program.Start(t, program.Options{
		Binary: program.Build(t), Database: database,
		Flags: []string{"--dns", dns, "--smarthost", "smtp://" + smarthost, "--mail-domain", "lanterna.example"},
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("the server's log without requests that went well:\n" + tail(w.server.Output(), 40))
		}
	})
	w.chromium = browser.New(t, true)
	return w
}

// tail is the end of the log without requests that went well.
func tail(s string, n int) string {
	var keep []string
	for line := range strings.Lines(s) {
		if !strings.Contains(line, "msg=request") || !strings.Contains(line, " status=2") && !strings.Contains(line, " status=3") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep[max(0, len(keep)-n):], "")
}

// someone opens a browser for a person.
func (w *world) someone(name, address string) *person {
	w.t.Helper()
	p := &person{t: w.t, site: w.server.URL, name: name, address: address, password: "seven lamps on a hill"}
	p.page = w.chromium.Person().Open(w.server.URL+"/signin", browser.View{})
	return p
}

// engines are the databases on which the walk is walked, both at once: while one waits
// for an embargo or a queue the other has the processors.
func engines(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		create, err := sqldbtest.Server()
		if err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("PostgreSQL is needed in CI: %v", err)
			}
			t.Skipf("SKIPPED: no PostgreSQL: %v", err)
		}
		database, err := create(context.Background(), "walk_"+ident.New())
		if err != nil {
			t.Fatal(err)
		}
		f(t, database)
	})
}

// step runs one part of the walk and says how long it took, or that it failed.
func (w *world) step(name string, f func(w *world)) {
	w.t.Helper()
	began, whole := time.Now(), false
	defer func() {
		if !whole {
			w.t.Errorf("FAILED at the step: %s", name)
		}
	}()
	f(w)
	whole = true
	w.t.Logf("%5.1fs  %s", time.Since(began).Seconds(), name)
}

func (w *world) logf(format string, args ...any) { w.t.Helper(); w.t.Logf(format, args...) }
