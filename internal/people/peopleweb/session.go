package peopleweb

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// The cookies. Over TLS their names carry __Host-, so that no other host of the domain
// can set them (RFC 6265bis section 4.1.3.2).
const (
	sessionCookie = "session"
	halfCookie    = "half"
	deviceCookie  = "device"
)

func cookieName(ctx context.Context, name string) string {
	if webui.Secure(ctx) {
		return "__Host-" + name
	}
	return name
}

func cookie(r *http.Request, name string) secret.String {
	if c, err := r.Cookie(cookieName(r.Context(), name)); err == nil {
		return secret.New(c.Value)
	}
	return secret.String{}
}

// setCookie keeps a token in the browser until ends; an empty token takes it away. The
// age is relative, since the browser's clock may be wrong.
func setCookie(c *webui.Ctx, name string, token secret.String, ends time.Time) {
	ck := &http.Cookie{Name: cookieName(c.Context(), name), Value: token.Reveal(), Path: "/", MaxAge: int(ends.Sub(c.Now()) / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: webui.Secure(c.Context())}
	if token.Empty() {
		ck.MaxAge = -1
	}
	http.SetCookie(c.W, ck)
}

// keep puts what a sign-in gave into the browser.
func keep(c *webui.Ctx, in account.SignedIn) {
	if in.Half {
		setCookie(c, halfCookie, in.Token, in.Ends)
		return
	}
	setCookie(c, sessionCookie, in.Token, in.Ends)
	setCookie(c, halfCookie, secret.String{}, time.Time{})
	if !in.Device.Empty() {
		setCookie(c, deviceCookie, in.Device, c.Now().Add(account.DeviceLife))
	}
}

// client is where the request comes from.
func client(c *webui.Ctx) account.Client {
	return account.Client{Remote: c.Remote(), Agent: c.R.UserAgent(), Device: cookie(c.R, deviceCookie)}
}

// Middleware puts the scope and the visit of a session's cookie or an API token into the
// request's context. A token counts on the API alone, within its areas; a
// cookie that is over counts as none.
func (p Pages) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		sc, visit := people.Anyone(), people.Visit{}
		var err error
		if raw, ok := bearer(r); ok {
			sc, visit, err = p.Admin.Bearer(ctx, raw)
			switch {
			case err != nil:
				refuse(w, fault.HTTPStatus(err))
				return
			case !visit.Covers(area(r.URL.Path)) || !sc.MayWrite() && r.Method != http.MethodGet && r.Method != http.MethodHead:
				refuse(w, http.StatusForbidden)
				return
			}
		} else if token := cookie(r, sessionCookie); !token.Empty() {
			sc, visit, err = p.Admin.Resume(ctx, token)
			if err != nil && !fault.Is(err, fault.NotFound) {
				// The store is down; who he is cannot be told, so he is nobody.
				refuse(w, http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(people.WithVisit(people.Into(ctx, sc), visit)))
	})
}

// bearer returns the API token of a request to the API.
func bearer(r *http.Request) (secret.String, bool) {
	kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(kind, "Bearer") || !strings.HasPrefix(r.URL.Path, "/api/") {
		return secret.String{}, false
	}
	return secret.New(strings.TrimSpace(token)), true
}

// area is the part of the API that a path belongs to: "cases" in /api/cases/1.
func area(path string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, "/api/"), "v1/")
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// refuse answers before any route is known: a problem document without words of its
// own (RFC 9457 section 4.2.1, about:blank).
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status})
}

// Viewer says who reads, for webui.Config.
func Viewer(ctx context.Context) webui.Viewer {
	visit := people.VisitOf(ctx)
	if visit.Person.ID == "" {
		return webui.Viewer{}
	}
	owes := ""
	if len(visit.Owed) > 0 {
		owes = "/terms/" + string(visit.Owed[0].Project)
	}
	return webui.Viewer{Owes: owes, ID: string(visit.Person.ID), Name: visit.Person.Name, SignedIn: true, Admin: visit.Person.Admin,
		Lang: visit.Person.Lang, Zone: visit.Person.Zone}
}
