package validator_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/validator"
)

// site is the page and the API as everybody meets them, with what was logged.
func site(t *testing.T) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	now := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	app := webui.New(webui.Config{Name: "Tocsin", Catalog: i18n.Default(), Log: slog.New(slog.NewTextHandler(&log, nil)), Now: now})
	validator.Pages{Now: now}.Register(app)
	return app.Handler(), &log
}

func ask(t *testing.T, h http.Handler, remote, contentType, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if remote != "" {
		r.RemoteAddr = remote
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const plainForm = "application/x-www-form-urlencoded"

func pasted(text string) string {
	return url.Values{"document": {text}, "preset": {"full"}}.Encode()
}

func TestThePageShowsWhereAFindingIs(t *testing.T) {
	h, log := site(t)
	secret := "embargoed-lantern"
	doc := "{\r\n  \"id\": \"x_EX-1\",\r\n  \"modified\": \"2026-01-01T00:00:00Z\",\r\n  \"summary\": \"" + secret + "<script>\",\r\n  \"aliases\": [\"a\", \"a\"]\r\n}"
	w := ask(t, h, "", plainForm, "/check", pasted(doc))
	body := w.Body.String()
	for _, want := range []string{"OSV record", "x_EX-1", `href="#L5"`, `id="L5"`, "REC:002", "/aliases/1", "remove /aliases/1", "not valid", "&lt;script&gt;"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Cache-Control"))
	}
	if strings.Contains(body, "<script>") && strings.Contains(body, secret+"<script>") {
		t.Error("the document is not escaped")
	}
	if strings.Contains(log.String(), secret) || strings.Contains(log.String(), "EX-1") {
		t.Errorf("the log has the document: %s", log)
	}
}

func TestAFileIsChecked(t *testing.T) {
	h, _ := site(t)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("file", "esa.json")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "\x1f\x8b\x08\x00")
	m.WriteField("document", "ignored")
	m.Close()
	if body := ask(t, h, "", m.FormDataContentType(), "/check", b.String()).Body.String(); !strings.Contains(body, "gzip") || strings.Contains(body, "ignored") {
		t.Errorf("%.2000s", body)
	}
}

func TestThePageIsBounded(t *testing.T) {
	h, _ := site(t)
	if w := ask(t, h, "", plainForm, "/check", pasted(" \n")); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Paste a document") {
		t.Errorf("nothing: %d", w.Code)
	}
	if w := ask(t, h, "", plainForm, "/check", "document="+strings.Repeat("x", 17<<20)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", w.Code)
	}
	many := `{"document":{"csaf_version":"2.0"},"vulnerabilities":[{}` + strings.Repeat(",\n{}", 50_000) + `]}`
	if w := ask(t, h, "", plainForm, "/check", pasted(many)); w.Code != http.StatusOK || w.Body.Len() > 2<<20 {
		t.Errorf("many findings: %d, %d bytes", w.Code, w.Body.Len())
	}
	long := `{"id":"x_EX-1","modified":"` + strings.Repeat("long ", 200_000) + `"}`
	if w := ask(t, h, "", plainForm, "/check", pasted(long)); w.Code != http.StatusOK || w.Body.Len() > 1<<20 {
		t.Errorf("one long line: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestANetworkHasSomeDocumentsAMinute(t *testing.T) {
	h, _ := site(t)
	order := `{"tests":[{"type":"preset","name":"schema"}],"document":{}}`
	codes := map[int]int{}
	for i := range 40 {
		codes[ask(t, h, fmt.Sprintf("[2001:db8:0:%x::1]:999", i), "application/json", "/api/v1/validate", order).Code]++
	}
	if codes[200] != 30 || codes[429] != 10 {
		t.Errorf("one /56: %v", codes)
	}
	if w := ask(t, h, "192.0.2.7:999", "application/json", "/api/v1/validate", order); w.Code != 200 {
		t.Errorf("another network: %d", w.Code)
	}
	w := ask(t, h, "[2001:db8:0:1::1]:9", plainForm, "/check", pasted("typed"))
	if w.Code != 429 || !strings.Contains(w.Body.String(), "typed") || w.Header().Get("Retry-After") == "" {
		t.Errorf("the page: %d %q", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestASiteHasTheListOfTests(t *testing.T) {
	h, _ := site(t)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/tests", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "mandatoryTest_6_1_27_11") {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
}
