package server

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
)

// example opens a site with the worked example.
func example(t *testing.T) *App {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "site.key")
	if _, err := seal.LoadOrMake(key); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("", nil, map[string]string{"data": filepath.Join(dir, "data"), "site-key-file": key, "smtp": "", "url": "https://security.lanterna.example"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := a.fillDemo(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPublishedFilesAreFetchedAsThePublicGetsThem(t *testing.T) {
	a := example(t)
	raw, err := a.Advisories.Fetch(t.Context(), ".well-known/csaf/provider-metadata.json")
	if err != nil || !bytes.Contains(raw, []byte("csaf_trusted_provider")) {
		t.Errorf("got %.80q, %v", raw, err)
	}
	if _, err := a.Advisories.Fetch(t.Context(), "csaf/lanterna/white/2026/none.json"); err == nil {
		t.Error("a file that is not there is fetched")
	}
}

// TestEveryLinkOfTheStaticCopyResolves walks the copy below a folder of a plain web
// server: what it links exists in it, or is on the living site because it must be.
func TestEveryLinkOfTheStaticCopyResolves(t *testing.T) {
	a := example(t)
	dir := t.TempDir()
	out, err := ExportSite(t.Context(), a.store, a.Services, dir, true)
	if err != nil || out.Written != out.Files {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, name := range []string{"index.html", "advisories/index.html", "advisories/lanterna/index.html", "reporting/index.html", "policy/lanterna/index.html", "team/lanterna/index.html",
		".well-known/security.txt", ".well-known/csaf/provider-metadata.json", "csaf/index.html", "csaf/lanterna/white/index.txt"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the copy lacks %s", name)
		}
	}
	server := httptest.NewServer(http.StripPrefix("/mirror/of/it/", http.FileServer(http.Dir(dir))))
	defer server.Close()
	pages, links := 0, 0
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		var found []string
		switch path.Ext(name) {
		case ".html":
			pages++
			for _, m := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(string(raw), -1) {
				found = append(found, html.UnescapeString(m[1]))
			}
		case ".json":
			if !json.Valid(raw) {
				t.Errorf("%s is no JSON", name)
			}
			fallthrough
		case ".xml", ".txt":
			for _, m := range regexp.MustCompile(`https://security\.lanterna\.example(/[^\s"<>]+)`).FindAllStringSubmatch(string(raw), -1) {
				found = append(found, "https://security.lanterna.example"+html.UnescapeString(m[1]))
			}
		}
		for _, to := range found {
			links++
			resolves(t, server.URL+"/mirror/of/it/", name, to)
		}
		return nil
	})
	if err != nil || pages < 12 || links < 100 {
		t.Errorf("%d pages, %d links, %v", pages, links, err)
	}
	again, err := ExportSite(t.Context(), a.store, a.Services, dir, true)
	if err != nil || again.Written != 0 || again.Removed != 0 {
		t.Errorf("the same again: %+v, %v", again, err)
	}
}

// living are the addresses that only the server can answer.
func living(p string) bool {
	return strings.HasPrefix(p, "/report/") || p == "/report" || p == "/signin" || p == "/check" || strings.HasPrefix(p, "/api/")
}

func resolves(t *testing.T, root, page, to string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Errorf("%s: %q: %v", page, to, err)
		return
	}
	switch {
	case u.Scheme == "mailto", strings.HasPrefix(to, "#"):
		return
	case u.Host == "security.lanterna.example":
		if path.Ext(page) == ".html" {
			if !living(u.Path) && u.RawQuery == "" {
				t.Errorf("%s leads to the living site although the copy could have it: %s", page, to)
			}
			return
		}
		if living(u.Path) {
			return
		}
		to = root + strings.TrimPrefix(u.Path, "/")
	case u.Host != "":
		return
	case strings.HasPrefix(to, "/"):
		t.Errorf("%s: %s leaves the folder of the copy", page, to)
		return
	default:
		base, _ := url.Parse(root + page)
		to = base.ResolveReference(u).String()
	}
	answer, err := http.Get(to)
	if err != nil {
		t.Errorf("%s: %v", page, err)
		return
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Errorf("%s: %s answers %s", page, to, answer.Status)
	}
}
