package kill

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// node is one server of a world: its addresses stay over restarts.
type node struct {
	options program.Options
	armed   string // file that names the kill point
	server  *program.Server
}

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
	started  int
}

// newWorld makes the store with a project, whose team is one person, and the
// servers, not yet started. An empty database is SQLite and one server.
func newWorld(t *testing.T, binary, database string, servers int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), post: &post{mails: map[string]*mail{}}}
	w.sink = filepath.Join(w.dir, "sink")
	smarthost := "smtp://" + mailertest.Maildir(t, w.sink)
	for range servers {
		n := &node{armed: filepath.Join(w.dir, "armed-"+string(rune('a'+len(w.nodes))))}
		n.options = program.Options{Binary: binary, Dir: w.dir, Database: database,
			Listen: program.FreeAddress(t), SMTP: program.FreeAddress(t), Admin: program.FreeAddress(t),
			Env: []string{"TOCSIN_KILL_FILE=" + n.armed, "TOCSIN_KILL_LEASE=2s"}}
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

// start starts every server that does not run, with nothing armed.
func (w *world) start() {
	w.t.Helper()
	for _, n := range w.nodes {
		if n.running() {
			continue
		}
		w.disarm(n)
		n.server = program.Start(w.t, n.options)
		w.started++
	}
}

// stop ends every server in good order.
func (w *world) stop() {
	for _, n := range w.nodes {
		if n.server != nil {
			n.server.Stop()
		}
	}
}

func (n *node) running() bool {
	if n.server == nil {
		return false
	}
	select {
	case <-n.server.Done():
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

// arm makes every server end at the step; it is renamed into place, so that none
// reads half of it.
func (w *world) arm(step string) {
	w.t.Helper()
	for _, n := range w.nodes {
		if err := os.WriteFile(n.armed+".new", []byte(step), 0o600); err != nil {
			w.t.Fatal(err)
		}
		if err := os.Rename(n.armed+".new", n.armed); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) disarm(n *node) { os.Remove(n.armed) }

// died waits until a server ended, disarms the others and returns how many ended;
// 0 when none did in time.
func (w *world) died(within time.Duration) int {
	late := time.NewTimer(within)
	defer late.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, n := range w.nodes {
			if n.running() {
				continue
			}
			for _, other := range w.nodes {
				w.disarm(other)
			}
			dead := 0
			for _, other := range w.nodes {
				if !other.running() {
					dead++
				}
			}
			return dead
		}
		select {
		case <-tick.C:
		case <-late.C:
			for _, n := range w.nodes {
				w.disarm(n)
			}
			return 0
		}
	}
}

// until asks again and again until f is content; f returns what it still misses.
func (w *world) until(what string, within time.Duration, f func() string) {
	w.t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		missing := f()
		if missing == "" {
			return
		}
		select {
		case <-tick.C:
		case <-late.C:
			log := ""
			if n := w.alive(); n.server != nil {
				log = n.server.Output()
			}
			w.t.Fatalf("%s: not within %s: %s\n%s", what, within, missing, log[max(0, len(log)-4000):])
		}
	}
}
