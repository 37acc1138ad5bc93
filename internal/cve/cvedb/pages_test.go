package cvedb_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/cve/cveweb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

// faces puts the pages before a site. Who asks is named by a header.
type faces struct {
	*site
	handler http.Handler
	scopes  map[string]people.Scope
}

func newFaces(t *testing.T) *faces {
	t.Helper()
	s := sqlite(t)
	f := &faces{site: s, scopes: map[string]people.Scope{"chair": s.Chair, "member": s.Member, "stranger": s.Stranger}}
	viewer := func(ctx context.Context) webui.Viewer {
		id, ok := people.From(ctx).Person()
		return webui.Viewer{ID: string(id), SignedIn: ok, Name: "somebody", Zone: "Europe/Berlin"}
	}
	app := webui.New(webui.Config{Catalog: i18n.Default(), Viewer: viewer, Now: s.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if sc, ok := f.scopes[r.Header.Get("X-Who")]; ok {
				r = r.WithContext(people.Into(r.Context(), sc))
			}
			next.ServeHTTP(w, r)
		})
	})
	cveweb.Pages{Work: s.Work, Numbers: s.CVE, Cases: s.Cases, People: &people.Directory{Persons: s.People, Projects: s.People}}.Register(app)
	f.handler = app.Handler()
	return f
}

// ask returns status and body; a form is posted.
func (f *faces) ask(t *testing.T, who, path string, form url.Values) (int, string) {
	t.Helper()
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("X-Who", who)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (f *faces) wants(t *testing.T, who, path string, form url.Values, code int, texts ...string) string {
	t.Helper()
	got, body := f.ask(t, who, path, form)
	if got != code {
		t.Fatalf("%s %s: %d\n%.2000s", path, form.Encode(), got, body)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s %s lacks %q\n%.4000s", path, form.Encode(), text, body)
		}
	}
	return body
}

func TestTheWholeLifeOfANumberOnPages(t *testing.T) {
	f := newFaces(t)
	settings := "/teams/lanterna/cve"
	f.wants(t, "chair", settings, nil, 200, "cveawg.mitre.org")
	f.wants(t, "member", settings, nil, 404)
	bad := f.wants(t, "chair", settings, url.Values{"cna": {"1"}, "url": {"http://x"}, "org": {""}, "key": {"typed-secret-key"}, "low": {"a"}, "version": {"0"}}, 422)
	if strings.Contains(bad, "typed-secret-key") {
		t.Error("the key goes back to the browser")
	}
	f.wants(t, "chair", settings, url.Values{"cna": {"1"}, "url": {f.Server.URL}, "org": {cveservices.Org}, "user": {cveservices.User}, "key": {cveservices.Key},
		"low": {"1"}, "fill": {"3"}, "version": {"0"}, "outside_name": {"MITRE"}, "outside_mail": {"cve@cna.example"}, "outside_form": {"https://cveform.example/"}}, 303)
	f.Drain(t)
	if body := f.wants(t, "chair", settings, nil, 200); strings.Contains(body, cveservices.Key) {
		t.Error("the key is shown")
	}
	pool := f.wants(t, "chair", settings+"/pool", nil, 200, "CVE-2026-40001", "997 of 1000")
	_, free := f.pool(t)
	f.wants(t, "chair", settings+"/pool", url.Values{"number": {string(free[2].ID)}}, 200, free[2].CVE)
	f.wants(t, "chair", settings+"/pool", url.Values{"number": {string(free[2].ID)}, "sure": {"yes"}}, 303)
	f.wants(t, "member", settings+"/pool", nil, 404)
	_ = pool

	id := f.Open(t, "Lamp overflow")
	page := "/cases/" + string(id) + "/cve"
	f.wants(t, "stranger", page, nil, 404)
	f.wants(t, "member", page, nil, 200, "There is no CVE id", "Take an id from the pool")
	f.wants(t, "member", page, url.Values{"do": {"take"}}, 303)
	f.wants(t, "member", page, url.Values{"do": {"take"}}, 409, "has a CVE id already")
	n := f.one(t, id)
	f.wants(t, "member", page, nil, 200, n.CVE, "Assigned", "example")
	f.publish(t, id, "adv", n.CVE, "A flaw.", false)
	f.Drain(t)
	f.wants(t, "member", page, nil, 200, "Published", "Note a dispute")
	row := "_" + string(n.ID)
	f.wants(t, "member", page, url.Values{"do": {"contest"}, "number": {string(n.ID)}, "by" + row: {"The vendor"}}, 422, "Give a reason.")
	f.wants(t, "member", page, url.Values{"do": {"contest"}, "number": {string(n.ID)}, "by" + row: {"The vendor"}, "reason" + row: {"As documented"}}, 303)
	f.wants(t, "member", page, nil, 200, "Disputed by The vendor", "As documented")
	f.wants(t, "member", page, url.Values{"do": {"settle"}, "number": {string(n.ID)}, "reason" + row: {"They agree"}}, 303)
	f.publish(t, id, "adv", n.CVE, "Gone.", true)
	f.Drain(t)
	f.wants(t, "member", page, nil, 200, "The advisory was withdrawn", "They agree")
	f.wants(t, "member", page, url.Values{"do": {"reject"}, "number": {string(n.ID)}, "reason" + row: {""}}, 422, "Give a reason.")
	f.wants(t, "member", page, url.Values{"do": {"reject"}, "number": {string(n.ID)}, "reason" + row: {"No flaw"}}, 200, "The public", "with the reason: No flaw")
	f.wants(t, "member", page, url.Values{"do": {"reject"}, "number": {string(n.ID)}, "reason" + row: {"No flaw"}, "sure": {"yes"}}, 303)
	f.wants(t, "member", page, nil, 200, "being done at the CVE Services")
	f.Drain(t)
	f.wants(t, "member", page, nil, 200, "Rejected", "No flaw")
	f.wants(t, "member", "/api/cases/"+string(id)+"/cve", nil, 200, `"state":"rejected"`)
	f.wants(t, "chair", "/api/projects/lanterna/cve", nil, 200, `"has_key":true`)
}

func TestAnotherCNAIsToldWhatWasChosenAndNothingElse(t *testing.T) {
	f := newFaces(t)
	set := f.read(t)
	set.OutsideName, set.OutsideMail = "MITRE", "cve@cna.example"
	if err := f.CVE.Change(t.Context(), f.Chair, set, secret.String{}); err != nil {
		t.Fatal(err)
	}
	id := f.Open(t, "Lamp overflow")
	page := "/cases/" + string(id) + "/cve/ask"
	if body := f.wants(t, "member", page, nil, 200, "Please assign one CVE id"); strings.Contains(body, "Title: Lamp overflow") {
		t.Error("the title is told before anybody chose to")
	}
	f.wants(t, "member", page+"?with=title&with=embargo&to=mail", nil, 200, "Title: Lamp overflow", "the embargo lasts until")
	due := f.Clock.Now().Add(48 * time.Hour).Format(time.RFC3339)
	before := f.letters(t)
	f.wants(t, "member", page, url.Values{"to": {"mail"}, "text": {"One id, please."}, "due": {due}}, 200, "cve@cna.example", "One id, please.")
	if f.letters(t) != before {
		t.Error("a letter went out before anybody was sure")
	}
	f.wants(t, "member", page, url.Values{"to": {"mail"}, "text": {"One id, please."}, "due": {due}, "sure": {"yes"}}, 303)
	if n := f.letters(t) - before; n != 1 {
		t.Errorf("%d letters", n)
	}
	n := f.one(t, id)
	row := "_" + string(n.ID)
	f.wants(t, "member", "/cases/"+string(id)+"/cve", nil, 200, "cve@cna.example", "Asked for")
	f.wants(t, "member", "/cases/"+string(id)+"/cve", url.Values{"do": {"answer"}, "number": {string(n.ID)}, "cve" + row: {"CVE-1"}, "by" + row: {"MITRE"}}, 422, "Give an id like")
	f.wants(t, "member", "/cases/"+string(id)+"/cve", url.Values{"do": {"answer"}, "number": {string(n.ID)}, "cve" + row: {"CVE-2026-5555"}, "by" + row: {"MITRE"}}, 303)
	f.wants(t, "member", "/cases/"+string(id)+"/cve", nil, 200, "CVE-2026-5555", "MITRE", "Its record is published")
	if got := f.one(t, id); got.State != cve.Assigned {
		t.Errorf("%+v", got)
	}
}
