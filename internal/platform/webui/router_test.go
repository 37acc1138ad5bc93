package webui

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

func TestAccess(t *testing.T) {
	a := newTestApp(t)
	for _, tt := range []struct {
		fact, method, path, user string
		status                   int
		location                 string
	}{
		{"a stranger is sent to sign in and back", "GET", "/form?x=1", "", 303, "/signin?next=%2Fform%3Fx%3D1"},
		{"a stranger's post is refused", "POST", "/form", "", 401, ""},
		{"a member gets the page", "GET", "/form", "member", 200, ""},
		{"the head of a page", "HEAD", "/form", "member", 200, ""},
		{"an administrator's page does not exist for a member", "GET", "/admin", "member", 404, ""},
		{"an administrator gets it", "GET", "/admin", "admin", 200, ""},
		{"an unknown address", "GET", "/nothing", "", 404, ""},
		{"an unclean address leads to the clean one", "GET", "//form", "member", 307, "/form"},
		{"a slash too many", "GET", "/form/", "member", 404, ""},
		{"another method", "DELETE", "/form", "member", 405, ""},
		{"the API wants a token", "POST", "/api/things", "", 401, ""},
	} {
		t.Run(tt.fact, func(t *testing.T) {
			r := call(t, a, tt.method, tt.path, tt.user, nil)
			if r.StatusCode != tt.status || r.Header.Get("Location") != tt.location {
				t.Errorf("got %d %q, want %d %q", r.StatusCode, r.Header.Get("Location"), tt.status, tt.location)
			}
		})
	}
}

func TestHiddenAndMissingAreTheSameBytes(t *testing.T) {
	a := newTestApp(t)
	hidden := call(t, a, "GET", "/things/abc", "member", nil)
	want := text(t, hidden)
	for _, path := range []string{"/things/other", "/admin", "/nothing?x=1", "/static/none.css"} {
		r := call(t, a, "GET", path, "member", nil)
		if path == "/static/none.css" {
			continue
		}
		if got := text(t, r); got != want || r.StatusCode != hidden.StatusCode {
			t.Errorf("%s differs from a hidden thing:\n%s\n%s", path, got, want)
		}
		for name := range r.Header {
			if name != "X-Request-Id" && r.Header.Get(name) != hidden.Header.Get(name) {
				t.Errorf("%s: header %s is %q, for a hidden thing %q", path, name, r.Header.Get(name), hidden.Header.Get(name))
			}
		}
	}
	if strings.Contains(want, hidden.Header.Get("X-Request-Id")) {
		t.Error("the page of a missing thing shows a reference number")
	}
}

func TestInternalErrorsShowOnlyTheirNumber(t *testing.T) {
	a := newTestApp(t)
	var log bytes.Buffer
	a.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	for _, path := range []string{"/broken", "/panic"} {
		log.Reset()
		r := call(t, a, "GET", path, "", nil)
		got, id := text(t, r), r.Header.Get("X-Request-Id")
		if r.StatusCode != 500 || strings.Contains(got, "secret cause") || !strings.Contains(got, id) {
			t.Errorf("%s: %d\n%s", path, r.StatusCode, got)
		}
		if !strings.Contains(log.String(), id) {
			t.Errorf("%s: the log lacks the number:\n%s", path, log.String())
		}
	}
	if strings.Contains(log.String(), "secret cause") {
		t.Error("the value of a panic is in the log: it may hold content")
	}
}

func TestLogHasTheRouteNotTheAddress(t *testing.T) {
	a := newTestApp(t)
	var log bytes.Buffer
	a.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	call(t, a, "GET", "/things/very-secret-link?token=also", "member", nil)
	if got := log.String(); strings.Contains(got, "very-secret-link") || strings.Contains(got, "also") || !strings.Contains(got, "/things/{id}") {
		t.Errorf("log: %s", got)
	}
}

func TestHeaders(t *testing.T) {
	a := newTestApp(t)
	r := call(t, a, "GET", "/form", "member", nil)
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"X-Robots-Tag": "noindex, nofollow", "Strict-Transport-Security": ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := r.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	page := text(t, r)
	for _, bad := range []string{"<style", " style=", " onclick", "<script>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	css := a.static.names["tocsin.css"]
	if !strings.Contains(page, css) {
		t.Errorf("the page lacks %s", css)
	}
	r = call(t, a, "GET", css, "", nil)
	if r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || len(text(t, r)) > 25_000 {
		t.Errorf("the style sheet: %v", r.Header)
	}
	if r := call(t, a, "GET", "/broken", "", nil); r.Header.Get("Cache-Control") != "no-store" {
		t.Error("an error page may be stored")
	}
}

func TestCrossOriginPostsAreRefused(t *testing.T) {
	a := newTestApp(t)
	form := url.Values{"title": {"long enough"}}
	for _, tt := range []struct {
		fact        string
		name, value string
		status      int
	}{
		{"from another site", "Sec-Fetch-Site", "cross-site", 403},
		{"from a sister domain", "Sec-Fetch-Site", "same-site", 403},
		{"from the site", "Sec-Fetch-Site", "same-origin", 303},
		{"an old browser from elsewhere", "Origin", "https://evil.example", 403},
		{"a program", "User-Agent", "curl", 303},
	} {
		if r := call(t, a, "POST", "/form", "member", form, tt.name, tt.value); r.StatusCode != tt.status {
			t.Errorf("%s: %d, want %d", tt.fact, r.StatusCode, tt.status)
		}
	}
}

func TestClientAddress(t *testing.T) {
	a := New(Config{Catalog: i18n.Default(), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, tt := range []struct {
		fact, peer, forwarded, proto string
		want                         string
		https                        bool
	}{
		{"without a proxy", "192.0.2.1:5", "", "", "192.0.2.1", false},
		{"an untrusted peer's header is ignored", "192.0.2.1:5", "198.51.100.7", "https", "192.0.2.1", false},
		{"a trusted proxy names the client", "10.0.0.1:5", "198.51.100.7", "https", "198.51.100.7", true},
		{"the client's own line before it changes nothing", "10.0.0.1:5", "1.1.1.1, 198.51.100.7", "https", "198.51.100.7", true},
		{"two proxies", "10.0.0.1:5", "198.51.100.7, 10.0.0.2", "", "198.51.100.7", false},
		{"nonsense ends the search", "10.0.0.1:5", "198.51.100.7, junk", "", "10.0.0.1", false},
		{"a mapped address", "[::ffff:192.0.2.1]:5", "", "", "192.0.2.1", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if tt.proto != "" {
			r.Header.Set("X-Forwarded-Proto", tt.proto)
		}
		addr, https := a.client(r)
		if addr.String() != tt.want || https != tt.https {
			t.Errorf("%s: %s %v, want %s %v", tt.fact, addr, https, tt.want, tt.https)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = &tls.ConnectionState{}
	if _, https := a.client(r); !https {
		t.Error("TLS is not seen")
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{"/cases/1?x=y": "/cases/1?x=y", "": "/", "https://evil.example/": "/", "//evil.example": "/",
		`/\evil.example`: "/", "cases": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/", "/\t/evil.example": "/"} {
		if got := LocalPath(in); got != want {
			t.Errorf("LocalPath(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestAPIProblems(t *testing.T) {
	a := newTestApp(t)
	post := func(body string, headers ...string) (int, map[string]any) {
		t.Helper()
		r := httptest.NewRequest("POST", "/api/things", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Test-User", "member")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		var m map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("type %q", w.Header().Get("Content-Type"))
		}
		return w.Code, m
	}
	if code, _ := post(`{"name": "ok"}`); code != 200 {
		t.Errorf("a good request: %d", code)
	}
	code, m := post(`{"name": "my secret value"}`, "Accept-Language", "zh")
	if code != 422 || m["type"] != "urn:tocsin:fault.invalid" || m["title"] != "无法完成此操作" || strings.Contains(toJSON(t, m), "my secret") {
		t.Errorf("invalid: %d %v", code, m)
	}
	code, m = post(`{"name": `)
	if code != 400 || m["type"] != "urn:tocsin:fault.malformed" {
		t.Errorf("unreadable: %d %v", code, m)
	}
	code, gone := post(`{"name": "gone"}`)
	unknown := call(t, a, "GET", "/api/unknown", "member", nil)
	if code != 404 || toJSON(t, gone) != compact(t, text(t, unknown)) {
		t.Errorf("a missing thing and a missing address differ: %d %v", code, gone)
	}
	if code, _ := post(`{"name": "` + strings.Repeat("x", 2<<20) + `"}`); code != 413 {
		t.Errorf("too large: %d", code)
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func compact(t *testing.T, s string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %q", err, s)
	}
	return toJSON(t, v)
}

func TestDescription(t *testing.T) {
	a := newTestApp(t)
	r := call(t, a, "GET", "/openapi.json", "", nil)
	var spec map[string]any
	if err := json.NewDecoder(r.Body).Decode(&spec); err != nil || spec["openapi"] != "3.1.0" {
		t.Errorf("%v %v", err, spec["openapi"])
	}
	page := text(t, call(t, a, "GET", "/api/docs", "", nil))
	if !strings.Contains(page, "/api/things") || !strings.Contains(page, "A signed-in person") || strings.Contains(page, "unpkg") {
		t.Error(page)
	}
	found := false
	for _, rt := range a.Routes() {
		if rt.Path == "/api/things" {
			found = rt.API && rt.Operation == "make" && rt.Access == SignedIn && rt.Method == "POST"
		}
	}
	if !found {
		t.Errorf("the operation is not among the routes: %+v", a.Routes())
	}
}

func TestSlowHandlersAreCut(t *testing.T) {
	a := newTestApp(t)
	a.Page("GET /slow", Public, func(c *Ctx) error {
		<-c.Context().Done()
		return c.Context().Err()
	}, Timeout(time.Millisecond))
	if r := call(t, a, "GET", "/slow", "", nil); r.StatusCode != 503 || r.Header.Get("Retry-After") == "" {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestFlashTakesOnlyCatalogueTexts(t *testing.T) {
	a := newTestApp(t)
	a.Page("GET /flash", SignedIn, func(c *Ctx) error { c.Flash(c.Query("key"), "who", "<b>"); return c.Redirect("/form") })
	for key, want := range map[string]bool{"action.save": true, "pay the attacker": false} {
		r := call(t, a, "GET", "/flash?key="+url.QueryEscape(key), "member", nil)
		page := text(t, call(t, a, "GET", "/form", "member", nil, "Cookie", r.Header.Get("Set-Cookie")))
		if strings.Contains(page, `class="flash"`) != want {
			t.Errorf("%q shown: %v", key, !want)
		}
	}
}

func TestDownload(t *testing.T) {
	a := newTestApp(t)
	a.Page("GET /file", SignedIn, func(c *Ctx) error {
		return c.Download("../../\u202eexe.\"pdf\r\n", c.Query("type"), strings.NewReader("data"))
	})
	r := call(t, a, "GET", "/file?type=text/html", "member", nil)
	if r.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") ||
		strings.ContainsAny(r.Header.Get("Content-Disposition"), "/\u202e") || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v", r.Header)
	}
	if got, _ := io.ReadAll(r.Body); string(got) != "data" {
		t.Errorf("body %q", got)
	}
}

// A download whose source failed ended like a whole one.
func TestADownloadThatFailsIsNotTakenForAWholeFile(t *testing.T) {
	a := newTestApp(t)
	a.Page("GET /half", Public, func(c *Ctx) error {
		return c.Download("a.bin", "", io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotest.ErrReader(io.ErrNoProgress)))
	})
	site := httptest.NewServer(a.Handler())
	defer site.Close()
	r, err := http.Get(site.URL + "/half")
	if err != nil {
		return // broken off before the header: plain enough
	}
	defer r.Body.Close()
	if got, err := io.ReadAll(r.Body); err == nil {
		t.Errorf("%d bytes came and no error", len(got))
	}
}

func TestLanguage(t *testing.T) {
	a := newTestApp(t)
	page := text(t, call(t, a, "GET", "/form", "member", nil, "Accept-Language", "zh-CN"))
	if !strings.Contains(page, `<html lang="zh-Hans">`) || !strings.Contains(page, "保存") {
		t.Error("the page is not Chinese")
	}
	r := call(t, a, "GET", "/lang/zh?next=//evil.example", "", nil)
	if r.Header.Get("Location") != "/" || !strings.HasPrefix(r.Header.Get("Set-Cookie"), "lang=zh") {
		t.Errorf("%v", r.Header)
	}
	page = text(t, call(t, a, "GET", "/form", "member", nil, "Accept-Language", "en", "Cookie", "lang=zh"))
	if !strings.Contains(page, `<html lang="zh-Hans">`) {
		t.Error("the kept choice does not hold")
	}
}

func TestRefuseInAMiddleware(t *testing.T) {
	a := newTestApp(t)
	a.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a.Refuse(w, r, fault.New(fault.TooMany, "fault.too_many"))
		})
	})
	if r := call(t, a, "GET", "/form", "member", nil); r.StatusCode != 429 || !strings.Contains(text(t, r), "Too many attempts") {
		t.Errorf("page: %d", r.StatusCode)
	}
	if r := call(t, a, "GET", "/api/things", "member", nil); r.StatusCode != 429 || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("API: %d", r.StatusCode)
	}
}

func TestSetsRefuseForeignNames(t *testing.T) {
	for fact, body := range map[string]string{"a name without its domain": `{{define "row"}}{{end}}`, "another domain's": `{{define "desk/row"}}{{end}}`,
		"a layout": `{{define "layout-app"}}x{{end}}{{define "mine"}}{{end}}`, "an unknown function": `{{nope}}`} {
		if _, err := Templates("demo", memFS(body)); err == nil {
			t.Errorf("the templates may define %s", fact)
		}
	}
	if _, err := Templates("demo", memFS(`{{define "demo/row"}}x{{end}}`)); err != nil {
		t.Error(err)
	}
}

func TestConfirmSaysWhatWillHappen(t *testing.T) {
	a := newTestApp(t)
	page := Confirm{Title: "Publish", Effects: []Effect{{"Everybody", "sees <the> advisory"}}, Action: "/publish", Button: "Publish now", Danger: true,
		Reason: true, Back: "/form", Hidden: map[string]string{"revision": "3"}, Fields: "demo/form", Data: map[string]any{"Title": "given"}}
	a.Page("GET /publish", SignedIn, func(c *Ctx) error { return c.Confirm(page, nil) })
	a.Page("POST /publish", SignedIn, func(c *Ctx) error {
		var checks fault.Checks
		checks.Add("reason", "fault.field.required")
		checks.Add("title", "fault.field.required")
		return c.Confirm(page, checks.Err())
	})
	got := text(t, call(t, a, "GET", "/publish", "member", nil))
	for _, want := range []string{"sees &lt;the&gt; advisory", `class="danger"`, `name="revision" value="3"`, `value="given"`} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	r := call(t, a, "POST", "/publish", "member", url.Values{"reason": {"typed"}, "title": {"mine"}})
	got = text(t, r)
	for _, want := range []string{">\ntyped</textarea>", `value="mine"`, `href="#f-reason"`, `href="#f-title"`, `id="f-title-problem"`} {
		if r.StatusCode != 422 || !strings.Contains(got, want) {
			t.Errorf("%d, lacks %q:\n%s", r.StatusCode, want, got)
		}
	}
}
