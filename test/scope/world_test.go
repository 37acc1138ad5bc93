// Package scope has the model test of who sees what (design, law 3): a naive model
// of the grants, operations drawn at random through the services, and for every
// route of the router a comparator that says what each actor may get over HTTP.
//
// The files: world_test.go puts the server together in this process, model_test.go
// is the model, operations_test.go changes both, routes_test.go is the table of
// comparators, sweep_test.go runs it, twin_test.go compares the bytes that outsiders
// get with and without hidden cases. Under the build tag scopemutants there are also
// mutants_test.go, where one scope check is taken out of the SQL at a time, and
// statements_test.go, where hidden and absent cost the same statements.
package scope

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/downstream"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/credential"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/server"
)

const password = "correct horse battery staple"

// world is the server under test with the model beside it.
type world struct {
	t      tester
	close  func()
	ctx    context.Context
	app    *server.App
	now    time.Time
	admin  people.Scope // the command line
	remote int          // addresses on the network, one for each form
	names  int          // of markers

	persons  map[string]*person
	projects []*project
	reports  []*report
	cases    []*kase
	actors   []*actor
	markers  []*marker
	ids      []*marker // ids of objects, which say that they exist
	invites  []*invitation
}

type person struct {
	id      people.PersonID
	name    string
	sc      people.Scope
	admin   bool
	session string
	link    string          // spent: the invitation
	tokens  map[bool]string // by "may write"

	tokenID, keyID string // of the newest
}

type project struct {
	id    people.ProjectID
	slug  string
	p     people.Project
	team  map[*person]map[people.Role]bool
	chair *person

	product, productID string // the name is a marker
	text               string // marker in a canned text
	textID, joinID     string
	readerID           string // reads what is published at AMBER
	subscriberID       string
	asked              *person // whose wish to join that is
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// newWorld starts a server on SQLite in a folder in memory, where there is one.
func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOn(t, secret.String{})
}

// engines runs f on SQLite and on PostgreSQL; open makes one more empty site there.
func engines(t *testing.T, f func(t *testing.T, open func() *world)) {
	t.Run("sqlite", func(t *testing.T) { f(t, func() *world { return newWorld(t) }) })
	t.Run("postgres", func(t *testing.T) {
		create, err := sqldbtest.Server()
		if err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("PostgreSQL is needed in CI: %v", err)
			}
			t.Skipf("no PostgreSQL: %v", err)
		}
		f(t, func() *world {
			name := "scope_" + strings.ToLower(ident.New())
			url, err := create(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			return newWorldOn(t, secret.New(url))
		})
	})
}

func newWorldOn(t testing.TB, database secret.String) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		admin: people.AsJob(account.JobAdmin), persons: map[string]*person{}}
	dir := folder(t)
	key := filepath.Join(dir, "key")
	w.must(os.WriteFile(key, []byte(seal.NewSiteKey().Text()), 0o600))
	app, err := server.Open(w.ctx, config.Config{
		Data: filepath.Join(dir, "data"), Database: database, URL: "http://tocsin.example", MailDomain: "tocsin.example", SiteKeyFile: key,
		MailLimit: 1 << 20, Workers: 1, ShutdownGrace: time.Second, DNS: "127.0.0.1:1",
	}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	w.must(err)
	w.close = sync.OnceFunc(func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir) // a long run makes thousands of sites
	})
	t.Cleanup(w.close)
	w.app = app
	app.Store().Work.Clock = func() time.Time { return w.now }
	// What a hash costs is measured elsewhere.
	app.Accounts.Hasher = credential.NewHasher(credential.Params{Memory: 1024, Passes: 1, Threads: 1}, 2, 64)
	return w
}

// folder is a fresh folder that lives in memory where the machine has such a place:
// the syncs of a disk are not what is tested.
func folder(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "tocsin-scope-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// pass moves the clock.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

func (w *world) drain() {
	w.t.Helper()
	w.must(w.app.Drain(w.ctx))
}

func (w *world) do(f func(context.Context, unit.Tx) error) {
	w.t.Helper()
	w.must(w.app.Store().Work.Do(w.ctx, f))
}

func (w *world) view(f func(context.Context, unit.View) error) {
	w.t.Helper()
	w.must(w.app.Store().Work.View(w.ctx, f))
}

// addPerson makes an account as an administrator does, and signs it in.
func (w *world) addPerson(name string, admin bool) *person {
	w.t.Helper()
	w.pass(time.Minute)
	address := name + "@people.example"
	p, link, err := w.app.Admin.InvitePerson(w.ctx, w.admin, account.InvitePerson{Address: address, Name: name, Admin: admin})
	w.must(err)
	token := link.Reveal()[strings.LastIndexByte(link.Reveal(), '/')+1:]
	client := account.Client{Remote: netip.AddrFrom4([4]byte{10, 0, 0, byte(len(w.persons) + 1)})}
	_, err = w.app.Accounts.UseLink(w.ctx, account.UseLink{Token: secret.New(token), Name: name, Password: secret.New(password), Client: client})
	w.must(err)
	in, err := w.app.Accounts.SignIn(w.ctx, account.SignIn{Address: address, Password: secret.New(password), Client: client})
	w.must(err)
	x := &person{id: p.ID, name: name, sc: people.AsPerson(p.ID), admin: admin, session: in.Token.Reveal(), link: token, tokens: map[bool]string{}}
	w.persons[name] = x
	if name == "stranger" {
		w.object(string(p.ID), "id of a person", func(v viewer) bool { return v.person == x || v.person != nil && v.person.admin })
	}
	return x
}

func (w *world) addToken(p *person, write bool) {
	w.t.Helper()
	made, raw, err := w.app.Accounts.MakeToken(w.ctx, p.sc, account.NewToken{Name: w.mark("name of a token", func(v viewer) bool { return v.person == p }), Write: write, Days: 300})
	w.must(err)
	p.tokens[write], p.tokenID = raw.Reveal(), made.ID
	w.object(made.ID, "id of a token", func(v viewer) bool { return v.person == p })
}

// addProject makes a project; its chair accepts the terms and is on duty.
func (w *world) addProject(slug, series string, chair *person) *project {
	w.t.Helper()
	w.pass(time.Minute)
	policy := people.DefaultPolicy()
	p, err := w.app.Admin.CreateProject(w.ctx, w.admin, account.CreateProject{
		Project: people.Project{Slug: slug, Name: strings.ToUpper(slug[:1]) + slug[1:], Addresses: []string{"security@" + slug + ".example"}, Series: series, Policy: policy,
			Public:    people.PublicText{TeamPage: true, Website: "https://" + slug + ".example"},
			Publisher: people.Publisher{Namespace: "https://" + slug + ".example", Category: "vendor", Contact: "security@" + slug + ".example", Authority: "The team."},
			Langs:     []string{"en"}},
		Terms: "I keep it to myself.", Chair: chair.id})
	w.must(err)
	out := &project{id: p.ID, slug: slug, p: p, chair: chair, team: map[*person]map[people.Role]bool{}}
	w.must(w.app.Members.Accept(w.ctx, chair.sc, p.ID, 1))
	w.projects = append(w.projects, out)
	w.must(w.app.Members.Duty(w.ctx, chair.sc, p.ID, chair.id, true))
	out.grant(chair, people.Chair)
	out.grant(chair, people.Moderator)
	return out
}

// addMember brings somebody into the team.
func (w *world) addMember(p *project, who *person, deputy bool) {
	w.t.Helper()
	w.pass(time.Minute)
	w.must(w.app.Members.Accept(w.ctx, who.sc, p.id, 1))
	w.do(func(ctx context.Context, tx unit.Tx) error {
		return w.app.Grants.Grant(ctx, tx, p.chair.sc, string(p.id), who.id, people.TeamMember)
	})
	p.grant(who, people.TeamMember)
	if deputy {
		w.must(w.app.Members.SetRole(w.ctx, p.chair.sc, p.id, who.id, people.Deputy, true))
		p.grant(who, people.Deputy)
	}
}

func (p *project) grant(who *person, r people.Role) {
	if p.team[who] == nil {
		p.team[who] = map[people.Role]bool{}
	}
	p.team[who][r] = true
}

// populate makes the people of the test: a project with a team, another with one of
// its own, guests, an outsider, an administrator.
func (w *world) populate() {
	w.t.Helper()
	for _, name := range []string{"chair", "deputy", "member", "second", "rival", "helper", "guest", "visitor", "outsider"} {
		w.addPerson(name, false)
	}
	w.addPerson("root", true)
	w.addPerson("stranger", false) // has an account, and nobody here knows of it
	for _, x := range w.persons {
		w.addKey(x)
	}
	p := w.persons
	a := w.addProject("alder", "ALD", p["chair"])
	b := w.addProject("birch", "BIR", p["rival"])
	w.addMember(a, p["deputy"], true)
	w.addMember(a, p["member"], false)
	w.addMember(a, p["second"], false)
	w.addMember(b, p["helper"], false)
	for _, name := range []string{"member", "rival", "root", "guest"} {
		w.addToken(p[name], false)
	}
	for _, name := range []string{"chair", "helper", "outsider"} {
		w.addToken(p[name], true)
	}
	w.addToken(p["stranger"], false)
	w.asks(a, p["outsider"])
	w.asks(b, p["visitor"])
	for _, x := range w.projects {
		inside := func(v viewer) bool { return len(x.team[v.person]) > 0 }
		x.product, x.text = w.mark("name of a product", inside), w.mark("canned text", inside)
		id, err := w.app.Products.Add(w.ctx, x.chair.sc, product.Product{Project: x.id, Name: x.product})
		w.must(err)
		x.productID = string(id)
		w.object(x.productID, "id of a product", inside)
		text, err := w.app.Desk.SaveText(w.ctx, x.chair.sc, desk.Text{Project: x.id, For: desk.Reject, Title: "No", Body: x.text})
		w.must(err)
		x.textID = string(text)
		w.object(x.textID, "id of a canned text", inside)
		lead := func(v viewer) bool { return x.has(v, people.Chair, people.Deputy) }
		reader, _, err := w.app.Readers.Add(w.ctx, x.chair.sc, access.NewReader{Project: x.id, Name: w.mark("name of a reader", lead), Level: "AMBER", Days: 30})
		w.must(err)
		x.readerID = reader.ID
		w.object(x.readerID, "id of a reader", lead)
		sub, _, err := w.app.Downstream.Add(w.ctx, x.chair.sc, x.id, downstream.Change{Kind: downstream.Mail, Name: w.mark("name of a subscriber", lead), Address: "dist@people.example"})
		w.must(err)
		x.subscriberID = sub.ID
		w.object(x.subscriberID, "id of a subscriber", lead)
	}
	w.makeActors()
}

// addKey registers an OpenPGP key of the person.
func (w *world) addKey(p *person) {
	w.t.Helper()
	k, err := pgp.Generate(p.name, p.name+"@people.example", w.now, 400*24*time.Hour)
	w.must(err)
	raw, err := k.Armored()
	w.must(err)
	keys, err := w.app.Keys.Upload(w.ctx, p.sc, []byte(raw))
	w.must(err)
	p.keyID = keys[0].ID
	w.object(p.keyID, "id of a key", func(v viewer) bool { return v.person == p })
}

// asks is somebody's wish to join a team.
func (w *world) asks(p *project, who *person) {
	w.t.Helper()
	words := w.mark("wish to join", func(v viewer) bool { return v.person == who || len(p.team[v.person]) > 0 })
	p.asked = who
	w.must(w.app.Members.Ask(w.ctx, who.sc, p.id, words))
	w.view(func(ctx context.Context, v unit.View) (err error) {
		p.joinID, err = sqldb.One(ctx, v, sqldb.Value[string], `select id from people_join where project = ? and source = 'page'`, p.id)
		return err
	})
	w.object(p.joinID, "id of a wish to join", func(v viewer) bool { return v.person == who || len(p.team[v.person]) > 0 })
}

// answer is what an actor got.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request to the handler as the actor. An Accept-Language is set so that
// nothing depends on a default.
func (w *world) ask(a *actor, method, target, body string) answer {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.ctx, method, "http://tocsin.example"+target, strings.NewReader(body))
	r.RemoteAddr = a.remote
	if strings.HasPrefix(target, "/link/") {
		r.RemoteAddr = w.address() // tries are counted by it
	}
	r.Header.Set("Accept-Language", "en")
	switch {
	case body == "":
	case strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	default:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if a.person != nil && a.token == "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: a.person.session})
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	rec := httptest.NewRecorder()
	w.app.Handler().ServeHTTP(rec, r)
	return answer{rec.Code, rec.Result().Header, rec.Body.String()}
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func (w *world) address() string {
	w.remote++
	return fmt.Sprintf("10.%d.%d.9:4000", 1+w.remote/200, w.remote%200)
}
