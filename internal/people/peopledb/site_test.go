package peopledb_test

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/people/mailroom"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/credential"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// site is people wired on a real store, as server does it.
type site struct {
	*sqldbtest.Env
	store    *peopledb.Store
	ring     peopledb.Keyring
	grants   *people.Grants
	team     *people.Team
	projects *people.Projects
	admin    *account.Admin
	keys     *people.Keys
	post     *people.Post
	dir      *people.Directory
	room     *mailroom.Mailroom
	smtp     *smarthost
	facts    *facts
	codes    credential.Codes
}

func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	sqldbtest.Each(t, []sqldb.Source{peopledb.Migrations()}, func(t *testing.T, e *sqldbtest.Env) { f(t, newSite(e)) })
}

func newSite(e *sqldbtest.Env) *site {
	s := &site{Env: e, smtp: &smarthost{ready: true}, facts: &facts{}, codes: credential.Codes{Issuer: "Tocsin"}}
	e.Work.Flow = s.facts
	s.store = &peopledb.Store{Seal: e.Seal, Ring: e.Ring}
	s.ring = peopledb.Keyring{Store: s.store}
	agreements := &people.Agreements{Store: s.store}
	s.grants = &people.Grants{Store: s.store, Terms: s.store}
	s.post = &people.Post{Store: s.store, Domain: "tocsin.example"}
	s.team = &people.Team{Joins: s.store, Persons: s.store, Grants: s.grants, Agreements: agreements, Post: s.post, Origin: "https://t.example"}
	s.dir = &people.Directory{Persons: s.store, Projects: s.store}
	s.projects = &people.Projects{Work: e.Work, Store: s.store, Team: s.team, Agreements: agreements, Ring: s.ring}
	s.keys = &people.Keys{Work: e.Work, Store: s.store, PGP: fakePGP{}, Post: s.post, Origin: "https://t.example"}
	cheap := credential.NewHasher(credential.Params{Memory: 64, Passes: 1, Threads: 1}, 2, 64)
	accounts := &account.Service{Work: e.Work, Persons: s.store, Sessions: s.store, Links: s.store, Addresses: s.store, Codes: s.store, Tokens: s.store, Throttle: s.store,
		Hasher: cheap, OneTime: s.codes, Team: s.team, Post: s.post, Origin: "https://t.example",
		Pepper: func(p string) string { return e.Seal.MAC("people.password", p) }}
	s.admin = &account.Admin{Service: accounts, Projects: s.projects}
	s.room = &mailroom.Mailroom{Work: e.Work, Letters: s.store, Queue: s.store, Keys: s.store, Directory: s.dir, Ring: s.ring, PGP: fakePGP{},
		Texts: texts{}, Transport: s.smtp, SiteAddress: "tocsin@tocsin.example", Files: noFiles{}, Terms: s.store}
	e.Handle(jobs.Handler{Kind: people.KindSend, Run: s.room.Send}, jobs.Handler{Kind: people.KindWarn, Run: s.keys.Warn}, jobs.Handler{Kind: account.KindSweep, Run: accounts.Sweep},
		jobs.Handler{Kind: account.KindForgot, Run: accounts.SendForgot}, jobs.Handler{Kind: account.KindWelcome, Run: accounts.Welcome})
	return s
}

// facts keeps what was emitted.
type facts struct{ all []unit.Fact }

func (f *facts) Emit(_ context.Context, _ unit.Tx, fact unit.Fact) error {
	f.all = append(f.all, fact)
	return nil
}

// texts says keys instead of prose.
type texts struct{}

func (texts) Say(lang, key string, args map[string]string) string {
	return "[" + lang + "] " + key + " " + args["link"] + args["until"]
}

type noFiles struct{}

func (noFiles) OpenFile(context.Context, string) (io.ReadCloser, error) { return nil, fault.Missing() }

// smarthost is an SMTP client without a wire.
type smarthost struct {
	ready bool
	fail  []string // codes of the next attempts, "" for a broken connection
	got   []mail
	tried [][]byte
}

type mail struct{ from, to, text string }

func (h *smarthost) Ready() bool { return h.ready }

func (h *smarthost) Send(_ context.Context, from, to string, msg []byte) (string, error) {
	h.tried = append(h.tried, msg)
	if len(h.fail) > 0 {
		code := h.fail[0]
		h.fail = h.fail[1:]
		return code, fault.New(fault.Unavailable, "mailer.down")
	}
	h.got = append(h.got, mail{from, to, string(msg)})
	return "250", nil
}

func client(ip string) account.Client {
	return account.Client{Remote: netip.MustParseAddr(ip), Agent: "Test/1.0"}
}

const password = "a long enough password"

// person invites somebody and lets him in.
func (s *site) person(t *testing.T, name string) people.PersonID {
	t.Helper()
	p, link, err := s.admin.InvitePerson(t.Context(), people.AsJob(account.JobAdmin), account.InvitePerson{Address: name + "@example.org", Name: name})
	if err != nil {
		t.Fatalf("invite %s: %v", name, err)
	}
	_, err = s.admin.UseLink(t.Context(), account.UseLink{Token: tokenOf(link), Name: name, Password: secret.New(password), Client: client("192.0.2.1")})
	if err != nil {
		t.Fatalf("%s uses the link: %v", name, err)
	}
	return p.ID
}

func tokenOf(link secret.String) secret.String {
	return secret.New(link.Reveal()[strings.LastIndex(link.Reveal(), "/")+1:])
}

// root makes an administrator, whom every site has.
func (s *site) root(t *testing.T) people.PersonID {
	t.Helper()
	link, err := s.admin.FirstLink(t.Context())
	if err != nil || link.Empty() {
		t.Fatalf("first link: %v", err)
	}
	_, err = s.admin.UseLink(t.Context(), account.UseLink{Token: tokenOf(link), Name: "Root", Address: "root@example.org", Password: secret.New(password), Client: client("192.0.2.1")})
	if err != nil {
		t.Fatalf("use the first link: %v", err)
	}
	all, err := s.admin.List(t.Context(), people.AsJob(account.JobAdmin))
	if err != nil || len(all) == 0 {
		t.Fatalf("list: %v", err)
	}
	for _, p := range all {
		if p.Admin {
			return p.ID
		}
	}
	t.Fatal("no administrator after the first link")
	return ""
}

func lanterna() people.Project {
	return people.Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN", Addresses: []string{"security@lanterna.example"}}
}

// project makes Lanterna, led by chair, who has accepted the terms.
func (s *site) project(t *testing.T, chair people.PersonID) people.Project {
	t.Helper()
	p, err := s.admin.CreateProject(t.Context(), people.AsJob(account.JobAdmin), account.CreateProject{Project: lanterna(), Terms: "Tell nobody.", Chair: chair})
	if err != nil {
		t.Fatalf("create the project: %v", err)
	}
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		return s.team.Accept(ctx, tx, people.AsPerson(chair), p.ID, 1)
	})
	return p
}

func (s *site) do(t *testing.T, f func(context.Context, unit.Tx) error) error {
	t.Helper()
	return s.Work.Do(t.Context(), f)
}

func (s *site) later(d time.Duration) { s.Clock.Advance(d) }
