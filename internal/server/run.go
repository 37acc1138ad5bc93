// Package server puts the program together: build.go wires stores, services and
// pages with struct literals, flow.go says on one page which fact goes to whom,
// run.go starts and stops the listeners. Rules are not in here; they are in the
// domains.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/config"
)

// Run serves until ctx ends and then stops gracefully: listeners first, running
// requests, mails and jobs within the grace period, the store last. What a
// person needs (addresses, links) goes to out, the log to errOut.
func Run(ctx context.Context, cfg config.Config, out, errOut io.Writer) error {
	log := logger(cfg, errOut)
	for _, w := range cfg.Warnings {
		log.Warn("setting", "problem", w)
	}
	var app *App
	if err := patiently(ctx, log, func() (err error) {
		app, err = Open(ctx, cfg, log)
		return err
	}); err != nil {
		return err
	}
	defer app.Close()
	app.store.DB.AnswerWithin(answerWithin)
	return app.serve(ctx, out)
}

// databaseWithin is how long a start waits for a database server that does not answer: a
// machine that starts brings both up at once, and a busy one takes its time to accept.
const databaseWithin = 2 * time.Minute

// patiently does what a start needs of the store, again and again while the database
// server does not answer. Every other error is one that waiting does not mend.
func patiently(ctx context.Context, log *slog.Logger, do func() error) error {
	deadline := time.Now().Add(databaseWithin)
	for {
		err := do()
		if !unreachable(err) || time.Now().After(deadline) {
			return err
		}
		log.Warn("the start waits for the database server", "error", err, "until", deadline.UTC().Format(time.RFC3339))
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(time.Second):
		}
	}
}

func unreachable(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Key == "store.unreachable"
}

// answerWithin is how long a database server may say nothing to a statement. It is
// shorter than a page's time, so that the answer is a page; statements take milliseconds,
// and a lock is waited for 2.5 s.
const answerWithin = 20 * time.Second

// logger writes structured lines without content (design, section 4).
func logger(cfg config.Config, w io.Writer) *slog.Logger {
	level := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}[cfg.LogLevel]
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// httpServer has bounds on every phase of a request; bodies are bounded by webui.
func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute, // a 50 MB upload on a slow line
		WriteTimeout:      5 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// serveHTTP serves on l until ctx ends, then lets running requests end.
func serveHTTP(ctx context.Context, group *errgroup.Group, s *http.Server, l net.Listener, grace time.Duration) {
	group.Go(func() error {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if err := s.Shutdown(stop); err != nil {
			return s.Close()
		}
		return nil
	})
}

// listen opens a TCP listener; the error names the setting.
func listen(ctx context.Context, setting, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--%s %s: %w", setting, address, err)
	}
	return l, nil
}

// makeData makes the data folder, readable by its owner only.
func makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	return nil
}
