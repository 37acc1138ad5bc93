package cli_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tocsin-sec/tocsin/internal/cli"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"tocsin": func() { os.Exit(cli.Main(context.Background(), cli.Std(), os.Args[1:])) },
	})
}

// TestScripts runs the scripts in testdata/script. Each has a site key of its own, a key
// pair for backups, and at SITE a site that answers like ours.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			site := httptest.NewServer(publicFiles(fakeSite()))
			e.Defer(site.Close)
			identity, err := age.GenerateX25519Identity()
			if err != nil {
				return err
			}
			for name, text := range map[string]string{
				"site.key": seal.NewSiteKey().Text(), "other.key": seal.NewSiteKey().Text(),
				"backup.key": identity.String() + "\n", "backup.pub": identity.Recipient().String() + "\n",
			} {
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), []byte(text), 0o600); err != nil {
					return err
				}
			}
			for name, value := range map[string]string{
				"XDG_CONFIG_HOME": filepath.Join(e.WorkDir, "config"), "XDG_DATA_HOME": filepath.Join(e.WorkDir, "share"),
				"TOCSIN_DATA": filepath.Join(e.WorkDir, "data"), "TOCSIN_SITE_KEY_FILE": filepath.Join(e.WorkDir, "site.key"),
				"TOCSIN_URL": "https://security.example.org", "SITE": site.URL,
			} {
				e.Setenv(name, value)
			}
			return nil
		},
	})
}

// fakeSite answers what the remote commands ask.
func fakeSite() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/reports", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"reports":[{"id":"r1","state":"held","title":"over\u001b[31mflow","from":"eve@example.org","received_at":"2026-11-01T10:00:00Z"}]}`)
	})
	mux.HandleFunc("GET /api/cases", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") == "" {
			io.WriteString(w, `{"cases":[{"id":"c1","state":"valid","title":"one"}],"next":"1"}`)
			return
		}
		io.WriteString(w, `{"cases":[{"id":"c2","state":"accepted","title":"two"}]}`)
	})
	mux.HandleFunc("GET /api/advisories/a1", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"id":"a1","state":"drafting","hash":"h1","record":{"title":"Heap overflow"}}`)
	})
	mux.HandleFunc("POST /api/advisories/a1/approve", func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if string(raw) != `{"hash":"h1"}` {
			http.Error(w, "", http.StatusConflict)
			return
		}
		io.WriteString(w, `{"id":"a1","state":"approved","hash":"h1","record":{"title":"Heap overflow"}}`)
	})
	mux.HandleFunc("POST /api/projects/lanterna/advisories/import", func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if string(raw) != "{}\n" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"type":"urn:tocsin:fault.invalid","detail":"There is a problem.","errors":[{"location":"body.file","message":"1:1 no document"}]}`)
			return
		}
		io.WriteString(w, `{"id":"a2","number":"LAN-2024-0001","hash":"h2"}`)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer tcs_right" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"type":"about:blank","title":"Unauthorized","status":401}`)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
