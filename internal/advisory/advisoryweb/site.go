package advisoryweb

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Tree serves the published tree: the files of the newest generation, with listings
// of the folders below csaf/ (CSAF 2.0, 7.1.14). It needs no signing in and reads
// public tables only.
type Tree struct {
	Work unit.Work
	Site advisory.SiteStore
}

// ServeHTTP implements http.Handler.
func (t Tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if strings.HasSuffix(name, "/") {
		t.list(w, r, name)
		return
	}
	f, err := t.file(r.Context(), name)
	if fault.Is(err, fault.NotFound) {
		// A folder without its slash: links in a listing are relative to it.
		if files, err := t.files(r.Context(), name+"/"); err == nil && len(files) > 0 && strings.HasPrefix(name, "csaf/") {
			http.Redirect(w, r, "/"+name+"/", http.StatusMovedPermanently)
			return
		}
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "the tree cannot be read now", http.StatusServiceUnavailable)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(f.Path))
	h.Set("Access-Control-Allow-Origin", "*") // public data, read by tools in browsers too
	h.Set("ETag", fmt.Sprintf(`"%d"`, f.Generation))
	h.Set("Last-Modified", f.At.UTC().Format(http.TimeFormat))
	h.Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(f.Bytes)))
	if r.Method != http.MethodHead {
		// The client may be gone; there is nobody to tell.
		_, _ = w.Write(f.Bytes)
	}
}

func (t Tree) file(ctx context.Context, name string) (advisory.SiteFile, error) {
	var f advisory.SiteFile
	err := t.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		f, err = t.Site.File(ctx, v, people.Anyone(), name)
		return err
	})
	return f, err
}

func (t Tree) files(ctx context.Context, prefix string) ([]advisory.SiteFile, error) {
	var out []advisory.SiteFile
	err := t.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = t.Site.List(ctx, v, people.Anyone(), prefix)
		return err
	})
	return out, err
}

// list writes the listing of a folder.
func (t Tree) list(w http.ResponseWriter, r *http.Request, prefix string) {
	files, err := t.files(r.Context(), prefix)
	if err != nil {
		http.Error(w, "the tree cannot be read now", http.StatusServiceUnavailable)
		return
	}
	if len(files) == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(Listing(prefix, files))
}

// Listing is the HTML listing of a folder whose path ends with a slash; names are
// relative, so that it works in a copy of the tree too.
func Listing(prefix string, files []advisory.SiteFile) []byte {
	var b strings.Builder
	title := template.HTMLEscapeString("/" + prefix)
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>%s</title></head><body>\n<h1>%s</h1>\n<ul>\n<li><a href=\"../\">..</a></li>\n", title, title)
	last := ""
	for _, f := range files {
		name := strings.TrimPrefix(f.Path, prefix)
		if i := strings.IndexByte(name, '/'); i >= 0 {
			name = name[:i+1]
		}
		if name == last {
			continue
		}
		last = name
		e := template.HTMLEscapeString(name)
		fmt.Fprintf(&b, "<li><a href=\"%s\">%s</a></li>\n", e, e)
	}
	b.WriteString("</ul>\n</body></html>\n")
	return []byte(b.String())
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".json":
		return "application/json"
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".xml":
		return "application/atom+xml; charset=utf-8"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".asc":
		if strings.Contains(name, "/openpgp/") {
			return "application/pgp-keys"
		}
		return "application/pgp-signature"
	}
	return "text/plain; charset=utf-8"
}

// Register mounts the tree.
func (t Tree) Register(app *webui.App) {
	for _, p := range []string{"GET /csaf/", "GET /.well-known/csaf/", "GET /.well-known/security.txt",
		"GET /advisories/advisory.css", "GET /advisories/{slug}/{file}"} {
		app.Mount(p, webui.Public, t)
	}
	app.Mount("GET /security.txt", webui.Public, http.RedirectHandler("/"+pubtree.PathSecurityTxt, http.StatusMovedPermanently))
}
