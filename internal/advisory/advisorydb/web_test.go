package advisorydb_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisoryweb"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// face is the pages over the world, signed in as whoever the header names.
type face struct {
	*world
	app *webui.App
	who map[string]people.Scope
}

func newFace(w *world) *face {
	f := &face{world: w, who: map[string]people.Scope{"lead": w.lead, "member": w.member, "observer": w.observer, "stranger": w.stranger, "chair": w.chair, "deputy": w.deputy}}
	f.app = webui.New(webui.Config{Catalog: i18n.Default(), Now: w.Clock.Now, Viewer: func(ctx context.Context) webui.Viewer {
		id, ok := people.From(ctx).Person()
		return webui.Viewer{ID: string(id), SignedIn: ok}
	}})
	f.app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if sc, ok := f.who[r.Header.Get("Test-Person")]; ok {
				r = r.WithContext(people.Into(r.Context(), sc))
			}
			next.ServeHTTP(rw, r)
		})
	})
	dir := &people.Directory{Persons: w.people, Projects: w.people}
	advisoryweb.Pages{Work: w.Work, Advisories: w.svc, People: dir}.Register(f.app)
	advisoryweb.Tree{Work: w.Work, Site: w.svc.Site}.Register(f.app)
	advisoryweb.Public{Work: w.Work, Site: w.svc.Site, People: dir, Keys: w, Terms: &people.Agreements{Store: w.people}}.Register(f.app)
	return f
}

func (f *face) do(method, who, path, ctype, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Test-Person", who)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if ctype != "" {
		r.Header.Set("Content-Type", ctype)
	}
	rec := httptest.NewRecorder()
	f.app.Handler().ServeHTTP(rec, r)
	out, _ := io.ReadAll(rec.Body)
	return rec.Code, string(out)
}

func (f *face) get(who, path string, want int) string {
	f.t.Helper()
	code, body := f.do("GET", who, path, "", "")
	if code != want {
		f.t.Errorf("GET %s as %s: %d\n%s", path, who, code, body)
	}
	if strings.Contains(body, "advisory.") && !strings.HasPrefix(path, "/api") {
		i := strings.Index(body, "advisory.")
		if !strings.Contains(body[i:min(len(body), i+20)], "advisory.css") {
			f.t.Errorf("GET %s shows a key: %q", path, body[i:min(len(body), i+60)])
		}
	}
	return body
}

func (f *face) post(who, path string, form url.Values, want int) string {
	f.t.Helper()
	code, body := f.do("POST", who, path, "application/x-www-form-urlencoded", form.Encode())
	if code != want {
		f.t.Errorf("POST %s as %s: %d, want %d\n%s", path, who, code, want, body)
	}
	return body
}

func TestPagesWalkAnAdvisoryToPublication(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	f.post("stranger", "/advisory/"+w.caseID+"/draft", nil, 404)
	f.post("observer", "/advisory/"+w.caseID+"/draft", nil, 404)
	f.post("lead", "/advisory/"+w.caseID+"/draft", nil, 303)
	var id string
	w.View(t, func(ctx context.Context, v unit.View) error {
		all, err := w.svc.OfCase(ctx, v, w.lead, w.caseID)
		id = string(all[0].ID)
		return err
	})
	at := "/advisory/" + id
	edit := f.get("lead", at+"/edit", 200)
	if !strings.Contains(edit, `value="from the case"`) || !strings.Contains(edit, "Name at least one product") {
		t.Errorf("the editor lacks the case's title or the problems:\n%s", edit)
	}
	form := url.Values{"base": {w.hash(advisory.ID(id))}, "title": {"Lamp <overflow>"}, "summary": {"S"}, "impact": {"I"}, "tlp": {"WHITE"}, "lang": {"en"},
		"branches.0.product": {"lanternd"}, "branches.0.name": {"stable-2"}, "branches.0.status": {"fixed"}, "branches.0.affected": {"1.0 to 1.4"}, "branches.0.fixed": {"1.5"},
		"branches.1.product": {""}, "cwe.0.id": {"cwe-787"}, "cvss31": {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "no_cve": {"the CNA is slow"},
		"timeline.0.at": {"not a time"}, "timeline.0.text": {"Found"}}
	back := f.post("lead", at+"/edit", form, 422)
	if !strings.Contains(back, "Lamp &lt;overflow&gt;") || !strings.Contains(back, `href="#f-timeline.0.at"`) {
		t.Error("the form does not come back with what was typed and a link to the field")
	}
	form.Set("timeline.0.at", "2026-03-01T10:00")
	f.post("lead", at+"/edit", form, 303)
	f.post("lead", at+"/edit", form, 409) // the base is old now
	for _, format := range []string{"csaf", "text", "html"} {
		if body := f.get("member", at+"/preview/"+format, 200); !strings.Contains(body, "Lamp") {
			t.Errorf("preview %s", format)
		}
		f.get("stranger", at+"/preview/"+format, 404)
	}
	hash := url.Values{"hash": {w.hash(advisory.ID(id))}}
	for _, page := range []string{"", "/approve", "/arm", "/confirm", "/hold", "/release", "/publish", "/withdraw", "/abandon", "/disarm", "/retry", "/adopt"} {
		f.get("lead", at+page, 200)
		f.get("observer", at+page, 404)
		f.get("stranger", at+page, 404)
	}
	f.post("lead", at+"/arm", hash, 409)
	f.post("lead", at+"/approve", hash, 403)
	f.post("member", at+"/approve", hash, 303)
	w.Clock.Set(w.until.Add(-10 * time.Minute))
	f.post("lead", at+"/arm", hash, 303)
	f.post("lead", at+"/hold", url.Values{"reason": {""}}, 422)
	f.post("lead", at+"/publish", hash, 409)
	w.Clock.Set(w.until)
	w.end()
	w.run(10 * time.Second)
	if body := f.get("lead", at, 200); !strings.Contains(body, "Published") || !strings.Contains(body, "LAN-2026-0001") {
		t.Errorf("the page after the publication:\n%s", body)
	}
	f.get("lead", "/advisory", 200)
	for _, path := range []string{"/", "/advisories", "/advisories/lanterna", "/reporting", "/reporting/lanterna", "/policy/lanterna", "/team/lanterna", "/advisories/lanterna/lan-2026-0001.html"} {
		body := f.get("", path, 200)
		if strings.Contains(path, "advisories") && !strings.Contains(body, "LAN-2026-0001") {
			t.Errorf("%s does not show the advisory", path)
		}
	}
	for path, want := range map[string]int{"/csaf/lanterna/white/2026/": 200, "/csaf/lanterna/white/2026": 301, "/csaf/lanterna/nothing/": 404, "/csaf/../../etc/passwd": 404, "/security.txt": 301,
		"/csaf/lanterna/white/2026/lan-2026-0001.json": 200, "/.well-known/csaf/provider-metadata.json": 200, "/.well-known/security.txt": 200, "/advisories/advisory.css": 200} {
		code, _ := f.do("GET", "", path, "", "")
		if code != want && !(code == 307 || code == 301) {
			t.Errorf("GET %s: %d, want %d", path, code, want)
		}
	}
}

func TestAPIImportsApprovesAndPublishes(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	f := newFace(w)
	w.over = true
	id := w.approved()
	preview, err := w.svc.Preview(t.Context(), w.lead, id)
	w.must(err)
	raw := strings.ReplaceAll(string(preview.JSON), "LAN-2026-NNNN", "OLD-2020-0007")
	post := func(who, path, body string, want int) map[string]any {
		t.Helper()
		code, out := f.do("POST", who, path, "application/json", body)
		if code != want {
			t.Fatalf("POST %s: %d, want %d\n%s", path, code, want, out)
		}
		var m map[string]any
		_ = json.Unmarshal([]byte(out), &m)
		return m
	}
	post("stranger", "/api/projects/lanterna/advisories/import", raw, 404)
	post("chair", "/api/projects/lanterna/advisories/import", `{"document":`, 422)
	m := post("chair", "/api/projects/lanterna/advisories/import", raw, 200)
	at := "/api/advisories/" + m["id"].(string)
	body := `{"hash":"` + m["hash"].(string) + `"}`
	post("chair", at+"/approve", body, 403)
	post("deputy", at+"/approve", body, 200)
	post("deputy", at+"/publish", body, 200)
	w.Drain(t)
	code, out := f.do("GET", "chair", at, "", "")
	if code != 200 || !strings.Contains(out, `"state":"published"`) {
		t.Errorf("%d %s", code, out)
	}
	if w.file("csaf/lanterna/white/2026/old-2020-0007.json") == "" {
		t.Error("the import is not in the tree")
	}
	code, out = f.do("GET", "", "/openapi.json", "", "")
	if code != 200 || !strings.Contains(out, "advisory-import") {
		t.Errorf("openapi: %d", code)
	}
}
