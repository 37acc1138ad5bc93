package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/client"
)

func site(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &client.Client{URL: s.URL + "/", Token: "tcs_secret"}
}

func TestARefusalIsATypedError(t *testing.T) {
	c := site(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusUnprocessableEntity)
		io.WriteString(w, `{"type":"urn:tocsin:fault.invalid","title":"Wrong","detail":"Correct it.","errors":[{"location":"body.reason","message":"This is needed."}]}`)
	})
	_, err := c.Decide(t.Context(), "abc", "hold", "", "")
	var e *client.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T: %v", err, err)
	}
	if e.Status != 422 || e.Type != "urn:tocsin:fault.invalid" || e.Detail != "Correct it." || e.RetryAfter != "30" || len(e.Fields) != 1 || e.Fields[0].Location != "body.reason" {
		t.Errorf("got %+v", e)
	}
	if !client.Is(err, 422) || client.Is(err, 404) {
		t.Error("Is does not tell the status")
	}
	if got := err.Error(); !strings.Contains(got, "reason: This is needed.") {
		t.Errorf("the text is %q", got)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		write func(http.ResponseWriter)
		limit int64
		want  string
	}{
		"a page of a proxy keeps its status":    {func(w http.ResponseWriter) { w.WriteHeader(502); io.WriteString(w, "<html>") }, 0, "status 502"},
		"an answer above the limit is refused":  {func(w http.ResponseWriter) { io.WriteString(w, strings.Repeat(" ", 100)) }, 99, "larger than the limit"},
		"an answer that is no JSON is an error": {func(w http.ResponseWriter) { io.WriteString(w, "hello") }, 0, "not what the API describes"},
		"a redirect is not followed": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://192.0.2.1/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, 0, "status 307"},
	} {
		t.Run(name, func(t *testing.T) {
			c2 := site(t, func(w http.ResponseWriter, _ *http.Request) { c.write(w) })
			c2.Limit = c.limit
			_, err := c2.Advisories(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestTheTokenStaysWhereItBelongs(t *testing.T) {
	var got string
	c := site(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		io.WriteString(w, `{"advisories":[]}`)
	})
	if _, err := c.Advisories(t.Context()); err != nil || got != "Bearer tcs_secret" {
		t.Errorf("the site got %q, %v", got, err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", c, c, *c, c.Token); strings.Contains(text, "tcs_secret") {
		t.Errorf("the token prints: %s", text)
	}
	for _, u := range []string{"http://192.0.2.1", "http://security.example.org"} {
		far := &client.Client{URL: u, Token: "tcs_secret"}
		if _, err := far.Me(t.Context()); !errors.Is(err, client.ErrPlain) {
			t.Errorf("%s: %v", u, err)
		}
	}
	for _, u := range []string{"", "ftp://x", "https://", "https://x/?q=1", "::"} {
		if _, err := (&client.Client{URL: u}).Me(t.Context()); err == nil || !strings.Contains(err.Error(), "such as https://") {
			t.Errorf("address %q: %v", u, err)
		}
	}
	withPassword := &client.Client{URL: "https://user:hunter2@127.0.0.1:1"}
	if _, err := withPassword.Me(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") || !client.Unreachable(err) {
		t.Errorf("an unreachable site: %v", err)
	}
}

func TestIdsCannotLeaveTheirPlaceInThePath(t *testing.T) {
	var path string
	c := site(t, func(w http.ResponseWriter, r *http.Request) { path = r.URL.EscapedPath(); io.WriteString(w, "{}") })
	if _, err := c.Advisory(t.Context(), "../projects?x=1#y"); err != nil {
		t.Fatal(err)
	}
	if path != "/api/advisories/..%2Fprojects%3Fx=1%23y" {
		t.Errorf("asked for %q", path)
	}
}

func TestTrustWantsACertificate(t *testing.T) {
	if _, err := client.Trust([]byte("nothing")); err == nil {
		t.Error("a file without a certificate is trusted")
	}
}

func Example() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"advisories":[{"id":"a1","number":"LAN-2026-0001","state":"published"}]}`)
	}))
	defer site.Close()
	c := &client.Client{URL: site.URL, Token: "tcs_..."}
	list, err := c.Advisories(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range list {
		fmt.Println(a.Number, a.State)
	}
	// Output: LAN-2026-0001 published
}

// A path without a slash was glued to the host: the token went to another one.
func TestAPathIsNeverPartOfTheHost(t *testing.T) {
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	c := &client.Client{URL: "http://localhost:1", Token: "tcs_secret"}
	for _, path := range []string{"@" + strings.TrimPrefix(elsewhere.URL, "http://") + "/", "0", "", "?x"} {
		if err := c.Call(t.Context(), http.MethodGet, path, nil, nil); err == nil || client.Unreachable(err) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if asked > 0 {
		t.Error("the token went elsewhere")
	}
}
