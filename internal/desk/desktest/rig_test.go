package desktest

import (
	"context"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/deskdb"
	"github.com/tocsin-sec/tocsin/internal/desk/reading"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// rig is the front desk on a real store; what lies before it in the spine is a
// small fake, what lies behind it is recorded.
type rig struct {
	*sqldbtest.Env
	testing.TB
	Store  *deskdb.Store
	Desk   *desk.Service
	Door   *reading.Door
	Reader *reading.Reader
	Post   *postbox
	Facts  *facts
	Check  *checker
	Keys   *keys
	book   *book
	n      int
}

const (
	lanterna = people.ProjectID("proj0000000000000000000000")
	other    = people.ProjectID("proj1111111111111111111111")
	maria    = people.PersonID("maria000000000000000000000") // moderator of Lanterna
	noah     = people.PersonID("noah0000000000000000000000") // moderator of the other project
	theCase  = "case000000000000000000000a"
)

func each(t *testing.T, f func(r *rig)) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) { f(newRig(t, e)) })
}

func newRig(t *testing.T, e *sqldbtest.Env) *rig { return newRigTB(t, e) }

func newRigTB(t testing.TB, e *sqldbtest.Env) *rig {
	r := &rig{Env: e, TB: t, Facts: &facts{}, Check: &checker{}, Keys: &keys{}}
	r.Post = &postbox{}
	r.Store = &deskdb.Store{Seal: e.Seal, Blobs: e.Blobs}
	files := &deskdb.Files{Blobs: e.Blobs}
	group := &desk.Group{Work: e.Work}
	projects := &projects{}
	r.Desk = &desk.Service{
		Work: e.Work, Reports: r.Store, Messages: r.Store, Intakes: r.Store, Texts: r.Store,
		Threads: &desk.Threads{Store: r.Store}, Projects: projects, Post: r.Post, Letters: r.Post, Links: &deskdb.Links{Seal: e.Seal}, Files: files,
		PGP: r.Keys, BaseURL: "https://security.example",
	}
	r.Door = &reading.Door{Work: group, Intakes: r.Store, Files: files, Projects: projects}
	r.Reader = &reading.Reader{
		Work: group, Intakes: r.Store, Files: files, PGP: r.Keys, Checker: r.Check, Keys: r.Keys, Secrets: r.Keys,
		Projects: projects, Desk: r.Desk, Deliveries: r.Post, Bounces: r.Post,
	}
	r.Facts.desk = r.Desk
	e.Work.Flow = r.Facts
	e.Handle(
		jobs.Handler{Kind: desk.KindRead, Run: r.Reader.Read, Dead: r.Reader.Died},
		jobs.Handler{Kind: desk.KindRemind, Run: r.Desk.Remind},
	)
	r.grant(maria, string(lanterna), people.Moderator)
	r.grant(noah, string(other), people.Moderator)
	return r
}

// send lets a mail in by the role address and reads it.
func (r *rig) send(mail string, to ...string) {
	r.Helper()
	r.sendFrom("ada@mail.example", mail, to...)
}

func (r *rig) sendFrom(from, mail string, to ...string) {
	r.Helper()
	if err := r.accept(from, mail, to...); err != nil {
		r.Fatal(err)
	}
	r.Drain(r.TB)
}

func (r *rig) accept(from, mail string, to ...string) error {
	if len(to) == 0 {
		to = []string{"security@lanterna.example"}
	}
	r.Clock.Advance(time.Millisecond)
	return r.Door.Accept(r.Context(), desk.Incoming{
		From: from, To: to, Remote: netip.MustParseAddr("192.0.2.7"), HELO: "mail.example", Body: strings.NewReader(crlf(mail)),
	})
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// plain is a mail with a Message-ID of its own.
func (r *rig) plain(subject, text string, header ...string) string {
	r.n++
	h := append([]string{"From: Ada <ada@mail.example>", "To: security@lanterna.example", "Subject: " + subject,
		"Message-ID: <m" + strconv.Itoa(r.n) + "@mail.example>", "Date: Mon, 2 Nov 2026 10:00:00 +0000"}, header...)
	return strings.Join(h, "\n") + "\n\n" + text + "\n"
}

func (r *rig) list(p people.PersonID, states ...desk.State) []desk.Report {
	r.Helper()
	out, err := r.Desk.List(r.Context(), people.AsPerson(p), desk.Query{States: states})
	if err != nil {
		r.Fatal(err)
	}
	return out
}

// held returns the one held report of Lanterna with its messages.
func (r *rig) held() desk.Dossier {
	r.Helper()
	l := r.list(maria)
	if len(l) != 1 {
		r.Fatalf("%d held reports, want 1", len(l))
	}
	d, err := r.Desk.See(r.Context(), people.AsPerson(maria), l[0].ID)
	if err != nil {
		r.Fatal(err)
	}
	return d
}

// facts records what flows on, and binds the threads of letters as the server does.
type facts struct {
	mu   sync.Mutex
	desk *desk.Service
	list []unit.Fact
}

func (f *facts) Emit(ctx context.Context, tx unit.Tx, fact unit.Fact) error {
	f.mu.Lock()
	f.list = append(f.list, fact)
	f.mu.Unlock()
	if q, ok := fact.(people.LetterQueued); ok {
		return f.desk.Follow(ctx, tx, q)
	}
	return nil
}

func named[F unit.Fact](f *facts) []F {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []F
	for _, x := range f.list {
		if y, ok := x.(F); ok {
			out = append(out, y)
		}
	}
	return out
}

// post records letters.
type postbox struct {
	mu      sync.Mutex
	letters []people.Letter
	n       int
	bounced []string
	sent    map[string]bool // letters that went out encrypted
}

func (p *postbox) SentEncrypted(context.Context, unit.View, people.Scope, []string) (map[string]bool, error) {
	return p.sent, nil
}

func (p *postbox) NewMessageID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	return "<letter" + strconv.Itoa(p.n) + "@lanterna.example>"
}

func (p *postbox) Put(ctx context.Context, tx unit.Tx, _ people.Scope, l people.Letter) error {
	p.mu.Lock()
	p.letters = append(p.letters, l)
	p.mu.Unlock()
	return tx.Emit(ctx, people.LetterQueued{About: l.About, MessageID: l.MessageID, Project: l.Project})
}

func (p *postbox) take() []people.Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.letters
	p.letters = nil
	return l
}

func (p *postbox) DeliveryByTag(_ context.Context, _ unit.View, _ people.Scope, tag string) (people.Delivery, people.Letter, error) {
	if tag != "goodtag" {
		return people.Delivery{}, people.Letter{}, fault.Missing()
	}
	return people.Delivery{ID: "d1"}, people.Letter{ID: "l1", About: theCase}, nil
}

func (p *postbox) Bounced(_ context.Context, _ unit.Tx, _ people.Scope, tag string, permanent bool, code string) (bool, error) {
	p.bounced = append(p.bounced, tag+" "+strconv.FormatBool(permanent)+" "+code)
	return tag == "goodtag", nil
}

type projects struct{}

func (projects) all() []people.Project {
	return []people.Project{
		{ID: lanterna, Slug: "lanterna", Name: "Lanterna", Addresses: []string{"security@lanterna.example"}, Policy: people.DefaultPolicy(), Langs: []string{"en"}},
		{ID: other, Slug: "other", Name: "Other", Addresses: []string{"security@other.example"}, Policy: people.DefaultPolicy()},
	}
}

func (p projects) find(f func(people.Project) bool) (people.Project, error) {
	for _, x := range p.all() {
		if f(x) {
			return x, nil
		}
	}
	return people.Project{}, fault.Missing()
}

func (p projects) Project(_ context.Context, _ unit.View, _ people.Scope, id people.ProjectID) (people.Project, error) {
	return p.find(func(x people.Project) bool { return x.ID == id })
}

func (p projects) ProjectByAddress(_ context.Context, _ unit.View, _ people.Scope, a string) (people.Project, error) {
	return p.find(func(x people.Project) bool { return x.Address() == a })
}

func (p projects) ProjectBySlug(_ context.Context, _ unit.View, _ people.Scope, s string) (people.Project, error) {
	return p.find(func(x people.Project) bool { return x.Slug == s })
}

func (p projects) AllProjects(context.Context, unit.View, people.Scope) ([]people.Project, error) {
	return p.all(), nil
}

func (p projects) Team(context.Context, unit.View, people.Scope, people.ProjectID) ([]people.Teammate, error) {
	return []people.Teammate{
		{Person: people.Person{ID: maria}, Roles: []people.Role{people.TeamMember, people.Moderator}},
		{Person: people.Person{ID: "chair"}, Roles: []people.Role{people.Chair}},
	}, nil
}

type checker struct{ auth desk.Auth }

func (c *checker) Check(_ context.Context, _ desk.Envelope, raw io.Reader) (desk.Auth, error) {
	_, err := io.Copy(io.Discard, raw)
	return c.auth, err
}

// count returns the first column of a query.
func (r *rig) count(q string, args ...any) int {
	r.Helper()
	var n int
	r.View(r.TB, func(ctx context.Context, v unit.View) (err error) {
		n, err = sqldb.One(ctx, v, sqldb.Value[int], q, args...)
		return err
	})
	return n
}

// oneEngine is a rig on SQLite, for what an engine makes no difference to.
func oneEngine(t *testing.T) *rig { return newRig(t, sqldbtest.SQLite(t, sources())) }

// one is each for such a test.
func one(t *testing.T, f func(r *rig)) { f(oneEngine(t)) }
