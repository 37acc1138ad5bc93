package svg

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Mark is one event on a timeline picture.
type Mark struct {
	At    time.Time
	Label string
	Alarm bool // drawn in the alarm colour as a diamond
}

// Timeline is a line with marks in the order of time, a few weeks on one line.
// More than about eight marks are better shown as a list.
type Timeline struct {
	ID    string // unique on the page; "timeline" when empty
	Now   time.Time
	Marks []Mark
}

const (
	lineW, lineH   = 640, 96
	lineX1, lineX2 = 24, lineW - 24
	lineY          = 48
)

// SVG draws the timeline in the printer's language and zone; without marks it
// draws nothing.
func (l Timeline) SVG(p *i18n.Printer) template.HTML {
	if len(l.Marks) == 0 {
		return ""
	}
	if l.ID == "" {
		l.ID = "timeline"
	}
	marks := slices.Clone(l.Marks)
	slices.SortStableFunc(marks, func(a, b Mark) int { return a.At.Compare(b.At) })
	from, to := marks[0].At, marks[len(marks)-1].At
	if l.Now.After(to) && !l.Now.IsZero() {
		to = l.Now
	}
	x := func(t time.Time) float64 {
		if !to.After(from) {
			return lineX1
		}
		return lineX1 + (lineX2-lineX1)*float64(t.Sub(from))/float64(to.Sub(from))
	}
	var text []string
	for _, m := range marks {
		text = append(text, p.T("svg.timeline.mark", "what", m.Label, "at", m.At))
	}
	var d picture
	d.open(l.ID, "pic-line", lineW, lineH, p.T("svg.timeline.title"), strings.Join(text, " "))
	d.add(`<path class="axis" stroke-width="2" d="M%d %dH%d"/>`, lineX1, lineY, lineX2)
	for i, m := range marks {
		l.mark(&d, p, x(m.At), i%2 == 0, m)
	}
	if !l.Now.IsZero() && !l.Now.Before(from) {
		d.add(`<path class="hand" stroke-width="2" stroke-dasharray="2 3" d="M%s 8V%d"/>`, num(x(l.Now)), lineH-8)
		d.add(`<text class="soft" x="%s" y="%d" font-size="10" text-anchor="%s">%s</text>`, num(x(l.Now)), lineH-1, anchor(x(l.Now)), esc(p.T("svg.timeline.now")))
	}
	return d.scroll(p.T("svg.timeline.title"))
}

// mark draws one event; words stand above and below the line in turn.
func (l Timeline) mark(d *picture, p *i18n.Printer, x float64, above bool, m Mark) {
	if m.Alarm {
		d.add(`<path class="alarm" d="M%s %dl7 7-7 7-7-7Z"/>`, num(x), lineY-7)
	} else {
		d.add(`<circle class="dot" cx="%s" cy="%d" r="5" stroke-width="3"/>`, num(x), lineY)
	}
	y := lineY - 26
	if !above {
		y = lineY + 22
	}
	d.add(`<text x="%s" y="%d" font-size="12" text-anchor="%s">%s</text>`, num(x), y, anchor(x), esc(m.Label))
	d.add(`<text class="soft" x="%s" y="%d" font-size="10" text-anchor="%s">%s</text>`, num(x), y+12, anchor(x), esc(p.Day(m.At)))
}

// anchor keeps words inside of the picture.
func anchor(x float64) string {
	switch {
	case x < lineW/4:
		return "start"
	case x > lineW*3/4:
		return "end"
	default:
		return "middle"
	}
}
