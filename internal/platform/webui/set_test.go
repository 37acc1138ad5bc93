package webui

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// A template's functions speak to one request. Two requests that shared a copy of a
// set would show one reader's words to another.
func TestConcurrentPagesDoNotMix(t *testing.T) {
	a := newTestApp(t)
	h := a.Handler()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			for j := range 10 {
				typed := fmt.Sprintf("w%dx%d", i, j)
				r := httptest.NewRequest("POST", "/form", strings.NewReader(url.Values{"title": {"no"}, "body": {typed}}.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("X-Test-User", "member")
				want := "This is needed."
				if i%2 == 1 {
					r.Header.Set("Accept-Language", "zh")
					want = "此项必填。"
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if got := w.Body.String(); !strings.Contains(got, ">\n"+typed+"</textarea>") || !strings.Contains(got, want) {
					t.Errorf("%s: the page is another's", typed)
				}
			}
		})
	}
	wg.Wait()
}
