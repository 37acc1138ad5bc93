package webui

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Outward returns what the world is told of err. What is wrong with the store is for
// the operator; everybody else hears that it is busy ("store.busy") or away ("store.down").
// Other errors pass unchanged.
func Outward(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Unavailable || !strings.HasPrefix(e.Key, "store.") || e.Key == "store.busy" || e.Key == "store.down" {
		return err
	}
	if e.Key == "store.locked" || e.Key == "store.crowded" {
		return fault.New(fault.Unavailable, "store.busy").Because(err)
	}
	return fault.New(fault.Unavailable, "store.down").Because(err)
}

// outward is Outward that leaves the rest in the log, for the operator.
func (a *App) outward(ctx context.Context, err error) error {
	told := Outward(err)
	if told == err { // compared as it is: a fault that was turned is another value
		return err
	}
	a.cfg.Log.ErrorContext(ctx, "the store does not serve", "request", RequestID(ctx),
		"problem", a.cfg.Catalog.Printer(i18n.Base).Fault(err, ""), "error", err)
	return told
}

// comeBack sets Retry-After (RFC 9110 section 10.2.3) where trying again helps: what
// is busy will soon be free, everything else takes somebody's hand.
func comeBack(h http.Header, status int, err error) {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable || h.Get("Retry-After") != "" {
		return
	}
	var e *fault.Error
	if errors.As(err, &e) && e.Key == "store.busy" {
		h.Set("Retry-After", "5")
		return
	}
	h.Set("Retry-After", "60")
}
