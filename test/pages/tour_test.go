package pages

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/test/browser"
)

// A route is an address with what differs from one case to the next left out.
var identifier = regexp.MustCompile(`[0-9a-hjkmnp-tv-z]{20,}`)

func route(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	path := identifier.ReplaceAllString(u.Path, "ID")
	path = regexp.MustCompile(`^/advisories/[^/]+$`).ReplaceAllString(path, "/advisories/SLUG")
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) > 0 {
		path += "?" + strings.Join(names, "&")
	}
	return path
}

// elsewhere are links that are no pages of their own: files, other tongues.
var elsewhere = regexp.MustCompile(`^/(lang|static|csaf|advisory/csaf|advisory/advisories|\.well-known|api/|openapi|security\.txt)|/raw$|/parts/|/files/|\.(txt|json|asc|csv|xml|atom|eml|sha\d+)$`)

// look is one way to look at a page.
type look struct {
	width int
	dark  bool
}

var looks = []look{{1280, false}, {1280, true}, {390, true}, {390, false}}

// tour visits start and every page that is linked from there, one of each route.
func tour(t *testing.T, p *browser.Page, prefix, site string, known map[string]bool, start []string) (seen []string) {
	queue := start
	for _, s := range start {
		known[route(s)] = true
	}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		p.Go(site + path)
		seen = append(seen, path)
		examine(t, p, prefix, path, looks[len(seen)%2*2])
		for _, href := range browser.Eval[[]string](p, `[...document.querySelectorAll("a[href]")].map(a => a.href)`) {
			href, ours := strings.CutPrefix(href, site)
			href, _, _ = strings.Cut(href, "#")
			if r := route(href); ours && href != "" && !known[r] && !strings.Contains(r, "&") && !elsewhere.MatchString(r) {
				known[r] = true
				queue = append(queue, href)
			}
		}
	}
	return seen
}

var bareKey = regexp.MustCompile(`(?:^|\s)(?:people|check|desk|casework|embargo|advisory|product|ui|common|ledger|jobs|platform)\.[a-z_]+(?:\.[a-z_]+)*(?:\s|$)`)

// examine holds one page, as it is now, against what every page must be, and leaves it
// as it was. The width is looked at once in each scheme, which does not change it;
// axe-core takes its time: it runs at one look, which changes from page to page.
func examine(t *testing.T, p *browser.Page, prefix, path string, thorough look) {
	t.Helper()
	name := prefix + strings.Trim(regexp.MustCompile(`[^a-zA-Z0-9]+`).ReplaceAllString(route(path), "_"), "_")
	body := p.Text("body")
	if key := bareKey.FindString(body); key != "" {
		t.Errorf("%s shows the catalogue key %q", path, key)
	}
	// Fingerprints, hashes and report numbers are set in type that says so.
	words := browser.Eval[string](p, `(() => { const w = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = [];
		while (w.nextNode()) if (!w.currentNode.parentElement.closest(".mono, code, pre, script, style, textarea, option")) out.push(w.currentNode.data);
		return out.join(" ") })()`)
	if id := identifier.FindString(words); id != "" {
		t.Errorf("%s shows the identifier %q", path, id)
	}
	if p.Text("h1") == "" {
		t.Errorf("%s has no heading\n%s", path, p.Describe())
	}
	for _, empty := range browser.Eval[[]string](p, `[...document.querySelectorAll("h1,h2,h3,h4,button,a[href],dt,th[scope]")].filter(e => e.getClientRects().length && !e.textContent.trim() && !e.getAttribute("aria-label") && !e.querySelector("img,svg,[aria-label],.visually-hidden")).map(e => e.outerHTML.slice(0, 200))`) {
		t.Errorf("%s has an empty %s", path, empty)
	}
	before := p.View()
	defer p.Look(before)
	for i, l := range looks {
		if i%2 == 1 && browser.Shots() == "" {
			continue
		}
		p.Look(browser.View{Width: l.width, Dark: l.dark})
		at := fmt.Sprintf("%s at %d, dark %v", path, l.width, l.dark)
		if o := p.Overflow(); o > 0 {
			t.Errorf("%s is %d pixels too wide: %s", at, o, browser.Eval[string](p, `[...document.querySelectorAll("main *, header *, footer *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 4).map(e => e.tagName + "." + e.className + " " + (e.innerText || "").slice(0, 40)).join("; ")`))
		}
		if l == thorough {
			findings, _ := p.Grave()
			for _, f := range findings {
				t.Errorf("%s: %s", at, f)
			}
		}
		if browser.Shots() != "" {
			p.Screenshot(name, l.width, l.dark)
		}
	}
	for _, v := range append(p.CSPViolations(), p.Errors()...) {
		t.Errorf("%s: %s", path, v)
	}
	p.Forget()
}

func everyPage(t *testing.T, h house) {
	s, link := h.demo()
	p := h.b.Open(s.URL+"/", browser.View{})
	known := map[string]bool{}
	public := tour(t, p, "public_", s.URL, known, []string{"/", "/report/lanterna", "/nowhere"})
	signIn(t, p, link)
	inside := tour(t, p, "", s.URL, known, []string{"/", "/desk", "/cases", "/desk?decided=1", "/search?q=lanternd", "/settings", "/admin/people", "/nowhere"})
	t.Logf("%d public pages, %d pages of members\n%s", len(public), len(inside), strings.Join(append(public, inside...), "\n"))
	if len(public) < 6 || len(inside) < 40 {
		t.Errorf("only %d and %d pages were found", len(public), len(inside))
	}
}
