package pace_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/pace"
)

func TestWorkThatCanWait(t *testing.T) {
	for name, c := range map[string]struct {
		pages int
		atAll time.Duration
	}{
		"runs at once while nobody asks for a page":          {0, 0},
		"has its share of the time while a page is busy":     {1, 9 * 10 * time.Millisecond * 2 / time.Duration(runtime.GOMAXPROCS(0))},
		"has half of it while requests wait for a processor": {3 * runtime.GOMAXPROCS(0), 9 * 10 * time.Millisecond * 4 / time.Duration(runtime.GOMAXPROCS(0))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var pages pace.Pages
				turn := pace.Turn{Pages: &pages, Cost: 5 * time.Millisecond, Share: 0.5}
				page := make(chan struct{})
				var asked sync.WaitGroup
				for range c.pages {
					asked.Go(func() {
						pages.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-page })).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
					})
				}
				synctest.Wait()
				began := time.Now()
				var group sync.WaitGroup
				for range 10 {
					group.Go(func() {
						if err := turn.Wait(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				if took := time.Since(began); took != c.atAll {
					t.Errorf("ten pieces began within %v, not %v", took, c.atAll)
				}
				if c.pages == 0 {
					return
				}
				close(page)
				asked.Wait()
				if !pages.Busy() {
					t.Error("the next request is expected")
				}
				time.Sleep(time.Second) // of synctest's clock
				if pages.Busy() {
					t.Error("nobody asks any more")
				}
			})
		})
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pages pace.Pages
		turn := pace.Turn{Pages: &pages, Cost: time.Hour, Share: 1}
		pages.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := turn.Wait(ctx); err != nil {
			t.Errorf("the first: %v", err)
		}
		pages.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if err := turn.Wait(ctx); err == nil {
			t.Error("the second did not wait")
		}
	})
}
