package webui

import (
	"errors"
	"net/http"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func TestTheWorldHearsLittleOfTheStore(t *testing.T) {
	other := errors.New("other")
	for _, c := range []struct {
		name  string
		err   error
		key   string // "" for unchanged
		after string
	}{
		{"a lock of another program is business", fault.New(fault.Unavailable, "store.locked"), "store.busy", "5"},
		{"no free connection too", fault.New(fault.Unavailable, "store.crowded"), "store.busy", "5"},
		{"so is our own queue", fault.New(fault.Unavailable, "store.busy"), "store.busy", "5"},
		{"a full disk is nobody's business", fault.New(fault.Unavailable, "store.full"), "store.down", "60"},
		{"nor is where the file lies", fault.New(fault.Unavailable, "store.cannot_open", "/somewhere"), "store.down", "60"},
		{"what is not of the store passes", fault.New(fault.Unavailable, "mailer.down"), "mailer.down", "60"},
		{"what is no fault passes", other, "", "60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Outward(c.err)
			var e *fault.Error
			if c.key == "" {
				if got != c.err {
					t.Error(got)
				}
			} else if !errors.As(got, &e) || e.Key != c.key || len(e.Args) > 0 {
				t.Error(got)
			}
			h := http.Header{}
			if comeBack(h, http.StatusServiceUnavailable, got); h.Get("Retry-After") != c.after {
				t.Errorf("Retry-After %q, want %q", h.Get("Retry-After"), c.after)
			}
		})
	}
	h := http.Header{}
	if comeBack(h, http.StatusConflict, nil); len(h) != 0 {
		t.Error("a conflict is told to come back", h)
	}
}
