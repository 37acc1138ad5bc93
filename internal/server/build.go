package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
	"github.com/tocsin-sec/tocsin/internal/platform/pace"
	"github.com/tocsin-sec/tocsin/internal/platform/tlsconf"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// App is the wired program.
type App struct {
	*Services
	cfg     config.Config
	log     *slog.Logger
	store   *Store
	catalog *i18n.Catalog
	tasks   []task
	metrics *metrics
	handler http.Handler
	routes  []webui.Route
	busy    pace.Pages
	taking  pace.Turn
	refused atomic.Int64   // when a full backlog was last told of, in seconds since 1970
	files   *tlsconf.Files // nil without --tls-cert
}

// Open opens the store and wires everything on it, without serving.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	store, err := OpenStore(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	catalog := i18n.Default()
	services, err := Wire(store, catalog)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", errors.Join(err, store.Close()))
	}
	a := &App{Services: services, cfg: cfg, log: log, store: store, metrics: newMetrics(), catalog: catalog}
	a.taking = pace.Turn{Pages: &a.busy, Cost: takeCost, Share: mailShare}
	a.tasks = services.tasks(store)
	a.paceReading()
	if cfg.TLSCert != "" {
		if a.files, err = tlsconf.Load(cfg.TLSCert, cfg.TLSKey); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
	a.handler = a.pages(catalog)
	a.Advisories.Fetch, a.Advisories.Unchanged, a.Advisories.Own = a.fetcher(), a.unchanged(), !cfg.PublicCheck
	a.countQueues()
	return a, nil
}

// Close releases the store.
func (a *App) Close() error { return a.store.Close() }

// serve opens the listeners and runs until ctx ends. It returns when everything
// that it started has ended, so that the store can be closed.
func (a *App) serve(ctx context.Context, out io.Writer) error {
	if a.cfg.Demo {
		if err := a.fillDemo(ctx, out); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	err := a.start(ctx, group, out)
	if err != nil {
		stop()
	}
	return errors.Join(err, group.Wait())
}

// start opens every listener and starts the jobs in the group.
func (a *App) start(ctx context.Context, group *errgroup.Group, out io.Writer) error {
	web, err := listen(ctx, "listen", a.cfg.Listen)
	if err != nil {
		return err
	}
	if a.files != nil {
		conf := a.files.Config()
		if a.cfg.ClientCerts {
			// No authority is asked: a reader's certificate is known by its fingerprint, and
			// the handshake proves that the client has its key.
			conf.ClientAuth = tls.RequestClientCert
		}
		web = tls.NewListener(web, conf)
		group.Go(func() error {
			tick := time.NewTicker(time.Minute)
			defer tick.Stop()
			a.files.Watch(ctx, tick.C, a.log)
			return nil
		})
	}
	serveHTTP(ctx, group, httpServer(a.metrics.observe(a.handler), a.log), web, a.cfg.ShutdownGrace)
	if a.cfg.SMTP != "" {
		if err := a.serveSMTP(ctx, group); err != nil {
			return err
		}
	}
	if a.cfg.AdminListen != "" {
		l, err := listen(ctx, "admin-listen", a.cfg.AdminListen)
		if err != nil {
			return err
		}
		serveHTTP(ctx, group, httpServer(a.metrics.handler(), a.log), l, time.Second)
	}
	a.work(ctx, group)
	return a.greet(ctx, out)
}

// serveSMTP takes mail. Without a certificate STARTTLS uses a self-made one: it
// proves nothing and protects against passive listening.
func (a *App) serveSMTP(ctx context.Context, group *errgroup.Group) error {
	conf := (*tls.Config)(nil)
	if a.files != nil {
		conf = a.files.Config()
	} else {
		cert, err := tlsconf.SelfSigned(a.cfg.MailDomain, time.Now())
		if err != nil {
			return err
		}
		conf = tlsconf.Base()
		conf.Certificates = []tls.Certificate{cert}
	}
	s := &mailer.Server{
		Addr: a.cfg.SMTP, Domain: a.cfg.MailDomain, TLS: conf, Log: a.log,
		Limits:         mailer.Limits{MaxBytes: a.cfg.MailLimit, Trusted: a.cfg.TrustedProxies, ShutdownWait: a.cfg.ShutdownGrace},
		KnownRecipient: a.Door.Known,
		Accept:         a.accept,
	}
	l, err := s.Listen(ctx)
	if err != nil {
		return fmt.Errorf("--smtp %s: %w", a.cfg.SMTP, err)
	}
	group.Go(func() error { return s.Serve(ctx, l) })
	return nil
}

func (a *App) accept(ctx context.Context, in mailer.Incoming) error {
	if err := a.taking.Wait(ctx); err != nil {
		return err
	}
	err := a.Door.Accept(ctx, desk.Incoming{From: in.From, To: in.To, Remote: in.Remote, HELO: in.HELO, TLS: in.TLS, Body: in.Body})
	result := "taken"
	if err != nil {
		result = "refused"
		if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Internal) {
			result = "deferred"
		}
	}
	a.tell(err)
	a.metrics.mails.WithLabelValues(result).Inc()
	return err
}

// tell says in the log why mail is not taken now; the sender hears only 451. A store that
// fails is for the operator to mend. A full backlog mends itself, and every sender tries
// again: one line a minute.
func (a *App) tell(err error) {
	full := fault.Is(err, fault.TooMany)
	if !full && !fault.Is(err, fault.Unavailable) {
		return
	}
	problem := a.catalog.Printer("en").Fault(err, "")
	if !full {
		a.log.Error("a mail is not taken now", "problem", problem, "error", err)
		return
	}
	now, last := time.Now().Unix(), a.refused.Load()
	if now-last >= 60 && a.refused.CompareAndSwap(last, now) {
		a.log.Warn("mails are not taken now", "problem", problem)
	}
}

// health answers the probes: alive, and able to serve.
func (a *App) health(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.store.DB.Ready(r.Context()); err != nil {
			p := a.catalog.Printer("en")
			a.log.Error("not ready", "problem", p.Fault(err, ""), "error", err)
			w.Header().Set("Retry-After", "5")
			http.Error(w, p.Fault(webui.Outward(err), ""), http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ok\n")
	})
	mux.Handle("/", next)
	return mux
}
