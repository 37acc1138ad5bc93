package webui

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestWhatWasTypedIsShownWhenTheSessionIsOver(t *testing.T) {
	a := newTestApp(t)
	a.Page("POST /cases/{id}/write", SignedIn, func(c *Ctx) error { return nil })
	send := func(form url.Values, referer string) string {
		r := httptest.NewRequest("POST", "/cases/7/write", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", referer)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code != 401 {
			t.Errorf("status %d", w.Code)
		}
		return w.Body.String()
	}
	page := send(url.Values{"text": {"A long reply.\n</textarea><script>alert(1)</script>"}, "password": {"seven grey herons"}, "id": {"01JD3Z"}}, "http://example.com/cases/7?tab=talk")
	for _, want := range []string{"A long reply.\n&lt;/textarea&gt;&lt;script&gt;", "next=%2Fcases%2F7%3Ftab%3Dtalk"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	for _, not := range []string{"herons", "01JD3Z", "<script>alert"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q", not)
		}
	}
	if page = send(url.Values{"text": {strings.Repeat("a ", maxTyped)}}, "https://evil.example/cases/7"); strings.Contains(page, "a a a") || !strings.Contains(page, "next=%2F\"") {
		t.Error("a huge form is read back, or another site's address is kept")
	}
}
