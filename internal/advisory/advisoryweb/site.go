package advisoryweb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// Tree serves the published tree: the files of the newest generation, with listings
// of the folders below csaf/ (CSAF 2.0, 7.1.14). It needs no signing in: what is of
// TLP:WHITE and GREEN everybody reads; AMBER and RED exist for who brings a reader's token
// or certificate, and for nobody else, a member's session among them.
type Tree struct {
	Work unit.Work
	Site pubsite.Store
	// Readers makes the scope of what a request brings; without it nobody reads AMBER.
	Readers Readers
	// Cache keeps lists that were put together; without it each is made for each request.
	Cache *Cache
}

// Readers is what Tree needs of advisorydb.Readers. The scope proves nothing by itself: the
// store asks at each look whether there is such a reader.
type Readers interface {
	OfToken(token secret.String) people.Scope
	OfCertificate(fingerprint string) people.Scope
	// Used returns when the scope's reader fetched something the last time; Use says now.
	Used(ctx context.Context, v unit.View, sc people.Scope) (time.Time, error)
	Use(ctx context.Context, tx unit.Tx, sc people.Scope) error
}

// scope is that of the reader whose token or client certificate the request brings.
func (t Tree) scope(r *http.Request) people.Scope {
	if t.Readers == nil {
		return people.Anyone()
	}
	kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(kind, "Bearer") {
		return t.Readers.OfToken(secret.New(strings.TrimSpace(token)))
	}
	// The handshake proved that the client has the certificate's key. Behind a proxy there
	// is none: what a header says of one is believed by nobody.
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		sum := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
		return t.Readers.OfCertificate(hex.EncodeToString(sum[:]))
	}
	return people.Anyone()
}

// ServeHTTP implements http.Handler.
func (t Tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, sc := strings.TrimPrefix(r.URL.Path, "/"), t.scope(r)
	if strings.HasSuffix(name, "/") {
		t.list(w, r, sc, name)
		return
	}
	f, err := t.stat(r.Context(), sc, name)
	if fault.Is(err, fault.NotFound) {
		t.absent(w, r, sc, name)
		return
	}
	if err != nil {
		unreadable(w)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(f.Path))
	h.Set("ETag", f.ETag())
	h.Set("Last-Modified", f.At.UTC().Format(http.TimeFormat))
	if f.Level.Free() {
		h.Set("Access-Control-Allow-Origin", "*") // public data, read by tools in browsers too
		h.Set("Cache-Control", "no-cache")
	} else {
		h.Set("Cache-Control", "private, no-store")
		if err := t.used(r.Context(), sc); err != nil {
			unreadable(w)
			return
		}
	}
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	raw, err := t.bytes(r.Context(), sc, f)
	if err != nil {
		unreadable(w)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(raw)))
	if r.Method != http.MethodHead {
		// The client may be gone; there is nobody to tell.
		_, _ = w.Write(raw)
	}
}

// used notes that a reader fetches what only readers see, once in access.UsedEvery.
func (t Tree) used(ctx context.Context, sc people.Scope) error {
	if _, ok := sc.Bearer(); !ok {
		return nil
	}
	var late bool
	err := t.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		last, err := t.Readers.Used(ctx, v, sc)
		late = v.Now().Sub(last) >= access.UsedEvery
		return err
	})
	if err != nil || !late {
		return err
	}
	return t.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error { return t.Readers.Use(ctx, tx, sc) })
}

func unreadable(w http.ResponseWriter) {
	http.Error(w, "the tree cannot be read now", http.StatusServiceUnavailable)
}

// absent answers for what is no file: a document that left this address, or a folder
// without its slash (links in a listing are relative to it).
func (t Tree) absent(w http.ResponseWriter, r *http.Request, sc people.Scope, name string) {
	var to string
	var left, reads bool
	var below []pubsite.File
	err := t.Work.View(r.Context(), func(ctx context.Context, v unit.View) (err error) {
		to, err = t.Site.Gone(ctx, v, sc, name)
		if left = err == nil; err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if _, err = t.Site.Stat(ctx, v, sc, to); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		reads = err == nil
		below, err = t.Site.List(ctx, v, sc, name+"/")
		return err
	})
	switch {
	case err != nil:
		unreadable(w)
	case left && reads:
		http.Redirect(w, r, "/"+to, http.StatusMovedPermanently)
	case left:
		http.Error(w, "410 gone: the publisher took this back", http.StatusGone)
	case len(below) > 0 && strings.HasPrefix(name, "csaf/"):
		http.Redirect(w, r, "/"+name+"/", http.StatusMovedPermanently)
	default:
		http.NotFound(w, r)
	}
}

func (t Tree) stat(ctx context.Context, sc people.Scope, name string) (f pubsite.File, err error) {
	err = t.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		found, err := t.Site.Stored(ctx, v, sc, []string{name})
		if err != nil {
			return err
		}
		var ok bool
		if f, ok = found[name]; !ok {
			return fault.Missing()
		}
		return nil
	})
	return f, err
}

// bytes are those of a file that the scope may read. A list is put together, unless the
// cache has it in this state.
func (t Tree) bytes(ctx context.Context, sc people.Scope, f pubsite.File) ([]byte, error) {
	if !f.Kind.IsList() {
		return f.Bytes, nil
	}
	if raw := t.Cache.get(f); raw != nil {
		return raw, nil
	}
	err := t.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		f, err = t.Site.File(ctx, v, sc, f.Path)
		return err
	})
	if err == nil {
		t.Cache.put(f)
	}
	return f.Bytes, err
}

func (t Tree) files(ctx context.Context, sc people.Scope, prefix string) ([]pubsite.File, error) {
	var out []pubsite.File
	err := t.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		out, err = t.Site.List(ctx, v, sc, prefix)
		return err
	})
	return out, err
}

// list writes the listing of a folder.
func (t Tree) list(w http.ResponseWriter, r *http.Request, sc people.Scope, prefix string) {
	files, err := t.files(r.Context(), sc, prefix)
	if err != nil {
		unreadable(w)
		return
	}
	if len(files) == 0 {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	if !sc.IsAnyone() {
		w.Header().Set("Cache-Control", "private, no-store")
	}
	_, _ = w.Write(Listing(prefix, files))
}

// Listing is the HTML listing of a folder whose path ends with a slash; names are
// relative, so that it works in a copy of the tree too.
func Listing(prefix string, files []pubsite.File) []byte {
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
	case ".zip":
		return "application/zip"
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
	for _, p := range []string{"GET /csaf/", "GET /osv/", "GET /.well-known/csaf/", "GET /.well-known/security.txt",
		"GET /advisories/advisory.css", "GET /advisories/{slug}/{file}"} {
		app.Mount(p, webui.Public, t)
	}
	app.Mount("GET /security.txt", webui.Public, http.RedirectHandler("/"+pubtree.PathSecurityTxt, http.StatusMovedPermanently))
}
