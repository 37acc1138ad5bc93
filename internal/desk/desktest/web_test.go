package desktest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/desk/deskweb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// opener stands for casework: it releases the report and names a case.
type opener struct{ r *rig }

func (o opener) OpenFromReport(ctx context.Context, sc people.Scope, cmd casework.OpenFromReport) (casework.CaseID, error) {
	return theCase, o.r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		rep, err := o.r.Desk.Release(ctx, tx, sc, cmd.Report, cmd.Reason)
		if err != nil {
			return err
		}
		return o.r.Desk.Opened(ctx, tx, sc, rep, theCase)
	})
}

// site is the front desk's pages on a rig. The header As says who asks.
func (r *rig) site() *httptest.Server {
	r.Helper()
	app := webui.New(webui.Config{
		Catalog: i18n.Default(), Now: r.Clock.Now,
		Viewer: func(ctx context.Context) webui.Viewer {
			p, ok := people.From(ctx).Person()
			return webui.Viewer{ID: string(p), Name: "Maria", SignedIn: ok}
		},
	})
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if as := req.Header.Get("As"); as != "" {
				req = req.WithContext(people.Into(req.Context(), people.AsPerson(people.PersonID(as))))
			}
			next.ServeHTTP(w, req)
		})
	})
	pages := &deskweb.Pages{Work: r.Work, Desk: r.Desk, Open: opener{r}, MAC: r.Seal.MAC}
	if r.book != nil {
		pages.Keys = r.book
	}
	pages.Register(app)
	srv := httptest.NewServer(app.Handler())
	r.Cleanup(srv.Close)
	return srv
}

// ask sends one request and returns the answer without following redirects.
func ask(t *testing.T, method, addr string, as people.PersonID, contentType string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, addr, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("As", string(as))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func get(t *testing.T, addr string, as people.PersonID) (*http.Response, string) {
	t.Helper()
	return ask(t, "GET", addr, as, "", nil)
}

func post(t *testing.T, addr string, as people.PersonID, f url.Values) (*http.Response, string) {
	t.Helper()
	return ask(t, "POST", addr, as, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()))
}

// noKeys fails when a page shows a catalogue key instead of a text.
func noKeys(t *testing.T, page string) {
	t.Helper()
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	if m := regexp.MustCompile(`\b(desk|word|action|fault|pgp)\.[a-z_]+(\.[a-z_]+)*\b`).FindString(text); m != "" {
		t.Errorf("the page shows the key %q", m)
	}
}

var formAction = regexp.MustCompile(`action="(/report/lanterna\?[^"]*)"`)

// action returns where the public form posts to.
func action(t *testing.T, page string) string {
	t.Helper()
	m := formAction.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no form in %s", page)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// multi builds a form with files.
func multi(t *testing.T, fields map[string]string, files map[string]string) (string, io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		f, err := w.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, content)
	}
	w.Close()
	return w.FormDataContentType(), &b
}

func TestThePublicForm(t *testing.T) {
	r := oneEngine(t)
	srv := r.site()
	res, page := get(t, srv.URL+"/report/lanterna", "")
	if res.StatusCode != 200 || !strings.Contains(page, "Good-faith research is welcome") || !strings.Contains(page, "within 2 business days") {
		t.Fatalf("%d %s", res.StatusCode, page)
	}
	noKeys(t, page)
	r.Clock.Advance(5e9)
	// A problem in one field loses nothing that was typed and no file.
	ct, body := multi(t, map[string]string{"what": "", "address": "not an address", "steps": "one two <three>", "exploited": "unsure", "share": "yes"}, map[string]string{"poc.txt": "boom"})
	res, page = ask(t, "POST", srv.URL+action(t, page), "", ct, body)
	if res.StatusCode != 422 || !strings.Contains(page, "one two &lt;three&gt;") || !strings.Contains(page, "poc.txt") || !strings.Contains(page, `href="#f-what"`) {
		t.Fatalf("%d %s", res.StatusCode, page)
	}
	noKeys(t, page)
	if len(r.list(maria)) != 0 {
		t.Fatal("a wrong form made a report")
	}
	r.Clock.Advance(5e9)
	again := action(t, page)
	ct, body = multi(t, map[string]string{"what": "It crashes.", "address": "ada@mail.example", "exploited": "unsure", "share": "yes"}, nil)
	res, page = ask(t, "POST", srv.URL+again, "", ct, body)
	if res.StatusCode != 303 || !strings.HasPrefix(res.Header.Get("Location"), "/status/") || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("%d %v %s", res.StatusCode, res.Header, page)
	}
	d := r.held()
	if p := d.Messages[0].Parts; len(p) != 1 || p[0].Name != "poc.txt" || !d.Report.Claims.ShareIdentity || d.Report.Claims.Exploited != desk.Unsure {
		t.Errorf("%+v", d)
	}
	res, page = get(t, srv.URL+res.Header.Get("Location"), "")
	if res.StatusCode != 200 || !strings.Contains(page, "It crashes.") || !strings.Contains(page, "Held for moderation") || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, page)
	}
	noKeys(t, page)
	for name, change := range map[string]func(url.Values) string{
		"the trap field":        func(f url.Values) string { f.Set("website", "x"); return again },
		"a form of our own":     func(url.Values) string { return "/report/lanterna?form=abc.123.def&kept=" },
		"no stamp":              func(url.Values) string { return "/report/lanterna" },
		"a form without a what": func(f url.Values) string { f.Del("what"); return again },
	} {
		f := url.Values{"what": {"spam spam"}}
		if res, _ := post(t, srv.URL+change(f), "", f); res.StatusCode != 422 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if n := len(r.list(maria)); n != 1 {
		t.Errorf("%d reports", n)
	}
}

// What is typed behind a refused file was lost: reading the form ended at the file.
func TestARefusedFileLosesNothingTyped(t *testing.T) {
	r := oneEngine(t)
	srv := r.site()
	_, page := get(t, srv.URL+"/report/lanterna", "")
	r.Clock.Advance(5e9)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("what", "typed before the files")
	for i := range desk.MaxFiles + 1 {
		f, _ := w.CreateFormFile("files", strconv.Itoa(i)+".txt")
		io.WriteString(f, "x")
	}
	w.WriteField("impact", "typed behind the files")
	w.Close()
	res, page := ask(t, "POST", srv.URL+action(t, page), "", w.FormDataContentType(), &b)
	if res.StatusCode != 413 || !strings.Contains(page, "typed before the files") || !strings.Contains(page, "typed behind the files") || !strings.Contains(page, `href="#f-files"`) {
		t.Fatalf("%d %s", res.StatusCode, page)
	}
}

func TestModerationPages(t *testing.T) {
	r := oneEngine(t)
	srv := r.site()
	r.Check.auth = desk.Auth{SPF: "fail", SPFDomain: "mail.example", DKIM: []desk.DKIM{{Domain: "evil.example", Result: "pass"}}}
	for _, s := range []string{"One", "Two", "Three"} {
		r.send(r.plain(s, "words of "+s+" <script>alert(1)</script>"))
	}
	res, page := get(t, srv.URL+"/desk", maria)
	for _, want := range []string{"Held reports", "words of One &lt;script&gt;", "Nobody knows who wrote this", "SPF: mail.example says this server is not its own",
		"DKIM: evil.example sent it, which is not the sender", "No OpenPGP signature", "Download the original mail"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if res.StatusCode != 200 || strings.Contains(page, "<script>alert") {
		t.Fatalf("%d %s", res.StatusCode, page)
	}
	noKeys(t, page)
	ids := r.list(maria)
	_, empty := get(t, srv.URL+"/desk", noah)
	_, asked := get(t, srv.URL+"/desk?r="+string(ids[0].ID), noah)
	if empty != asked && !strings.Contains(asked, "Not found") || strings.Contains(empty+asked, "One") {
		t.Error("another project's moderator learns of the report")
	}
	for _, do := range []string{"release", "reject", "not_ours", "duplicate", "spam", "ask", "reopen"} {
		res, page := post(t, srv.URL+"/desk", maria, url.Values{"do": {do}, "id": {string(ids[0].ID)}})
		if res.StatusCode != 200 || !strings.Contains(page, "One") {
			t.Errorf("%s: %d %s", do, res.StatusCode, page)
		}
		noKeys(t, page)
	}
	res, page = post(t, srv.URL+"/desk/decide", maria, url.Values{"do": {"spam"}, "id": {string(ids[0].ID)}, "reason": {""}})
	if res.StatusCode != 422 || !strings.Contains(page, "Give a reason.") {
		t.Errorf("without a reason: %d", res.StatusCode)
	}
	res, _ = post(t, srv.URL+"/desk/decide", maria, url.Values{"do": {"spam"}, "id": {string(ids[0].ID)}, "reason": {"Spam"}})
	if res.StatusCode != 303 || res.Header.Get("Location") != "/desk?r="+string(ids[1].ID) {
		t.Errorf("after spam: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	res, _ = post(t, srv.URL+"/desk/release", maria, url.Values{"id": {string(ids[1].ID)}, "reason": {"real"}, "then": {"case"}})
	if res.StatusCode != 303 || res.Header.Get("Location") != "/cases/"+theCase {
		t.Errorf("after release: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	_, page = get(t, srv.URL+"/desk?decided=1", maria)
	if !strings.Contains(page, "Spam") || !strings.Contains(page, "Reopen") {
		t.Errorf("decided: %s", page)
	}
	noKeys(t, page)
	m := r.held().Messages[0]
	res, raw := get(t, srv.URL+"/desk/messages/"+string(m.ID)+"/raw", maria)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(raw, "Subject: Three") {
		t.Errorf("raw: %d %v", res.StatusCode, res.Header)
	}
	if res, _ := get(t, srv.URL+"/desk/messages/"+string(m.ID)+"/raw", noah); res.StatusCode != 404 {
		t.Errorf("raw for another: %d", res.StatusCode)
	}
}

func TestTextsPage(t *testing.T) {
	r := oneEngine(t)
	srv := r.site()
	if res, _ := get(t, srv.URL+"/desk/texts/lanterna", noah); res.StatusCode != 404 {
		t.Errorf("another team: %d", res.StatusCode)
	}
	res, page := post(t, srv.URL+"/desk/texts/lanterna", maria, url.Values{"for": {"reject"}, "title": {"No threat"}, "body": {"Thank you."}})
	if res.StatusCode != 303 {
		t.Fatalf("save: %d %s", res.StatusCode, page)
	}
	_, page = get(t, srv.URL+"/desk/texts/lanterna", maria)
	if !strings.Contains(page, "No threat") {
		t.Error("the text is not there")
	}
	noKeys(t, page)
	res, page = post(t, srv.URL+"/desk/texts/lanterna", maria, url.Values{"title": {""}, "body": {"kept words"}})
	if res.StatusCode != 422 || !strings.Contains(page, "kept words") {
		t.Errorf("wrong: %d", res.StatusCode)
	}
}

func TestReportAPI(t *testing.T) {
	r := oneEngine(t)
	srv := r.site()
	res, body := ask(t, "POST", srv.URL+"/api/projects/lanterna/reports", "", "application/json", strings.NewReader(`{"what":"By API","claims":{"product":"lamp 2"}}`))
	if res.StatusCode/100 != 2 || !strings.Contains(body, "/status/") {
		t.Fatalf("submit: %d %s", res.StatusCode, body)
	}
	id := r.held().Report.ID
	res, body = get(t, srv.URL+"/api/reports", maria)
	if res.StatusCode != 200 || !strings.Contains(body, string(id)) {
		t.Errorf("list: %d %s", res.StatusCode, body)
	}
	if _, body = get(t, srv.URL+"/api/reports", noah); strings.Contains(body, string(id)) {
		t.Error("another project's moderator lists it")
	}
	res, body = get(t, srv.URL+"/api/reports/"+string(id), maria)
	if res.StatusCode != 200 || !strings.Contains(body, "By API") || !strings.Contains(body, "lamp 2") {
		t.Errorf("get: %d %s", res.StatusCode, body)
	}
	if res, _ = get(t, srv.URL+"/api/reports/"+string(id), noah); res.StatusCode != 404 {
		t.Errorf("get by another: %d", res.StatusCode)
	}
	if res, _ = get(t, srv.URL+"/api/reports", ""); res.StatusCode != 401 {
		t.Errorf("list by nobody: %d", res.StatusCode)
	}
	res, body = ask(t, "POST", srv.URL+"/api/reports/"+string(id)+"/decide", maria, "application/json", strings.NewReader(`{"do":"spam","reason":"noise"}`))
	if res.StatusCode/100 != 2 {
		t.Errorf("decide: %d %s", res.StatusCode, body)
	}
	res, body = ask(t, "POST", srv.URL+"/api/reports/"+string(id)+"/decide", maria, "application/json", strings.NewReader(`{"do":"spam","reason":"noise"}`))
	if res.StatusCode != 409 {
		t.Errorf("decide twice: %d %s", res.StatusCode, body)
	}
}

// book records the keys that moderators register.
type book struct{ taken []string }

func (b *book) UploadFor(_ context.Context, _ people.Scope, _ people.ProjectID, _, address string, raw []byte) ([]people.Key, error) {
	b.taken = append(b.taken, address+" "+string(raw))
	return nil, nil
}

func TestAModeratorRegistersTheReportersKey(t *testing.T) {
	r := oneEngine(t)
	b := &book{}
	r.book = b
	srv := r.site()
	mail := "From: %s\nTo: security@lanterna.example\nSubject: key\nMessage-ID: <%s@x>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
		"--b\n\nhello\n--b\nContent-Type: application/pgp-keys; name=key.asc\nContent-Disposition: attachment\n\nTHE KEY\n--b--\n"
	r.send(fmt.Sprintf(mail, "ada@mail.example", "one"))
	r.send(fmt.Sprintf(mail, "member@distro.example", "two"))
	for i := range 2 {
		id := r.list(maria)[i].ID
		d, err := r.Desk.See(t.Context(), people.AsPerson(maria), id)
		if err != nil {
			t.Fatal(err)
		}
		n := len(d.Messages[0].Parts) - 1
		f := url.Values{"report": {string(id)}, "message": {string(d.Messages[0].ID)}, "part": {strconv.Itoa(n)}}
		if res, _ := post(t, srv.URL+"/desk/key", noah, f); res.StatusCode != 404 {
			t.Errorf("another project's moderator: %d", res.StatusCode)
		}
		if res, page := post(t, srv.URL+"/desk/key", maria, f); res.StatusCode != 303 {
			t.Errorf("report %d: %d %s", i, res.StatusCode, page)
		}
	}
	if len(b.taken) != 2 || !slices.Contains(b.taken, "ada@mail.example THE KEY") || !slices.Contains(b.taken, "member@distro.example THE KEY") {
		t.Errorf("%q", b.taken)
	}
}

func TestAfterTheReleaseTheLinkLeadsToTheCase(t *testing.T) {
	r := oneEngine(t)
	srv := r.site()
	r.send(r.plain("Link", "text"))
	link := r.Post.take()[0].Link
	path := link[strings.Index(link, "/status/"):]
	if res, _ := get(t, srv.URL+path, ""); res.StatusCode != 200 {
		t.Fatalf("held: %d", res.StatusCode)
	}
	post(t, srv.URL+"/desk/release", maria, url.Values{"id": {string(r.held().Report.ID)}, "reason": {"real"}})
	if res, _ := get(t, srv.URL+path, ""); res.StatusCode != 303 || res.Header.Get("Location") != path+"/case" {
		t.Errorf("released: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	if res, _ := get(t, srv.URL+"/status/0123", ""); res.StatusCode != 404 {
		t.Errorf("a wrong link: %d", res.StatusCode)
	}
}
