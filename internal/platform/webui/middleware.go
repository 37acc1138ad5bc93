package webui

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
)

// csp is the policy of every page: nothing from elsewhere, nothing inline.
const csp = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

// chain wraps the router, outermost first: state and log, panics, headers, time
// limit, cross-origin check, the domains' middleware, the router.
func (a *App) chain() http.Handler {
	var h http.Handler = http.HandlerFunc(a.dispatch)
	for i := len(a.uses) - 1; i >= 0; i-- {
		h = a.uses[i](h)
	}
	h = a.sameOrigin(h)
	h = a.limits(h)
	h = a.panics(h)
	return a.entry(h)
}

// entry gives the request its number and notes the answer without its content:
// the log has the route's pattern, never the address, which may be a secret link.
func (a *App) entry(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		out := &recorder{ResponseWriter: w}
		s := &state{id: ident.New()[:12], out: out}
		s.remote, s.https = a.client(r)
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, s))
		a.headers(w, s)
		next.ServeHTTP(out, r)
		_, pattern := a.mux.Handler(r)
		level := slog.LevelInfo
		if r.RemoteAddr == "" {
			level = slog.LevelDebug // this very program looks at what it has published
		}
		a.cfg.Log.Log(r.Context(), level, "request", "request", s.id, "method", r.Method, "route", pattern,
			"status", out.status, "bytes", out.bytes, "took", time.Since(start).Round(time.Microsecond))
	})
}

func (a *App) headers(w http.ResponseWriter, s *state) {
	h := w.Header()
	h.Set("X-Request-Id", s.id)
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if s.https {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// client finds the client's address. X-Forwarded-For is read from its end, past
// the trusted proxies, so that a client's own lines in it change nothing.
func (a *App) client(r *http.Request) (netip.Addr, bool) {
	https := r.TLS != nil
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, https
	}
	addr := peer.Addr().Unmap()
	if !a.trusted(addr) {
		return addr, https
	}
	if p := r.Header.Values("X-Forwarded-Proto"); len(p) > 0 {
		https = strings.EqualFold(strings.TrimSpace(p[len(p)-1]), "https")
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && a.trusted(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr, https
}

func (a *App) trusted(addr netip.Addr) bool {
	for _, p := range a.cfg.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// panics turns a panic into an internal error with the reference number.
func (a *App) panics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			what := fmt.Sprintf("%T", v) // the value may hold content, except for what Go itself says
			if e, ok := v.(runtime.Error); ok {
				what = e.Error()
			}
			a.cfg.Log.ErrorContext(r.Context(), "panic", "request", RequestID(r.Context()), "what", what, "stack", string(debug.Stack()))
			a.refuse(w, r, fmt.Errorf("panic: %T", v))
		}()
		next.ServeHTTP(w, r)
	})
}

func (a *App) limits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := a.cfg.Timeout
		if rt := a.routeOf(r); rt != nil {
			limit = rt.timeout
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		rc := http.NewResponseController(w)
		// Not every writer knows deadlines (httptest's does not); the context's holds there.
		_ = rc.SetReadDeadline(time.Now().Add(limit))
		_ = rc.SetWriteDeadline(time.Now().Add(limit + 5*time.Second))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// sameOrigin refuses requests that change something and come from another site
// (Sec-Fetch-Site, else Origin). Clients that are no browsers send neither.
func (a *App) sameOrigin(next http.Handler) http.Handler {
	check := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := check.Check(r); err != nil {
			a.refuse(w, r, fault.New(fault.Denied, "fault.cross_origin").Because(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// dispatch runs the router and puts our own pages in the place of its plain
// answers for unknown addresses and methods.
func (a *App) dispatch(w http.ResponseWriter, r *http.Request) {
	h, pattern := a.mux.Handler(r)
	if pattern != "" {
		a.mux.ServeHTTP(w, r)
		return
	}
	probe := &probe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	switch probe.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		a.refuseStatus(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "fault.method"))
	case http.StatusNotFound:
		a.refuse(w, r, fault.Missing())
	default:
		a.mux.ServeHTTP(w, r) // a redirect to the clean path
	}
}

// probe catches the router's own answer.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(s int)           { p.status = s }
