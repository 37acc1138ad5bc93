package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-sec/tocsin/internal/config"
)

// App is the wired program.
type App struct {
	cfg config.Config
	log *slog.Logger
}

// Open opens the store and wires everything on it, without serving.
func Open(_ context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	if err := makeData(cfg.Data); err != nil {
		return nil, err
	}
	return &App{cfg: cfg, log: log}, nil
}

// Close releases the store.
func (a *App) Close() error { return nil }

func (a *App) serve(ctx context.Context, out io.Writer) error {
	group, ctx := errgroup.WithContext(ctx)
	l, err := listen(ctx, "listen", a.cfg.Listen)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	serveHTTP(ctx, group, httpServer(mux, a.log), l, a.cfg.ShutdownGrace)
	fmt.Fprintf(out, "Tocsin listens on %s\n", a.cfg.URL)
	return group.Wait()
}
