package git_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/egress"
	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
)

func heads(t *testing.T, dir string) map[string]string {
	t.Helper()
	r, err := git.Open(dir, git.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := map[string]string{}
	if err := r.Refs(t.Context(), func(ref git.Ref) { out[ref.Name] = string(ref.Commit) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAMirrorHasWhatTheRepositoryHas(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.c", "one\n")
	r.Commit("first")
	r.Branch("9.x", r.Head())
	r.Git("tag", "v9.0")
	// Nothing of it may run: neither when it is served nor when it is fetched.
	mark := filepath.Join(t.TempDir(), "ran")
	r.Git("config", "uploadpack.packObjectsHook", "touch "+mark)
	dir := filepath.Join(t.TempDir(), "mirror.git")
	src := git.Source{URL: "file://" + r.Dir, Protocols: []string{"file"}, Folders: []string{filepath.Dir(r.Dir)}}
	if err := git.Fetch(t.Context(), dir, src); err != nil {
		t.Fatal(err)
	}
	got := heads(t, dir)
	if len(got) != 3 || got["refs/heads/9.x"] != string(r.Head()) || got["refs/tags/v9.0"] == "" {
		t.Errorf("%v", got)
	}
	r.On("main")
	r.Git("branch", "-D", "9.x")
	r.Write("a.c", "two\n")
	r.Git("add", "-A")
	r.Git("commit", "-q", "--amend", "-m", "another first") // a force push
	if err := git.Fetch(t.Context(), dir, src); err != nil {
		t.Fatal(err)
	}
	if got := heads(t, dir); len(got) != 2 || got["refs/heads/main"] != string(r.Head()) {
		t.Errorf("after a force push: %v", got)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the repository's own settings started a program")
	}
}

func TestAFetchGoesOnlyWhereItMay(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.c", "one\n")
	r.Commit("first")
	inside := t.TempDir()
	if err := os.Symlink(r.Dir, filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	guard := egress.Config{}.Addresses
	for name, c := range map[string]struct {
		src  git.Source
		want error
	}{
		"a protocol that is not allowed":     {git.Source{URL: "file://" + r.Dir, Protocols: []string{"https"}, Folders: []string{r.Dir}}, git.ErrProtocol},
		"a program as protocol":              {git.Source{URL: "ext::sh -c true", Protocols: []string{"ext", "https"}}, git.ErrProtocol},
		"a password in the address":          {git.Source{URL: "https://u:p@git.example/x", Protocols: []string{"https"}, Addresses: guard}, git.ErrProtocol},
		"a folder beside the allowed one":    {git.Source{URL: "file://" + r.Dir, Protocols: []string{"file"}, Folders: []string{inside}}, git.ErrFolder},
		"a link out of the allowed folder":   {git.Source{URL: "file://" + inside + "/link", Protocols: []string{"file"}, Folders: []string{inside}}, git.ErrFolder},
		"a private network":                  {git.Source{URL: "http://127.0.0.1:1/x", Protocols: []string{"http"}, Addresses: guard}, egress.ErrAddress},
		"more than the mirror may have":      {git.Source{URL: "file://" + r.Dir, Protocols: []string{"file"}, Folders: []string{r.Dir}, MaxBytes: 10}, git.ErrTooBig},
		"a folder that is no repository":     {git.Source{URL: "file://" + inside, Protocols: []string{"file"}, Folders: []string{inside}}, git.ErrFetch},
		"an option in place of an address":   {git.Source{URL: "--upload-pack=touch", Protocols: []string{"file", ""}, Folders: []string{inside}}, git.ErrProtocol},
		"no address at all":                  {git.Source{URL: "", Protocols: []string{"file"}}, git.ErrProtocol},
		"a local repository on another host": {git.Source{URL: "file://other" + r.Dir, Protocols: []string{"file"}, Folders: []string{r.Dir}}, git.ErrFolder},
	} {
		t.Run(name, func(t *testing.T) {
			if err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m"), c.src); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// git must connect to the address that was checked, whatever the name says a second time,
// and follow nobody elsewhere.
func TestAFetchOverHTTPGoesToTheCheckedAddress(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.c", "one\n")
	r.Commit("first")
	r.Git("update-server-info")
	files := http.FileServer(http.Dir(filepath.Join(r.Dir, ".git")))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasPrefix(q.URL.Path, "/moved") {
			http.Redirect(w, q, strings.TrimPrefix(q.URL.RequestURI(), "/moved"), http.StatusFound)
			return
		}
		files.ServeHTTP(w, q)
	}))
	defer srv.Close()
	at := strings.Replace(srv.URL, "127.0.0.1", "git.lantern.example", 1)
	src := git.Source{URL: at + "/", Protocols: []string{"http"}, Addresses: func(_ context.Context, host string) ([]netip.Addr, error) {
		if host != "git.lantern.example" {
			t.Errorf("asked for %q", host)
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	dir := filepath.Join(t.TempDir(), "m")
	if err := git.Fetch(t.Context(), dir, src); err != nil {
		t.Fatal(err)
	}
	if got := heads(t, dir); got["refs/heads/main"] != string(r.Head()) {
		t.Errorf("%v", got)
	}
	src.URL = at + "/moved/"
	if err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "n"), src); !errors.Is(err, git.ErrFetch) {
		t.Errorf("a redirect: %v", err)
	}
}
