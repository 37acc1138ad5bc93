package server

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// frames are the pages of the public site that stand in its frame (home, how to report,
// policy, team) and what they look like with: they are made by the server, not stored,
// and a static copy takes them as everybody gets them.
type frames struct {
	site  string // the address of the living site, without a slash at its end
	pages map[string][]byte
	files map[string][]byte // style, icon and scripts
}

// framed reports whether a path is a page of the public site, and in which file a copy
// has it.
func framed(p string) (file string, ok bool) {
	switch parts := strings.Split(strings.Trim(p, "/"), "/"); {
	case p == "/":
		return "index.html", true
	case len(parts) == 1 && (parts[0] == "advisories" || parts[0] == "reporting"),
		len(parts) == 2 && !strings.Contains(parts[1], ".") && (parts[0] == "advisories" || parts[0] == "reporting" || parts[0] == "policy" || parts[0] == "team"):
		return strings.Trim(p, "/") + "/index.html", true
	}
	return "", false
}

// links finds the addresses in our own pages: html/template quotes attributes.
func links() *regexp.Regexp { return regexp.MustCompile(`\b(href|src|action)="([^"]*)"`) }

// gather asks the handler of the public for every page that can be reached from the
// home page, in one language, and for what these pages load.
func gather(ctx context.Context, h http.Handler, site, lang string) (*frames, error) {
	f := &frames{site: site, pages: map[string][]byte{}, files: map[string][]byte{}}
	todo := []string{"/"}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		_, page := framed(p)
		if f.pages[p] != nil || f.files[p] != nil || !page && !strings.HasPrefix(p, "/static/") {
			continue
		}
		r, err := publicRequest(ctx, site, strings.TrimPrefix(p, "/"))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Accept-Language", lang)
		w := ask(h, r)
		if w.status != http.StatusOK {
			if p == "/" {
				return f, nil // a site without a project has no public pages
			}
			continue // such as a team that shows no page: its links stay with the living site
		}
		if !page {
			f.files[p] = w.body.Bytes()
			continue
		}
		f.pages[p] = w.body.Bytes()
		for _, m := range links().FindAllSubmatch(f.pages[p], -1) {
			if u, err := url.Parse(html.UnescapeString(string(m[2]))); err == nil && u.Host == "" && u.Scheme == "" && u.RawQuery == "" && strings.HasPrefix(u.Path, "/") {
				todo = append(todo, u.Path)
			}
		}
	}
	return f, nil
}

// ask lets the handler answer a request without a listener.
func ask(h http.Handler, r *http.Request) *kept {
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	w := &kept{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, r)
	return w
}

// write returns the files of the copy. Links between them become relative, so that any
// web server can serve them below any folder; all others (the form, signing in) lead
// to the living site. has says whether the copy has a published file.
func (f *frames) write(has func(string) bool) map[string][]byte {
	out := map[string][]byte{}
	for p, raw := range f.files {
		out[strings.TrimPrefix(p, "/")] = raw
	}
	for p, raw := range f.pages {
		file, _ := framed(p)
		out[file] = links().ReplaceAllFunc(raw, func(m []byte) []byte {
			part := links().FindSubmatch(m)
			to := f.link(p, file, html.UnescapeString(string(part[2])), has)
			return fmt.Appendf(nil, `%s="%s"`, part[1], html.EscapeString(to))
		})
	}
	return out
}

// link is where an address on the page p leads in the copy.
func (f *frames) link(p, file, to string, has func(string) bool) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || to == "" || strings.HasPrefix(to, "#") {
		return to
	}
	if !strings.HasPrefix(u.Path, "/") {
		u.Path = path.Join("/", p, u.Path) // "?lang=zh" of the page itself
	}
	target := ""
	if at, ok := framed(u.Path); ok && f.pages[u.Path] != nil {
		target = at
	} else if f.files[u.Path] != nil || has(strings.TrimPrefix(u.Path, "/")) {
		target = strings.TrimPrefix(u.Path, "/")
	}
	if target == "" || u.RawQuery != "" {
		return f.site + u.String()
	}
	out := strings.Repeat("../", strings.Count(file, "/")) + target
	if u.Fragment != "" {
		out += "#" + u.Fragment
	}
	return out
}

// siteLang is the language of the copy's pages: the first project's.
func siteLang(ctx context.Context, s *Store, a *Services) (lang string, err error) {
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		all, err := a.Directory.AllProjects(ctx, v, people.Anyone())
		if err == nil && len(all) > 0 {
			if langs := pubsite.Main(all).Langs; len(langs) > 0 {
				lang = langs[0]
			}
		}
		return err
	})
	return lang, err
}

// publicPages is the handler of the public pages for a program that does not serve.
func publicPages(s *Store, a *Services) http.Handler {
	return (&App{Services: a, cfg: s.Config, log: s.Log, store: s}).pages(i18n.Default())
}
