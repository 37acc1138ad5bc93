package kill

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/test/program"
)

const (
	slug     = "lumen"
	role     = "security@lumen.example"
	chair    = "chair@lumen.example"
	devList  = "devel@lists.lumen.example"
	newsList = "announce@lists.lumen.example"
)

// once builds the binaries one time for all tests of the package.
var once struct {
	killable, shipped       sync.Once
	killablePath, shippedAt string
}

func killable(t *testing.T) string {
	t.Helper()
	once.killable.Do(func() { once.killablePath = keep(t, program.Build(t, "killpoints")) })
	return once.killablePath
}

func shipped(t *testing.T) string {
	t.Helper()
	once.shipped.Do(func() { once.shippedAt = keep(t, program.Build(t)) })
	return once.shippedAt
}

// keep copies a binary out of the folder of the test that built it.
func keep(t *testing.T, path string) string {
	t.Helper()
	f, err := os.CreateTemp(built, "tocsin-*")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := f.Chmod(0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

var built string // the folder of the binaries

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tocsin-kill-")
	if err != nil {
		panic(err)
	}
	built = dir
	// A round is mostly waiting, for leases and for embargoes, but on two cores more lanes
	// at a time only keep each other waiting: 315 s for ten, 288 for six.
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// node is one server of a world: its addresses stay over restarts.
type node struct {
	options program.Options
	armed   string // file that names the kill point
	last    atomic.Pointer[program.Server]
}

// server is the newest process, which may have ended; nil before the first.
func (n *node) server() *program.Server { return n.last.Load() }

// world is one store with its servers, its mails and what is known about them.
type world struct {
	t        *testing.T
	dir      string
	sink     string // Maildir of everything that was sent
	url      string
	settings map[string]string
	nodes    []*node
	token    string
	project  string
	post     *post
	tree     *watcher
	ledger   *auditor
	started  int
	armings  int
	opened   int // cases without a report
	pending  []strike

	hook        *hook // of the lane of subscribers
	downstreams []string
	told        int // publications that subscribers have to hear of
	resigned    int // runs that signed everything anew
}

// newWorld makes the store with a project, whose team is one person, and the
// servers, not yet started. An empty database is SQLite and one server.
func newWorld(t *testing.T, binary, database string, servers int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), post: &post{mails: map[string]*mail{}}}
	w.sink = filepath.Join(w.dir, "sink")
	smarthost := "smtp://" + mailertest.Maildir(t, w.sink)
	lease := "1s"
	if servers > 1 {
		// Of two servers on a busy machine one may stand still for a second: the other
		// would take its jobs over, and count a try that no kill ended.
		lease = "2s"
	}
	for range servers {
		n := &node{armed: filepath.Join(w.dir, "armed-"+string(rune('a'+len(w.nodes))))}
		n.options = program.Options{Binary: binary, Dir: w.dir, Database: database,
			Listen: program.FreeAddress(t), SMTP: program.FreeAddress(t), Admin: program.FreeAddress(t),
			Env: []string{"TOCSIN_KILL_FILE=" + n.armed, "TOCSIN_KILL_LEASE=" + lease}}
		if len(w.nodes) == 0 {
			w.url = "https://" + strings.Replace(n.options.Listen, "127.0.0.1", "localhost", 1)
		}
		// The servers of one site have one address for the world.
		n.options.Flags = []string{"--url", w.url, "--smarthost", smarthost, "--trusted-proxies", "127.0.0.1/32", "--mail-domain", "lumen.example"}
		w.nodes = append(w.nodes, n)
	}
	w.settings = map[string]string{"data": filepath.Join(w.dir, "data"), "database": database, "site-key-file": program.SiteKey(t, w.dir),
		"url": w.url, "mail-domain": "lumen.example"}
	w.inside(w.found)
	return w
}

// inside runs f on the program's own services, while no server of the world runs.
func (w *world) inside(f func(context.Context, *server.Store, *server.Services) error) {
	w.t.Helper()
	cfg, err := config.Load("", nil, w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	store, err := server.OpenStore(w.t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	services, err := server.Wire(store, i18n.Default())
	if err == nil {
		err = f(w.t.Context(), store, services)
	}
	if err := errors.Join(err, store.Close()); err != nil {
		w.t.Fatal(err)
	}
}

// found makes the first person, who leads and moderates alone, the project and an
// API token.
func (w *world) found(ctx context.Context, _ *server.Store, app *server.Services) error {
	admin := people.AsJob(account.JobAdmin)
	leader, link, err := app.Admin.InvitePerson(ctx, admin, account.InvitePerson{Address: chair, Name: "Noor Haddad", Admin: true})
	if err != nil {
		return err
	}
	project, err := app.Admin.CreateProject(ctx, admin, account.CreateProject{
		Project: people.Project{
			Slug: slug, Name: "Lumen", Addresses: []string{role}, Series: "LUM", Policy: people.DefaultPolicy(),
			Lists:     people.Lists{Dev: devList, Announce: newsList},
			Public:    people.PublicText{Policy: "Every report is read.", Scope: "All of it.", Conduct: "Write to us."},
			Publisher: people.Publisher{Namespace: "https://lumen.example", Category: "vendor", Contact: role, Authority: "The team publishes for Lumen."},
			Langs:     []string{"en"},
		},
		Terms: "I keep what I learn here to myself until the date.", Chair: leader.ID,
	})
	if err != nil {
		return err
	}
	token := secret.New(link.Reveal()[strings.LastIndexByte(link.Reveal(), '/')+1:])
	client := account.Client{Remote: netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	opened, err := app.Accounts.OpenLink(ctx, token, client)
	if err != nil {
		return err
	}
	accept := map[people.ProjectID]int{}
	for _, terms := range opened.Terms {
		accept[terms.Project] = terms.Version
	}
	if _, err := app.Accounts.UseLink(ctx, account.UseLink{Token: token, Name: "Noor Haddad", Address: chair,
		Password: secret.New("a long phrase for the kill test"), Accept: accept, Client: client}); err != nil {
		return err
	}
	me := people.AsPerson(leader.ID)
	w.project = string(project.ID)
	if err := app.Members.Duty(ctx, me, project.ID, leader.ID, true); err != nil {
		return err
	}
	_, raw, err := app.Accounts.MakeToken(ctx, me, account.NewToken{Name: "kill test", Write: true, Days: 1})
	w.token = raw.Reveal()
	return err
}

// launch starts every server that does not run and waits for nothing.
func (w *world) launch() {
	w.t.Helper()
	for _, n := range w.nodes {
		if !n.running() {
			n.last.Store(program.Launch(w.t, n.options))
			w.started++
		}
	}
}

// start is launch that waits until every server is ready.
func (w *world) start() {
	w.t.Helper()
	w.launch()
	for _, n := range w.nodes {
		n.server().AwaitReady(w.t)
	}
}

// stop ends every server in good order.
func (w *world) stop() {
	for _, n := range w.nodes {
		if s := n.server(); s != nil {
			s.Stop()
		}
	}
}

func (n *node) running() bool {
	s := n.server()
	if s == nil {
		return false
	}
	select {
	case <-s.Done():
		return false
	default:
		return true
	}
}

// alive returns a running server.
func (w *world) alive() *node {
	for _, n := range w.nodes {
		if n.running() {
			return n
		}
	}
	return w.nodes[0]
}

// arm makes every server end when it passes the step for the nth time from now; the
// file is renamed into place, so that none reads half of it. It returns what is written.
func (w *world) arm(step string, nth int) string {
	w.t.Helper()
	w.armings++
	text := fmt.Sprintf("%s:%d#%d", step, nth, w.armings)
	for _, n := range w.nodes {
		if err := os.WriteFile(n.armed+".new", []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
		if err := os.Rename(n.armed+".new", n.armed); err != nil {
			w.t.Fatal(err)
		}
	}
	return text
}

func (w *world) disarm() {
	for _, n := range w.nodes {
		os.Remove(n.armed)
	}
}

// hit reports whether the last process of the node ended at what was armed.
func (n *node) hit(armed string) bool {
	raw, err := os.ReadFile(n.armed + ".hit")
	return err == nil && string(raw) == armed
}

// died waits until a server ended at what is armed, disarms all and returns how many
// ended there; 0 when none did in time. One that ended at what was armed before, a
// moment too late to be counted, is started again.
func (w *world) died(armed string, within time.Duration) int {
	w.t.Helper()
	defer w.disarm()
	late := time.NewTimer(within)
	defer late.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		dead := 0
		for _, n := range w.nodes {
			switch {
			case n.running():
			case n.hit(armed):
				dead++
			default:
				w.launch()
			}
		}
		if dead > 0 {
			return dead
		}
		select {
		case <-tick.C:
		case <-late.C:
			return 0
		}
	}
}

// until asks again and again until f is content; f returns what it still misses. When
// no server runs any more, all are started.
func (w *world) until(what string, within time.Duration, f func() string) {
	w.t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	tick := time.NewTicker(60 * time.Millisecond)
	defer tick.Stop()
	for {
		missing := f()
		if missing == "" {
			return
		}
		if !slices.ContainsFunc(w.nodes, (*node).running) {
			w.launch()
		}
		select {
		case <-tick.C:
		case <-late.C:
			log := ""
			for _, n := range w.nodes {
				if s := n.server(); s != nil {
					text := s.Output()
					log += text[max(0, len(text)-3000):] + "\n"
				}
			}
			w.t.Fatalf("%s: not within %s: %s\n%s", what, within, missing, log)
		}
	}
}
