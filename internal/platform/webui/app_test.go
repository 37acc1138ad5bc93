package webui

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

type viewerKey struct{}

var testNow = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

func newTestApp(t *testing.T) *App {
	t.Helper()
	a := New(Config{Catalog: i18n.Default(), Now: func() time.Time { return testNow },
		Viewer: func(ctx context.Context) Viewer { v, _ := ctx.Value(viewerKey{}).(Viewer); return v }})
	a.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.Header.Get("X-Test-User") {
			case "member":
				r = r.WithContext(context.WithValue(r.Context(), viewerKey{}, Viewer{ID: "p1", Name: "Ada", SignedIn: true}))
			case "admin":
				r = r.WithContext(context.WithValue(r.Context(), viewerKey{}, Viewer{ID: "p2", Name: "Root", SignedIn: true, Admin: true}))
			}
			next.ServeHTTP(w, r)
		})
	})
	a.Set("demo", fstest.MapFS{"form.html": {Data: []byte(`{{head "Form"}}<form method="post">{{text "title" "nav.main" .Title "required"}}{{area "body" "nav.api" ""}}{{submit "action.save"}}</form>`)}})
	form := func(c *Ctx, err error) error {
		return c.RenderForm("demo/form", map[string]any{"Title": "old"}, err)
	}
	a.Page("GET /form", SignedIn, func(c *Ctx) error { return form(c, nil) })
	a.Page("POST /form", SignedIn, func(c *Ctx) error {
		var checks fault.Checks
		checks.Require(len(c.Value("title")) > 3, "title", "fault.field.required")
		if err := checks.Err(); err != nil {
			return form(c, err)
		}
		c.Flash("action.save")
		return c.Redirect("/form")
	})
	a.Page("GET /things/{id}", SignedIn, func(c *Ctx) error { return fault.Missing() })
	a.Page("GET /admin", Admin, func(c *Ctx) error { return nil })
	a.Page("GET /broken", Public, func(c *Ctx) error { return errors.New("secret cause") })
	a.Page("GET /panic", Public, func(c *Ctx) error { panic("secret cause") })
	type in struct {
		Body struct {
			Name string `json:"name" maxLength:"5"`
		}
	}
	type out struct{ Body struct{ OK bool } }
	Op(a, huma.Operation{OperationID: "make", Method: "POST", Path: "/api/things", Summary: "Make"}, SignedIn,
		func(ctx context.Context, i *in) (*out, error) {
			if i.Body.Name == "gone" {
				return nil, fault.Missing()
			}
			return &out{}, nil
		})
	return a
}

func call(t *testing.T, a *App, method, path, user string, form url.Values, headers ...string) *http.Response {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if user != "" {
		r.Header.Set("X-Test-User", user)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The bug: an invitation that came back showed "Observer" as the new role of everybody in
// the forms above it; one press more would have changed it.
func TestAFormThatComesBackLeavesTheOthersOfItsPage(t *testing.T) {
	a := newTestApp(t)
	a.Set("two", fstest.MapFS{"page.html": {Data: []byte(`{{head "Two"}}
<form method="post">{{pick "role" "nav.main" "lead" .Roles}}{{text "about" "nav.main" "as it was"}}{{submit "action.save"}}</form>
<form method="post">{{text "address" "nav.api" "given"}}{{submit "action.save"}}</form>`)}})
	a.Page("POST /two", SignedIn, func(c *Ctx) error {
		roles := []Option{{Value: "observer", Text: "Observer"}, {Value: "lead", Text: "Lead"}}
		return c.RenderForm("two/page", map[string]any{"Roles": roles}, fault.New(fault.Invalid, "fault.invalid"))
	})
	res := call(t, a, "POST", "/two", "member", url.Values{"address": {""}})
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<option value="lead" selected>`, `value="as it was"`, `name="address" value=""`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the page lacks %s:\n%s", want, raw)
		}
	}
}

func TestFormComesBackWithWhatWasTyped(t *testing.T) {
	a := newTestApp(t)
	r := call(t, a, "POST", "/form", "member", url.Values{"title": {"<b>"}, "body": {"kept text"}})
	got := text(t, r)
	if r.StatusCode != 422 {
		t.Errorf("status %d, want 422", r.StatusCode)
	}
	for _, want := range []string{`value="&lt;b&gt;"`, "kept text</textarea>", `href="#f-title"`, `aria-invalid="true"`, `id="f-title-problem"`, "<title>Error: Form"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	r = call(t, a, "POST", "/form", "member", url.Values{"title": {"long enough"}})
	if r.StatusCode != 303 || r.Header.Get("Location") != "/form" {
		t.Errorf("got %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
}
