// Package svg draws the site's pictures on the server: the embargo clock, the
// timeline and spark lines. Every picture has a text alternative that says all
// that it shows, and takes its colours from classes of the style sheet, so that
// it follows the reader's light or dark setting and needs no inline style. Icons say
// nothing: they only stand beside a word.
package svg

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// picture collects the elements of one picture.
type picture struct{ b strings.Builder }

// open begins a picture of w by h units with its name and description. The id
// must be unique on the page.
func (p *picture) open(id, class string, w, h int, title, desc string) {
	id = cleanID(id)
	fmt.Fprintf(&p.b, `<svg class="pic %s" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="%s-t %s-d">`,
		class, w, h, w, h, id, id)
	fmt.Fprintf(&p.b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, esc(title), id, esc(desc))
}

func (p *picture) add(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

func (p *picture) close() template.HTML { return template.HTML(p.b.String() + `</svg>`) }

// scroll closes a picture that may be wider than a phone and lets it be moved
// sideways, by keyboard too, rather than shrink until nobody can read it.
func (p *picture) scroll(title string) template.HTML {
	return template.HTML(`<div class="scroll" tabindex="0" role="group" aria-label="`+esc(title)+`">`) + p.close() + `</div>`
}

func esc(s string) string { return template.HTMLEscapeString(s) }

func cleanID(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, s)
}

// num writes a coordinate with at most two decimals.
func num(v float64) string {
	s := fmt.Sprintf("%.2f", v)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// polar returns the point at the share of a full turn (0 is at the top,
// clockwise) on a circle.
func polar(cx, cy, r, share float64) (x, y float64) {
	a := 2*math.Pi*share - math.Pi/2
	return cx + r*math.Cos(a), cy + r*math.Sin(a)
}

// arc returns the path of a circle's part between two shares of a turn.
func arc(cx, cy, r, from, to float64) string {
	if to-from > 0.9999 {
		to = from + 0.9999 // a full circle has no arc of its own
	}
	x1, y1 := polar(cx, cy, r, from)
	x2, y2 := polar(cx, cy, r, to)
	large := 0
	if to-from > 0.5 {
		large = 1
	}
	return fmt.Sprintf("M%s %sA%s %s 0 %d 1 %s %s", num(x1), num(y1), num(r), num(r), large, num(x2), num(y2))
}
