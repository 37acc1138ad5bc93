package server

import (
	"context"
	"net/http"

	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Handler returns the handler of all pages and the API. Tests ask it without a
// listener.
func (a *App) Handler() http.Handler { return a.handler }

// Routes returns every route of the pages and the API, for the tests that walk the
// router.
func (a *App) Routes() []webui.Route { return a.routes }

// Store returns the store that the App is wired on.
func (a *App) Store() *Store { return a.store }

// Drain runs the jobs that are due, and those which they cause, until none is left.
// Letters stay in their queue.
func (a *App) Drain(ctx context.Context) error {
	for {
		ran := 0
		for i, r := range a.runners() {
			if lane(i) == outbox {
				continue
			}
			n, err := r.Drain(ctx)
			if err != nil {
				return err
			}
			ran += n
		}
		if ran == 0 {
			return nil
		}
	}
}

// DrainMail hands the letters that are due to Mailroom.Transport, which Drain leaves alone.
func (a *App) DrainMail(ctx context.Context) error {
	_, err := a.runners()[outbox].Drain(ctx)
	return err
}
