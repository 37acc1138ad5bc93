package peopleweb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/people/mailroom"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/people/peopleweb"
	"github.com/tocsin-sec/tocsin/internal/platform/credential"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

type silent struct{}

func (silent) Emit(context.Context, unit.Tx, unit.Fact) error { return nil }

// site is the pages of people on a real store behind a real HTTP server.
type site struct {
	*sqldbtest.Env
	url   string
	app   *webui.App
	admin *account.Admin
	codes credential.Codes
}

func start(t *testing.T) *site {
	t.Helper()
	e := sqldbtest.SQLite(t, []sqldb.Source{peopledb.Migrations()})
	e.Work.Flow = silent{}
	store := &peopledb.Store{Seal: e.Seal, Ring: e.Ring}
	ring := peopledb.Keyring{Store: store}
	agreements := &people.Agreements{Store: store}
	grants := &people.Grants{Store: store, Terms: store}
	post := &people.Post{Store: store, Domain: "t.example"}
	team := &people.Team{Joins: store, Persons: store, Grants: grants, Agreements: agreements, Post: post, Origin: "https://t.example"}
	dir := &people.Directory{Persons: store, Projects: store}
	projects := &people.Projects{Work: e.Work, Store: store, Team: team, Agreements: agreements, Ring: ring}
	codes := credential.Codes{Issuer: "Tocsin"}
	accounts := &account.Service{Work: e.Work, Persons: store, Sessions: store, Links: store, Addresses: store, Codes: store, Tokens: store, Throttle: store,
		Hasher: credential.NewHasher(credential.Params{Memory: 64, Passes: 1, Threads: 1}, 2, 64), OneTime: codes, Team: team, Post: post, Origin: "https://t.example"}
	s := &site{Env: e, codes: codes, admin: &account.Admin{Service: accounts, Projects: projects, Jobs: store}}
	s.app = webui.New(webui.Config{Catalog: i18n.Default(), Viewer: peopleweb.Viewer, Now: e.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	peopleweb.Pages{Admin: s.admin, Projects: projects, Members: &people.Members{Work: e.Work, Team: team, Directory: dir, Accounts: accounts, Ring: ring},
		Keys: &people.Keys{Work: e.Work, Store: store, Post: post}, Mailroom: &mailroom.Mailroom{Work: e.Work, Letters: store, Queue: store},
		QR: credential.QR}.Register(s.app)
	s.app.Page("GET /{$}", webui.Public, func(c *webui.Ctx) error { _, err := io.WriteString(c.W, "home"); return err })
	s.app.Page("GET /work", webui.SignedIn, func(c *webui.Ctx) error { _, err := io.WriteString(c.W, "a secret"); return err })
	s.app.Page("POST /work", webui.SignedIn, func(c *webui.Ctx) error { _, err := io.WriteString(c.W, "done"); return err })
	srv := httptest.NewServer(s.app.Handler())
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// browser keeps cookies and follows no redirect.
type browser struct {
	t    *testing.T
	site *site
	c    *http.Client
	last string
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, site: s, c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send returns status and where to; the body is kept in last.
func (b *browser) send(method, path string, form url.Values) (int, string) {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.site.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.do(r)
}

func (b *browser) do(r *http.Request) (int, string) {
	b.t.Helper()
	w, err := b.c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.last = string(raw)
	return w.StatusCode, w.Header.Get("Location")
}

func (b *browser) want(method, path string, form url.Values, status int, location string) {
	b.t.Helper()
	got, to := b.send(method, path, form)
	if got != status || location != "" && to != location {
		b.t.Fatalf("%s %s: %d to %q, want %d to %q\n%s", method, path, got, to, status, location, main(b.last))
	}
	if strings.Contains(b.last, ">people.") || strings.Contains(b.last, " people.") {
		b.t.Errorf("%s %s shows a key: %s", method, path, regexp.MustCompile(`[> ]people\.[a-z_.]+`).FindString(b.last))
	}
}

func main(page string) string {
	if _, rest, ok := strings.Cut(page, "<main"); ok {
		page = rest
	}
	return page
}

const password = "a long enough password"

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func path(link string) string { return link[strings.Index(link, "/link/"):] }

var shownLink = regexp.MustCompile(`<code id="link">([^<]+)</code>`)

// first makes the first administrator through the pages.
func (s *site) first(t *testing.T) *browser {
	t.Helper()
	link, err := s.admin.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	b.want("GET", path(link.Reveal()), nil, 200, "")
	b.want("POST", path(link.Reveal()), form("address", "root@example.org", "name", "", "password", "short", "lang", "en", "zone", "UTC"), 422, "")
	b.want("POST", path(link.Reveal()), form("address", "root@example.org", "name", "Root", "password", password, "lang", "en", "zone", "UTC"), 303, "/settings/codes")
	return b
}

// invited makes a person through the pages.
func (s *site) invited(t *testing.T, root *browser, name string) *browser {
	t.Helper()
	root.want("POST", "/admin/people", form("address", name+"@example.org", "name", name), 200, "")
	m := shownLink.FindStringSubmatch(root.last)
	if m == nil {
		t.Fatalf("no link on the page:\n%s", main(root.last))
	}
	b := s.browser(t)
	b.want("GET", path(m[1]), nil, 200, "")
	fields := form("name", name, "password", password, "lang", "en", "zone", "Europe/Berlin")
	for _, box := range regexp.MustCompile(`name="(terms_[a-z0-9]+)" value="(\d+)"`).FindAllStringSubmatch(b.last, -1) {
		fields.Set(box[1], box[2])
	}
	b.want("POST", path(m[1]), fields, 303, "/settings/codes")
	b.want("GET", path(m[1]), nil, 422, "") // spent
	return b
}

func TestTheWayIn(t *testing.T) {
	s := start(t)
	out := s.browser(t)
	out.want("GET", "/settings", nil, 303, "/signin?next=%2Fsettings")
	out.want("GET", "/signin", nil, 200, "")
	root := s.first(t)
	ann := s.invited(t, root, "ann")
	for _, page := range []string{"/settings", "/settings/codes", "/settings/keys", "/settings/sessions", "/settings/tokens", "/settings/password", "/teams", "/prove"} {
		ann.want("GET", page, nil, 200, "")
	}
	for _, page := range []string{"/admin/people", "/admin/projects", "/admin/queue", "/admin/jobs"} {
		root.want("GET", page, nil, 200, "")
		ann.want("GET", page, nil, 404, "")
		out.want("GET", page, nil, 303, "")
	}
	ann.want("POST", "/settings", form("name", "Ann Other", "lang", "en", "zone", "Nowhere/At/All"), 422, "")
	if !strings.Contains(ann.last, "Enter a time zone") {
		t.Errorf("the wrong zone is not named:\n%s", main(ann.last))
	}
	ann.want("POST", "/settings", form("name", "Ann Other", "lang", "en", "zone", "Europe/Berlin", "public", "on"), 303, "/settings")
	ann.want("POST", "/signout", form(), 303, "/signin")
	ann.want("GET", "/settings", nil, 303, "")
	ann.want("GET", "/signin", nil, 200, "") // takes the notice of signing out away
	ann.want("POST", "/signin", form("address", "ann@example.org", "password", "wrong wrong wrong", "next", "/teams"), 422, "")
	known := ann.last
	out.want("POST", "/signin", form("address", "nobody@example.org", "password", "wrong wrong wrong", "next", "/teams"), 422, "")
	if a, b := strings.ReplaceAll(known, "ann@", "x@"), strings.ReplaceAll(out.last, "nobody@", "x@"); a != b {
		t.Errorf("the answers for an account and for none differ:\n%s\n%s", main(a), main(b))
	}
	ann.want("POST", "/signin", form("address", "ann@example.org", "password", password, "next", "//evil.example"), 303, "/")
}

func TestAForgottenPasswordThroughThePages(t *testing.T) {
	s := start(t)
	root := s.first(t)
	s.invited(t, root, "ann")
	out := s.browser(t)
	out.want("GET", "/signin/forgot", nil, 200, "")
	out.want("POST", "/signin/forgot", form("address", "no address"), 422, "")
	out.want("POST", "/signin/forgot", form("address", "ann@example.org"), 200, "")
	known := out.last
	out.want("POST", "/signin/forgot", form("address", "nobody@example.org"), 200, "")
	if a, b := strings.ReplaceAll(known, "ann@", "x@"), strings.ReplaceAll(out.last, "nobody@", "x@"); a != b {
		t.Errorf("the answers for an account and for none differ:\n%s\n%s", main(a), main(b))
	}
	s.Clock.Advance(time.Hour)
	root.want("GET", "/settings/address", nil, 303, "")
	root.want("POST", "/settings/address", form("address", "x@example.org"), 303, "/prove?next=/settings/address")
	root.want("POST", "/prove", form("password", password, "next", "/settings/address"), 303, "/settings/address")
	root.want("GET", "/settings/address", nil, 200, "")
	root.want("POST", "/settings/address", form("address", "root@example.org"), 422, "")
	root.want("POST", "/settings/address", form("address", "other@example.org"), 303, "/settings")
}

func TestDangerousStepsAskForAProof(t *testing.T) {
	s := start(t)
	b := s.first(t)
	s.Clock.Advance(20 * time.Minute)
	b.want("POST", "/settings/tokens", form("name", "ci", "days", "30"), 303, "/prove?next=/settings/tokens")
	b.want("GET", "/settings/password", nil, 303, "/signin?next=%2Fsettings%2Fpassword")
	b.want("GET", "/signin?next=%2Fsettings%2Fpassword", nil, 303, "/prove?next=%2Fsettings%2Fpassword")
	b.want("POST", "/prove", form("password", "no", "next", "/settings/tokens"), 422, "")
	b.want("POST", "/prove", form("password", password, "next", "/settings/tokens"), 303, "/settings/tokens")
	b.want("POST", "/settings/tokens", form("name", "ci", "days", "30", "areas", "people"), 200, "")
	token := regexp.MustCompile(`tcs_[0-9a-z]+`).FindString(b.last)
	call := func(method, path, auth string) int {
		r, _ := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
		r.Header.Set("Authorization", auth)
		status, _ := s.browser(t).do(r)
		return status
	}
	for _, c := range []struct {
		fact, method, path, auth string
		want                     int
	}{
		{"a token reads its area", "GET", "/api/people/me", "Bearer " + token, 200},
		{"a reading token writes nothing", "POST", "/api/people", "Bearer " + token, 403},
		{"another area is closed", "GET", "/api/projects", "Bearer " + token, 403},
		{"a wrong token is refused", "GET", "/api/people/me", "Bearer tcs_wrong", 401},
		{"no token is nobody", "GET", "/api/people/me", "", 401},
		{"a token opens no page", "GET", "/settings", "Bearer " + token, 303},
	} {
		if got := call(c.method, c.path, c.auth); got != c.want {
			t.Errorf("%s: %d, want %d", c.fact, got, c.want)
		}
	}
}

func TestSecondFactorThroughThePages(t *testing.T) {
	s := start(t)
	b := s.first(t)
	b.want("POST", "/settings/codes", form("do", "start"), 200, "")
	key := regexp.MustCompile(`<code class="mono">([A-Z2-7]+)</code>`).FindStringSubmatch(b.last)
	if key == nil || !strings.Contains(b.last, "<svg") {
		t.Fatalf("no secret and picture:\n%s", main(b.last))
	}
	code := func() string {
		c, err := s.codes.At(secret.New(key[1]), s.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b.want("POST", "/settings/codes", form("do", "confirm", "key", key[1], "code", "12"), 422, "")
	b.want("POST", "/settings/codes", form("do", "confirm", "key", key[1], "code", code()), 200, "")
	if n := strings.Count(b.last, "<li><code>"); n != 10 {
		t.Errorf("%d recovery codes are shown", n)
	}
	out := s.browser(t)
	out.want("POST", "/signin", form("address", "root@example.org", "password", password), 303, "/signin/code?next=%2F")
	out.want("GET", "/settings", nil, 303, "")
	out.want("POST", "/signin/code", form("code", "000000"), 422, "")
	s.Clock.Advance(time.Minute)
	out.want("POST", "/signin/code", form("code", code(), "next", "/settings"), 303, "/settings")
	out.want("GET", "/settings", nil, 200, "")
}

func TestJoiningATeamThroughThePages(t *testing.T) {
	s := start(t)
	root := s.first(t)
	// The chair is invited, named, and accepts the terms with the invitation.
	ann := s.invited(t, root, "ann")
	all, err := s.admin.List(t.Context(), people.AsJob(account.JobAdmin))
	if err != nil {
		t.Fatal(err)
	}
	id := func(name string) string {
		t.Helper()
		all, err = s.admin.List(t.Context(), people.AsJob(account.JobAdmin))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if strings.HasPrefix(p.Email, name+"@") {
				return string(p.ID)
			}
		}
		t.Fatalf("no %s", name)
		return ""
	}
	project := form("name", "Lanterna", "slug", "lanterna", "series", "LAN", "addresses", "security@lanterna.example", "chair", id("ann"), "terms", "Tell nobody.")
	root.want("POST", "/admin/projects", form("name", "", "slug", "A B", "series", "x", "addresses", "no"), 422, "")
	root.want("POST", "/admin/projects", project, 303, "/admin/projects")
	root.want("POST", "/admin/projects", project, 409, "")
	ann.want("GET", "/terms/lanterna", nil, 200, "")
	ann.want("POST", "/terms/lanterna", form("version", "1"), 303, "/teams/lanterna")
	ann.want("GET", "/teams/lanterna", nil, 200, "")
	bob := s.invited(t, root, "bob")
	bob.want("GET", "/teams/lanterna", nil, 200, "")
	if strings.Contains(bob.last, "ann") {
		t.Error("an outsider reads the team")
	}
	bob.want("GET", "/teams/lanterna/settings", nil, 404, "")
	bob.want("POST", "/teams/lanterna/ask", form("text", ""), 422, "")
	bob.want("POST", "/teams/lanterna/ask", form("text", "I keep the Debian package."), 303, "/teams/lanterna")
	bob.want("GET", "/teams/lanterna", nil, 200, "")
	ann.want("GET", "/teams/lanterna", nil, 200, "")
	join := regexp.MustCompile(`/teams/lanterna/joins/([0-9a-z]+)`).FindStringSubmatch(ann.last)
	if join == nil || !strings.Contains(ann.last, "Debian package") {
		t.Fatalf("the request is not shown:\n%s", main(ann.last))
	}
	bob.want("POST", join[0], form("do", "approve"), 404, "")
	ann.want("POST", join[0], form("do", "approve", "word_"+join[1], ""), 409, "")
	ann.want("POST", join[0], form("do", "approve", "word_"+join[1], "I met him at FOSDEM."), 303, "/teams/lanterna")
	bob.want("GET", "/teams/lanterna", nil, 200, "")
	bob.want("POST", "/terms/lanterna", form("version", "1"), 303, "/teams/lanterna")
	bob.want("GET", "/teams/lanterna", nil, 200, "")
	if !strings.Contains(bob.last, "FOSDEM") && !strings.Contains(bob.last, "ann") {
		t.Errorf("a member does not read the team:\n%s", main(bob.last))
	}
	bob.want("POST", "/teams/lanterna/duty", form("do", "on"), 303, "/teams/lanterna")
	ann.want("POST", "/teams/lanterna/duty", form("do", "off"), 303, "/teams/lanterna")
	bob.want("POST", "/teams/lanterna/duty", form("do", "off"), 409, "")
	ann.want("GET", "/teams/lanterna/members/"+id("bob"), nil, 200, "")
	ann.want("POST", "/teams/lanterna/members/"+id("bob"), form("do", "deputy"), 303, "/teams/lanterna")
	bob.want("GET", "/teams/lanterna/settings", nil, 200, "")
	save := form("version", "1", "name", "Lanterna", "addresses", "security@lanterna.example", "embargo_aim", "14", "embargo_most", "0", "acknowledge", "2", "assess", "10",
		"zone", "Europe/Berlin", "holidays", "2026-12-25", "dev", "devel@lanterna.example", "namespace", "https://lanterna.example", "category", "vendor", "team_page", "on")
	bob.want("POST", "/teams/lanterna/settings", save, 303, "/teams/lanterna/settings")
	bob.want("POST", "/teams/lanterna/settings", save, 409, "") // saved in between
	bob.want("POST", "/teams/lanterna/terms", form("terms", "Tell really nobody."), 403, "")
	ann.want("POST", "/teams/lanterna/terms", form("terms", "Tell really nobody."), 303, "/teams/lanterna/settings")
	bob.want("GET", "/teams/lanterna", nil, 200, "")
	if !strings.Contains(bob.last, "have changed") {
		t.Error("new terms are not announced to the team")
	}
	// Nothing of the work is open to him before he accepts; his settings are.
	bob.want("GET", "/work?x=1", nil, 303, "")
	_, to := bob.send("GET", "/work?x=1", nil)
	if !strings.HasPrefix(to, "/terms/") || !strings.HasSuffix(to, "?next=%2Fwork%3Fx%3D1") {
		t.Errorf("the work leads to %q", to)
	}
	bob.want("POST", "/work", form("text", "what he typed"), 403, "")
	if !strings.Contains(bob.last, "what he typed") || !strings.Contains(bob.last, `href="/terms/`) {
		t.Errorf("the refusal loses what was typed:\n%s", main(bob.last))
	}
	bob.want("GET", "/settings", nil, 200, "")
	bob.want("GET", to, nil, 200, "")
	bob.want("POST", "/terms/lanterna", form("version", "1", "next", "/work"), 409, "")
	bob.want("POST", "/terms/lanterna", form("version", "2", "next", "/work"), 303, "/work")
	bob.want("GET", "/work", nil, 200, "")
	bob.want("GET", "/terms/lanterna", nil, 200, "")
	for _, want := range []string{"Tell nobody.", "Tell really nobody.", "<td>2</td>", "<td>1</td>"} {
		if !strings.Contains(bob.last, want) {
			t.Errorf("the record of the terms lacks %q", want)
		}
	}
	ann.want("POST", "/teams/lanterna/members/"+id("bob"), form("do", "remove", "why", ""), 422, "")
	ann.want("POST", "/teams/lanterna/members/"+id("bob"), form("do", "remove", "why", "He left Debian."), 303, "/teams/lanterna")
	bob.want("GET", "/teams/lanterna/settings", nil, 404, "")
	ann.want("POST", "/teams/lanterna/members/"+id("ann"), form("do", "remove", "why", "tired"), 409, "")
	ann.want("GET", "/teams/lanterna/keys", nil, 200, "")
	root.want("GET", "/admin/people/"+id("bob"), nil, 200, "")
	root.want("POST", "/admin/people/"+id("bob"), form("do", "disable"), 303, "")
	bob.want("GET", "/teams", nil, 303, "")
	root.want("POST", "/admin/people/"+id("root"), form("do", "not_admin"), 409, "")
}
