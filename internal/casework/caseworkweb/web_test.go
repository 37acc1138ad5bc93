package caseworkweb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworkweb"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargoweb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/product/productweb"
)

// web is the pages on a real store behind a real HTTP server. Who asks is named by
// a header in place of people's middleware.
type web struct {
	*caseworktest.Site
	url    string
	app    *webui.App
	scopes map[string]people.Scope
}

func start(t testing.TB) *web {
	t.Helper()
	w := &web{Site: caseworktest.SQLite(t)}
	w.scopes = map[string]people.Scope{"chair": w.Chair, "deputy": w.Deputy, "member": w.Member, "moderator": w.Moderator, "stranger": w.Stranger}
	viewer := func(ctx context.Context) webui.Viewer {
		id, ok := people.From(ctx).Person()
		return webui.Viewer{ID: string(id), SignedIn: ok, Name: "somebody", Zone: "Europe/Berlin"}
	}
	w.app = webui.New(webui.Config{Catalog: i18n.Default(), Viewer: viewer, Now: w.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	w.app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if sc, ok := w.scopes[r.Header.Get("X-Who")]; ok {
				r = r.WithContext(people.Into(r.Context(), sc))
			}
			next.ServeHTTP(rw, r)
		})
	})
	dir := &people.Directory{Persons: w.People, Projects: w.People}
	emb := embargoweb.Pages{Work: w.Work, Embargo: w.Embargo, Cases: w.Cases, People: dir}
	emb.Register(w.app)
	productweb.Pages{Work: w.Work, Products: w.Products, People: dir}.Register(w.app)
	caseworkweb.Pages{Work: w.Work, Cases: w.Cases, Embargo: w.Embargo, Products: w.Products, People: dir, Desk: w.Desk, Panels: []webui.Panel{emb.Panel()}}.Register(w.app)
	srv := httptest.NewServer(w.app.Handler())
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

type answer struct {
	code int
	body string
	at   string // where a redirect leads
}

func (w *web) ask(t testing.TB, who, method, path, contentType string, body io.Reader) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Who", who)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(raw), resp.Header.Get("Location")}
}

func (w *web) get(t testing.TB, who, path string) answer { return w.ask(t, who, "GET", path, "", nil) }

func (w *web) post(t testing.TB, who, path string, f url.Values) answer {
	return w.ask(t, who, "POST", path, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()))
}

func (w *web) api(t testing.TB, who, method, path string, in any) answer {
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(raw)
	}
	return w.ask(t, who, method, path, "application/json", body)
}

func (a answer) want(t testing.TB, code int, texts ...string) answer {
	t.Helper()
	if a.code != code {
		t.Errorf("status %d, not %d:\n%s", a.code, code, strip(a.body))
	}
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			t.Errorf("%q is not in\n%s", s, strip(a.body))
		}
	}
	return a
}

func (a answer) lacks(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(a.body, s) {
			t.Errorf("%q is in\n%s", s, strip(a.body))
		}
	}
}

func strip(s string) string {
	s = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`).ReplaceAllString(s, " ")
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 1500)]
}

func hidden(t testing.TB, body, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no field %q in\n%s", name, strip(body))
	}
	return m[1]
}

func multipartForm(fields map[string]string, files map[string]string) (string, io.Reader) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		m.WriteField(k, v)
	}
	for name, content := range files {
		f, _ := m.CreateFormFile("files", name)
		io.WriteString(f, content)
	}
	m.Close()
	return m.FormDataContentType(), &b
}

// TestTheWalkThroughACase releases a report and works on the case by the pages alone.
func TestTheWalkThroughACase(t *testing.T) {
	w := start(t)
	rep := w.Desk.Hold(w.Clock.Now(), desk.Message{From: desk.Address{Name: "Rhea", Mail: "rhea@research.example"}, Subject: "Heap overflow", Text: "Send 4097 bytes.", MailID: "one@r.example"},
		desk.Claims{Exploited: desk.Yes})
	id, err := w.Cases.OpenFromReport(t.Context(), w.Moderator, casework.OpenFromReport{Report: rep, Reason: "looks real", Team: true, Until: time.Date(2026, 3, 10, 13, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	base := "/cases/" + string(id)
	page := w.get(t, "moderator", base).want(t, 200, "Heap overflow", "Send 4097 bytes.", "Received", "Confidential until", "14:00 CET", "pic-clock", "Said to be attacked", "rhea@research.example", "Unverified sender", "A reply is seen by 5 people")
	page.lacks(t, "casework.", ">embargo.")
	w.get(t, "moderator", "/cases").want(t, 200, "Heap overflow", "Assessment due", "data-row")

	// The team decides.
	form := w.get(t, "chair", base+"/state/valid").want(t, 200, "goes from Received to Valid", "will see the new state")
	w.post(t, "chair", base+"/state/valid", url.Values{"version": {hidden(t, form.body, "version")}}).want(t, 422, "Enter something here")
	w.post(t, "chair", base+"/state/valid", url.Values{"version": {hidden(t, form.body, "version")}, "reason": {"reproduced"}}).want(t, 303)
	w.post(t, "chair", base+"/state/deferred", url.Values{"version": {"1"}, "reason": {"x"}}).want(t, 409, "changed the case meanwhile")
	w.get(t, "chair", base).want(t, 200, "Valid", "reproduced")

	// Severity, with the problem beside the field.
	form = w.get(t, "member", base+"/assess").want(t, 200)
	in := url.Values{"version": {hidden(t, form.body, "version")}, "title": {"Heap overflow in the parser"}, "vector31": {"CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "cwe": {"CWE-787, 20"}}
	w.post(t, "member", base+"/assess", in).want(t, 422, "“Z” is not a value of AV", "CWE-787, 20")
	in.Set("vector31", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	w.post(t, "member", base+"/assess", in).want(t, 303)
	w.get(t, "member", base).want(t, 200, "Critical", "(9.8)", "CWE-787", "CWE-20", "Heap overflow in the parser")

	// Products and what is affected.
	w.post(t, "chair", "/products/new", url.Values{"project": {string(w.Project)}, "name": {"Lanterna"}, "purl": {"pkg:generic/lanterna"}, "branches": {"main maintained\n9.x maintained until 2027-05-31\n8.x ended"}, "releases": {"9.4.1 9.x 2026-01-02"}}).want(t, 303)
	w.get(t, "chair", "/products").want(t, 200, "Lanterna", "9.x", "until 2027-05-31")
	form = w.get(t, "chair", base+"/affected").want(t, 200, "9.x", "pkg:generic/lanterna")
	v := hidden(t, form.body, "version")
	rows := url.Values{"version": {v}}
	for i, b := range []string{"", "main", "9.x"} {
		at := fmt.Sprintf("affected.%d.", i)
		rows.Set(at+"name", map[bool]string{true: "Lanterna"}[b != ""])
		rows.Set(at+"branch", b)
		rows.Set(at+"status", "fixed")
		rows.Set(at+"fix", "9.4.2")
	}
	rows.Set("affected.2.fix", "")
	bad := w.post(t, "chair", base+"/affected", rows).want(t, 422, "Name the first fixed version", `href="#f-affected.2.fix"`)
	bad.lacks(t, `href="#f-affected.1.fix"`)
	rows.Set("affected.2.status", "waived")
	rows.Set("affected.2.reason", "end of life next week")
	w.post(t, "chair", base+"/affected", rows).want(t, 303)
	w.get(t, "chair", base).want(t, 200, "Fixed", "Waived", "end of life next week")

	// Messages: reply and note, with a file.
	ct, body := multipartForm(map[string]string{"text": "Thank you, we see it too.", "do": "reply"}, map[string]string{"../patch.diff": "--- a\n+++ b\n"})
	w.ask(t, "chair", "POST", base+"/messages", ct, body).want(t, 303)
	ct, body = multipartForm(map[string]string{"text": "Between us: who has time?", "do": "note"}, nil)
	w.ask(t, "chair", "POST", base+"/messages", ct, body).want(t, 303)
	ct, body = multipartForm(map[string]string{"text": "", "do": "reply"}, nil)
	w.ask(t, "chair", "POST", base+"/messages", ct, body).want(t, 422, "Enter something here")
	page = w.get(t, "chair", base).want(t, 200, "Thank you, we see it too.", "Internal note", "patch.diff", "mailed to rhea@research.example")
	href := regexp.MustCompile(`href="(/cases/[a-z0-9]+/files/[a-z0-9]+)"`).FindStringSubmatch(page.body)[1]
	if got := w.get(t, "chair", href).want(t, 200); got.body != "--- a\n+++ b\n" {
		t.Errorf("the file came back as %q", got.body)
	}
	w.get(t, "chair", base+"/files").want(t, 200, "patch.diff")
	w.get(t, "chair", "/search?q=thank+SEE").want(t, 200, "1 hit", "Thank you")

	// The reporter behind the link sees the reply and not the note.
	link := "/status/token-" + string(rep) + "/case"
	page = w.get(t, "", link).want(t, 200, "Thank you, we see it too.", "Send 4097 bytes.", "patch.diff")
	page.lacks(t, "Between us", "rhea@research.example", "member", "/cases/")
	ct, body = multipartForm(map[string]string{"text": "You are welcome.", "do": "reply"}, nil)
	w.ask(t, "", "POST", link, ct, body).want(t, 303)
	ct, body = multipartForm(map[string]string{"text": "A gang uses it.", "do": "attacked"}, nil)
	w.ask(t, "", "POST", link, ct, body).want(t, 303)
	w.get(t, "chair", base).want(t, 200, "You are welcome.", "A gang uses it.", "Said to be attacked")
	w.get(t, "", "/status/token-wrong/case").want(t, 404)

	// A fact ends what can be proposed.
	w.get(t, "chair", base+"/facts/attacked").want(t, 200, "no embargo can be proposed")
	w.post(t, "chair", base+"/facts/attacked", url.Values{"do": {"set"}, "evidence": {"logs of two hosts"}}).want(t, 303)
	w.get(t, "chair", base).want(t, 200, "logs of two hosts", "The case is known outside")

	// The timeline says all of it in words.
	tl := w.get(t, "chair", base+"/timeline").want(t, 200, "opened the case", "moved the case from Received to Valid", "set the severity to Critical 9.8", "wrote an internal note", "downloaded a file", "recorded that it is attacked", "the reporter")
	tl.lacks(t, "casework.", "embargo.ledger")
	if strings.Contains(strip(tl.body), "{") {
		t.Error("an entry misses an argument")
	}
}

func TestTheEmbargosFormsShowWhatWillHappen(t *testing.T) {
	w := start(t)
	id := w.Open(t, "embargoed")
	base := "/cases/" + string(id)
	form := w.get(t, "chair", base+"/embargo").want(t, 200, "Restart the clock", "Within the aim until", "Without a named decision until")
	v := hidden(t, form.body, "version")
	restart := url.Values{"version": {v}, "kind": {"restart"}, "until": {"2026-03-16T09:00"}, "zone": {"Europe/Berlin"}, "reason": {"decided"}}
	w.post(t, "chair", base+"/embargo", restart).want(t, 422, "Say which patch has which problem", "decided")
	extend := url.Values{"version": {v}, "kind": {"extend"}, "until": {"2026-04-20T09:00"}, "zone": {"Europe/Berlin"}, "reason": {"two vendors"}}
	preview := w.post(t, "chair", base+"/embargo", extend).want(t, 200, "Extend the embargo?", "decide an exception by name", "gets a letter", "member", "deputy", "Extend by my name", "two vendors")
	if e := w.EmbargoOf(t, id); e.Changes != 1 {
		t.Fatal("the preview changed something")
	}
	do := url.Values{}
	for _, f := range []string{"do", "kind", "until", "zone", "reason", "problem", "version", "confirmed"} {
		do.Set(f, hidden(t, preview.body, f))
	}
	w.post(t, "chair", base+"/embargo", do).want(t, 303)
	w.get(t, "member", base+"/embargo").want(t, 200, "Exception", "two vendors", "Mon 20 Apr 2026, 09:00 CEST")
	w.post(t, "chair", base+"/embargo", do).want(t, 422) // pressed twice: not later than the present date
	end := w.post(t, "chair", base+"/embargo", url.Values{"version": {"2"}, "kind": {"end"}, "reason": {"leaked"}}).want(t, 200, "nothing else becomes public by this", "may tell from now on")
	end.lacks(t, "gets a letter")
}

func TestPeoplePages(t *testing.T) {
	w := start(t)
	id := w.Open(t, "people")
	base := "/cases/" + string(id)
	w.get(t, "chair", base+"/people").want(t, 200, "chair", "deputy", "everything; decides and invites", "Send the invitation")
	w.post(t, "chair", base+"/people/invite", url.Values{"address": {"nobody"}, "role": {"observer"}}).want(t, 422, "nobody")
	w.post(t, "chair", base+"/people/invite", url.Values{"address": {"stranger@team.example"}, "role": {"observer"}}).want(t, 303)
	w.get(t, "chair", base+"/people").want(t, 200, "Withdraw", "Observer")
	member := string(caseworktest.PersonOf(w.Member))
	w.get(t, "chair", base+"/people/"+member+"/member").want(t, 200, "Remove member from", "sees nothing more")
	w.post(t, "chair", base+"/people/"+member+"/member", url.Values{}).want(t, 422)
	w.post(t, "chair", base+"/people/"+member+"/member", url.Values{"reason": {"on leave"}}).want(t, 303)
	w.get(t, "member", base).want(t, 404)
	w.get(t, "chair", base+"/timeline").want(t, 200, "is no longer Member", "on leave")
	deputy := string(caseworktest.PersonOf(w.Deputy))
	w.post(t, "chair", base+"/people/"+deputy+"/lead/change", url.Values{"to_" + deputy + "lead": {"observer"}}).want(t, 303)
	w.get(t, "deputy", base+"/assess").want(t, 403)
	w.get(t, "deputy", base).want(t, 200).lacks(t, "Keep as internal note", "name=\"text\"")
}

func TestOpeningACaseWithoutAReport(t *testing.T) {
	w := start(t)
	w.get(t, "chair", "/cases/new").want(t, 200, "such as 2026-12-04 14:00", "Lanterna", "2026-03-16 10:00", "Europe/Berlin")
	in := url.Values{"project": {string(w.Project)}, "title": {"Found in review"}, "reason": {"looks real"}, "until": {"2026-05-01T14:00"}, "zone": {"Europe/Berlin"}}
	w.post(t, "chair", "/cases/new", in).want(t, 422, "longer than the aim", "looks real", "2026-05-01T14:00")
	in.Set("until", "2026-03-29T02:30")
	w.post(t, "chair", "/cases/new", in).want(t, 422, "The clocks skip this time")
	in.Set("until", "2026-03-10T14:00")
	a := w.post(t, "chair", "/cases/new", in).want(t, 303)
	w.get(t, "chair", a.at).want(t, 200, "Found in review", "14:00 CET")
	w.post(t, "stranger", "/cases/new", in).want(t, 404)
	w.get(t, "stranger", "/cases/new").want(t, 200, "You belong to no project")
}

func TestHeldMailOnThePage(t *testing.T) {
	w := start(t)
	id := w.Open(t, "mail")
	base := "/cases/" + string(id)
	w.Deliver(t, id, desk.Message{From: desk.Address{Mail: "who@x.example"}, Text: "let me <script>alert(1)</script> in"}, desk.MailForCase{})
	page := w.get(t, "member", base).want(t, 200, "Waits to be let in", "let me &lt;script&gt;", "Unverified sender")
	m := regexp.MustCompile(base + `/mails/([a-z0-9]+)`).FindStringSubmatch(page.body)
	w.get(t, "chair", "/cases?only=waiting").want(t, 200, "1 mail waits")
	w.post(t, "member", base+"/mails/"+m[1], url.Values{"do": {"refuse"}}).want(t, 422)
	w.post(t, "member", base+"/mails/"+m[1], url.Values{"do": {"in"}}).want(t, 303)
	w.get(t, "member", base).want(t, 200, "Unverified sender").lacks(t, "Waits to be let in")
	w.post(t, "member", base+"/mails/"+m[1], url.Values{"do": {"in"}}).want(t, 409, "does not wait")
}

// TestEveryRouteOfAHiddenCaseIsTheSamePage asks every page and operation with a
// case in its path as a stranger, for a case that exists and one that does not.
func TestEveryRouteOfAHiddenCaseIsTheSamePage(t *testing.T) {
	w := start(t)
	id := w.Open(t, "okapi")
	item := w.Talk(t, w.Chair, id)[0].ID
	fill := func(path string, c casework.CaseID) string {
		r := strings.NewReplacer("{id}", string(c), "{item}", string(item), "{file}", "0", "{person}", string(caseworktest.PersonOf(w.Chair)), "{role}", "lead", "{to}", "valid", "{fact}", "public", "{claim}", "0", "{invite}", "0", "{token}", "x")
		return r.Replace(path)
	}
	bodies := map[string]any{"case-advance": map[string]any{"to": "valid", "reason": "x"}, "case-assess": map[string]any{"title": "x"}, "case-affected": map[string]any{"affected": []any{}},
		"case-fact": map[string]any{"set": true, "evidence": "x"}, "case-claim": map[string]any{"text": "x"}, "case-write": map[string]any{"text": "x"}, "case-decide": map[string]any{"let_in": true},
		"case-invite": map[string]any{"address": "a@b.example", "role": "observer"}, "embargo-change": map[string]any{"kind": "end", "reason": "x"}, "embargo-propose": map[string]any{"kind": "end", "reason": "x"},
		"case-role": map[string]any{"to": "member"}, "case-claim-answer": map[string]any{"answer": "x"}, "case-upload": "x"}
	n := 0
	ref := regexp.MustCompile(`[a-z0-9]{26}`)
	for _, r := range w.app.Routes() {
		if !strings.Contains(r.Path, "/cases/{id}") {
			continue
		}
		n++
		ask := func(c casework.CaseID) answer {
			path := fill(r.Path, c)
			switch {
			case r.Operation == "case-uninvite":
				return w.api(t, "stranger", r.Method, path, nil)
			case r.Operation == "case-upload":
				return w.api(t, "stranger", r.Method, path+"?name=x", bodies[r.Operation])
			case r.API && r.Method == "DELETE":
				return w.api(t, "stranger", r.Method, path+"?reason=x", nil)
			case r.API:
				return w.api(t, "stranger", r.Method, path, bodies[r.Operation])
			case r.Method == "POST":
				f := url.Values{"reason": {"x"}, "evidence": {"x"}, "title": {"x"}, "text": {"x"}, "address": {"a@b.example"}, "role": {"observer"}, "kind": {"end"}, "version": {"1"}, "do": {"in"}, "invite": {"0"}, "answer_0": {"x"}, "affected.0.name": {"x"}, "affected.0.status": {"unknown"}, "to_" + string(caseworktest.PersonOf(w.Chair)) + "lead": {"member"}}
				return w.post(t, "stranger", path, f)
			default:
				return w.get(t, "stranger", path)
			}
		}
		a, b := ask(id), ask("00000000000000000000000000")
		if a.code != 404 || b.code != 404 || ref.ReplaceAllString(a.body, "") != ref.ReplaceAllString(b.body, "") {
			t.Errorf("%s %s: %d and %d\n%s\n%s", r.Method, r.Path, a.code, b.code, strip(a.body), strip(b.body))
		}
	}
	if n < 30 {
		t.Errorf("only %d routes", n)
	}
	w.get(t, "stranger", "/cases?state=all").want(t, 200).lacks(t, "okapi")
	w.get(t, "", "/cases/"+string(id)).want(t, 303)
}

func TestTheAPI(t *testing.T) {
	w := start(t)
	type obj = map[string]any
	var c struct {
		ID      string
		State   string
		Version int64
		Next    []string
	}
	a := w.api(t, "chair", "POST", "/api/cases", obj{"project": w.Project, "title": "By API", "reason": "found", "text": "words", "team": true}).want(t, 200, "By API")
	json.Unmarshal([]byte(a.body), &c)
	base := "/api/cases/" + c.ID
	w.api(t, "chair", "POST", base+"/state", obj{"to": "closed", "reason": "x"}).want(t, 409, "casework.fault.transition")
	w.api(t, "chair", "POST", base+"/state", obj{"to": "valid", "reason": "x"}).want(t, 200, `"state":"valid"`)
	w.api(t, "chair", "PUT", base+"/assessment", obj{"title": "T", "vector40": "CVSS:4.0/AV:N"}).want(t, 422, "vector40", "is missing")
	w.api(t, "chair", "PUT", base+"/assessment", obj{"title": "T", "vector31": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "cwe": []string{"CWE-79"}}).want(t, 200, `"score31":9.8`)
	w.api(t, "chair", "PUT", base+"/affected", obj{"affected": []obj{{"name": "L", "status": "fixed"}}}).want(t, 422, "affected.0.fix")
	w.api(t, "chair", "PUT", base+"/affected", obj{"affected": []obj{{"name": "L", "status": "fixed", "fix": "1.2"}}}).want(t, 200, `"fix":"1.2"`)
	w.api(t, "chair", "POST", base+"/items", obj{"text": "a note", "internal": true}).want(t, 200)
	w.api(t, "member", "GET", base+"/items", nil).want(t, 200, "a note", "words", `"number":2`)
	w.ask(t, "chair", "POST", base+"/files?name=crash.log&text=The+log", "application/octet-stream", strings.NewReader("the bytes")).want(t, 200, `"id":`)
	listed := w.api(t, "member", "GET", base+"/files", nil).want(t, 200, "crash.log", `"size":9`)
	if href := regexp.MustCompile(`"href":"([^"]+)"`).FindStringSubmatch(listed.body); href != nil {
		w.api(t, "member", "GET", href[1], nil).want(t, 200, "the bytes")
		w.api(t, "stranger", "GET", href[1], nil).want(t, 404)
	}
	w.api(t, "member", "GET", base+"/claims", nil).want(t, 200, `"claims":[]`)
	w.api(t, "member", "GET", base+"/timeline", nil).want(t, 200, "casework.ledger.noted")
	w.api(t, "member", "GET", base+"/people", nil).want(t, 200, "deputy")
	w.api(t, "member", "POST", base+"/facts/public", obj{"set": true, "evidence": "list"}).want(t, 200)
	w.api(t, "member", "POST", base+"/claims/attacked", obj{"text": "hm"}).want(t, 204)
	w.api(t, "member", "GET", base+"/embargo", nil).want(t, 200, `"state":"running"`, "end_asked")
	w.api(t, "member", "POST", base+"/embargo/proposal", obj{"kind": "extend", "until": w.Clock.Now().Add(time.Hour), "reason": "x"}).want(t, 409)
	w.api(t, "member", "POST", base+"/embargo", obj{"kind": "end", "reason": "public", "version": 2}).want(t, 200, `"state":"ended"`)
	w.api(t, "member", "GET", "/api/cases?state=all&only=unread", nil).want(t, 200, `"cases":`)
	w.api(t, "member", "GET", "/api/search?q=words", nil).want(t, 200, c.ID)
	w.api(t, "member", "POST", "/api/products", obj{"project": w.Project, "name": "P", "branches": []obj{{"name": "main", "maintained": true, "eol": "2027-01-31"}}}).want(t, 200, `"eol":"2027-01-31"`)
	w.api(t, "member", "GET", "/api/products?project="+string(w.Project), nil).want(t, 200, `"name":"P"`)
	w.api(t, "member", "GET", "/openapi.json", nil).want(t, 200, "/api/cases/{id}/embargo")
}

func TestHostileForms(t *testing.T) {
	w := start(t)
	id := w.Open(t, "hostile")
	base := "/cases/" + string(id)
	for name, a := range map[string]answer{
		"a state that is none":       w.get(t, "chair", base+"/state/%00"),
		"a fact that is none":        w.get(t, "chair", base+"/facts/x"),
		"an item of no case":         w.get(t, "chair", base+"?to=zzz"),
		"an id that is none":         w.get(t, "chair", "/cases/'or'1'='1"),
		"a role that is none":        w.get(t, "chair", base+"/people/x/y"),
		"an invitation that is none": w.get(t, "chair", "/invitations/%2e%2e"),
	} {
		if a.code != 404 {
			t.Errorf("%s: %d", name, a.code)
		}
	}
	w.get(t, "chair", "/cases?order=x&state=y&after=-5&only=z&project=%27").want(t, 200)
	w.get(t, "chair", "/cases?after=99999999999999999999").want(t, 200)
	w.get(t, "chair", "/search?q="+strings.Repeat("a", 1000)+"&after=x.y").want(t, 200)
	w.post(t, "chair", base+"/embargo", url.Values{"kind": {"set"}, "until": {"9999-99-99"}, "zone": {"../../x"}}).want(t, 422, "not a time zone")
	w.post(t, "chair", base+"/embargo", url.Values{}).want(t, 422)
	w.post(t, "chair", base+"/messages", url.Values{"text": {"\x00\xff"}, "do": {"reply"}}).want(t, 422)
	ct, body := multipartForm(map[string]string{"do": "reply"}, nil)
	w.ask(t, "chair", "POST", base+"/messages", ct, io.LimitReader(body, 20))
	many := map[string]string{}
	for i := range 25 {
		many[fmt.Sprint("f", i)] = "x"
	}
	ct, body = multipartForm(map[string]string{"text": "x"}, many)
	w.ask(t, "chair", "POST", base+"/messages", ct, body).want(t, 413)
	w.post(t, "chair", "/products/new", url.Values{"project": {string(w.Project)}, "name": {"x"}, "branches": {"a b c d e f\n" + strings.Repeat("y\n", 200)}}).want(t, 422, "Not understood")
	if got := w.Lines(t, w.Chair, id); slices.Contains(got, "casework.ledger.moved") {
		t.Error("a hostile form moved the case")
	}
}

// A refused change of somebody who is not on the case, and an item that is not there,
// answered "not found" and had marked the case as read: the new messages of it never
// showed as unread to the lead who had seen nothing.
func TestAPageThatIsNotShownMarksNothing(t *testing.T) {
	w := start(t)
	id := w.Open(t, "marks")
	base := "/cases/" + string(id)
	w.get(t, "deputy", base).want(t, 200)
	w.post(t, "chair", base+"/messages", url.Values{"text": {"Something new."}}).want(t, 303)
	unread := func() string {
		return w.get(t, "deputy", "/api/cases").body
	}
	news := `"unread":1`
	if !strings.Contains(unread(), news) {
		t.Fatalf("nothing is unread: %s", unread())
	}
	nobody := base + "/people/00000000000000000000000000/lead"
	w.get(t, "deputy", nobody).want(t, 404)
	w.post(t, "deputy", nobody, url.Values{"reason": {"x"}}).want(t, 404)
	w.post(t, "deputy", nobody+"/change", url.Values{"to_00000000000000000000000000lead": {"member"}}).want(t, 404)
	w.get(t, "deputy", base+"?after=00000000000000000000000000").want(t, 404)
	w.get(t, "deputy", base+"/facts/nonsense").want(t, 404)
	w.get(t, "deputy", base+"/state/nonsense").want(t, 404)
	w.api(t, "deputy", "GET", "/api"+base+"/items?before=00000000000000000000000000", nil).want(t, 404)
	if !strings.Contains(unread(), news) {
		t.Errorf("a page that was not found marked the case as read: %s", unread())
	}
	w.get(t, "deputy", base).want(t, 200, "Something new.")
	if strings.Contains(unread(), news) {
		t.Error("the page did not mark the case as read")
	}
}
