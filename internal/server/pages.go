package server

import (
	"context"
	"fmt"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisoryweb"
	"io"
	"net/http"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkweb"
	"github.com/tocsin-sec/tocsin/internal/cve/cveweb"
	"github.com/tocsin-sec/tocsin/internal/desk/deskweb"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargoweb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/people/peopleweb"
	"github.com/tocsin-sec/tocsin/internal/platform/credential"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product/productweb"
	"github.com/tocsin-sec/tocsin/internal/remedy/remedyweb"
	"github.com/tocsin-sec/tocsin/internal/validator"
)

// pages makes the one handler of all pages and the API.
func (a *App) pages(catalog *i18n.Catalog) http.Handler {
	app := webui.New(webui.Config{
		Name: "Tocsin", URL: a.cfg.URL, Catalog: catalog, Log: a.log, TrustedProxies: a.cfg.TrustedProxies,
		Viewer: peopleweb.Viewer, Version: "1", Home: "/cases", Now: a.store.Now,
	})
	peopleweb.Pages{Admin: a.Admin, Projects: a.Projects, Members: a.Members, Keys: a.Keys, Mailroom: a.Mailroom, QR: credential.QR}.Register(app)
	(&deskweb.Pages{Work: a.store.Work, Desk: a.Desk, Open: a.Cases, MAC: a.store.Seal.MAC, Keys: a.Keys}).Register(app)
	advisories := advisoryweb.Pages{Work: a.store.Work, Advisories: a.Advisories, People: a.Directory}
	advisories.Register(app)
	advisoryweb.Signatures{Work: a.store.Work, Resign: a.Resign, People: a.Directory, Roles: a.Grants}.Register(app)
	numbers := cveweb.Pages{Work: a.store.Work, Numbers: a.Numbers, Cases: a.Cases, People: a.Directory}
	numbers.Register(app)
	advisoryweb.Downstreams{Work: a.store.Work, Downstream: a.Downstream, People: a.Directory, Roles: a.Grants}.Register(app)
	embargoes := embargoweb.Pages{Work: a.store.Work, Embargo: a.Embargoes, Cases: a.Cases, People: a.Directory}
	embargoes.Register(app)
	remedies := remedyweb.Pages{Work: a.store.Work, Remedies: a.Remedies, Cases: a.Cases, Products: a.Products, Leaks: a.Leaks}
	remedies.Register(app)
	productweb.Pages{Work: a.store.Work, Products: a.Products, People: a.Directory, Panels: []webui.Panel{remedies.ProductPanel()}}.Register(app)
	caseworkweb.Pages{Work: a.store.Work, Cases: a.Cases, Embargo: a.Embargoes, Products: a.Products, People: a.Directory, Desk: a.Desk,
		Panels: []webui.Panel{embargoes.Panel(), numbers.Panel(), remedies.Panel(), advisories.Panel()}}.Register(app)
	advisoryweb.Public{Work: a.store.Work, Site: advisorydb.Site{Seal: a.store.Seal}, People: a.Directory, Keys: a.Advisories.Keys, Terms: a.Agreements}.Register(app)
	validator.Pages{Now: a.store.Now}.Register(app)
	advisoryweb.Access{Work: a.store.Work, Site: advisorydb.Site{Seal: a.store.Seal}, URL: a.cfg.URL, Readers: a.Readers, People: a.Directory, Roles: a.Grants}.Register(app)
	advisoryweb.Tree{Work: a.store.Work, Site: advisorydb.Site{Seal: a.store.Seal}, Readers: advisorydb.Readers{Seal: a.store.Seal}, Cache: &advisoryweb.Cache{}}.Register(app)
	a.routes = app.Routes()
	return a.health(a.busy.Handler(app.Handler()))
}

// countQueues adds the gauges of what waits.
func (a *App) countQueues() {
	for _, state := range []jobs.State{jobs.Waiting, jobs.Dead} {
		name := map[jobs.State]string{jobs.Waiting: "tocsin_jobs_waiting", jobs.Dead: "tocsin_jobs_dead"}[state]
		a.metrics.gauge(name, "Jobs in this state.", func() (n float64, err error) {
			err = a.store.Work.View(context.Background(), func(ctx context.Context, v unit.View) error {
				counts, err := jobs.Counts(ctx, v)
				n = float64(counts[state])
				return err
			})
			return n, err
		})
	}
	a.metrics.gauge("tocsin_mails_unread", "Mails that are durable and not read yet.", func() (n float64, err error) {
		err = a.store.Work.View(context.Background(), func(ctx context.Context, v unit.View) error {
			waiting, err := a.Reader.Intakes.Waiting(ctx, v, people.AsJob("metrics"))
			n = float64(waiting)
			return err
		})
		return n, err
	})
}

// greet tells the person at the terminal where to go, and at the first start how
// to become the first administrator.
func (a *App) greet(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, "Tocsin listens on %s\n", a.cfg.URL)
	if a.cfg.SMTP != "" {
		fmt.Fprintf(out, "Mail is taken on %s\n", a.cfg.SMTP)
	}
	for _, w := range a.store.Key.Warnings {
		a.log.Warn("site key", "problem", a.catalog.Printer("en").T(w, "path", a.store.Key.From))
	}
	if a.cfg.Demo {
		return a.demoLink(ctx, out, people.AsJob(account.JobAdmin))
	}
	var link secret.String
	if err := patiently(ctx, a.log, func() (err error) {
		link, err = a.Admin.FirstLink(ctx)
		return err
	}); err != nil || link.Empty() {
		return err
	}
	fmt.Fprintf(out, "First administrator (one-time link): %s\n", link.Reveal())
	return nil
}
