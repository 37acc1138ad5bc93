//go:build bench

package bench

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
	"github.com/tocsin-sec/tocsin/test/program"
)

// site is a store with a project, filled in-process and then served by the shipped
// binary.
type site struct {
	dir       string
	key       string
	address   string
	project   people.ProjectID
	encrypter mailmsg.Encrypter
	chair     people.Scope
	cookie    string // session token of the chair
}

func (s *site) config() config.Config {
	return config.Config{Data: filepath.Join(s.dir, "data"), SiteKeyFile: s.key, URL: "http://localhost", MailDomain: "localhost",
		Listen: "127.0.0.1:0", MailLimit: 64 << 20, Workers: 4, ShutdownGrace: time.Second}
}

// with opens the store in-process, for filling it.
func (s *site) with(t *testing.T, f func(ctx context.Context, app *server.App)) {
	t.Helper()
	app, err := server.Open(t.Context(), s.config(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	f(t.Context(), app)
}

// newSite makes a project and its chair.
func newSite(t *testing.T, dir string) *site {
	t.Helper()
	s := &site{dir: dir, key: program.SiteKey(t, dir), address: "security@bench.example"}
	s.with(t, func(ctx context.Context, app *server.App) {
		job := people.AsJob(account.JobAdmin)
		chair, link, err := app.Admin.InvitePerson(ctx, job, account.InvitePerson{Address: "chair@bench.example", Name: "Chair"})
		must(t, err)
		p, err := app.Admin.CreateProject(ctx, job, account.CreateProject{Chair: chair.ID, Terms: "Keep it.", Project: people.Project{
			Slug: "bench", Name: "Bench", Addresses: []string{s.address}, Series: "BEN", Policy: people.DefaultPolicy(),
			Publisher: people.Publisher{Category: "vendor", Namespace: "https://bench.example"}}})
		must(t, err)
		s.project, s.chair = p.ID, people.AsPerson(chair.ID)
		s.cookie = enter(t, ctx, app, link.Reveal(), p.ID)
		s.encrypter = encrypterOf(t, ctx, app, p.ID)
	})
	return s
}

// enter uses a one-time link and returns the session's token.
func enter(t *testing.T, ctx context.Context, app *server.App, link string, project people.ProjectID) string {
	t.Helper()
	token := secret.New(link[strings.LastIndexByte(link, '/')+1:])
	accept := map[people.ProjectID]int{}
	opened, err := app.Accounts.OpenLink(ctx, token, account.Client{})
	must(t, err)
	for _, x := range opened.Terms {
		accept[x.Project] = x.Version
	}
	in, err := app.Accounts.UseLink(ctx, account.UseLink{Token: token, Name: "Person of the bench", Password: secret.New("correct horse battery staple 9"), Accept: accept})
	must(t, err)
	return in.Token.Reveal()
}

func encrypterOf(t *testing.T, ctx context.Context, app *server.App, project people.ProjectID) mailmsg.Encrypter {
	t.Helper()
	var public []byte
	must(t, app.Store().Work.View(ctx, func(ctx context.Context, v unit.View) error {
		keys, err := app.Advisories.Keys.Public(ctx, v, project)
		for _, k := range keys {
			if k.Encrypts {
				public = k.Armored
			}
		}
		return err
	}))
	keys, err := pgp.ParseKeys(bytes.Clone(public), time.Now())
	must(t, err)
	return pgp.Encrypter{To: keys, Now: time.Now()}
}

// serve starts the shipped binary on the site's store.
func (s *site) serve(t *testing.T) *program.Server {
	t.Helper()
	return program.Start(t, program.Options{Binary: program.Build(t), Dir: s.dir, Plain: true, Flags: []string{"--mail-limit", "67108864"}})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
