package svg

import (
	"fmt"
	"html/template"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Clock is the picture of an embargo: a dial whose full turn is the time from
// Start to Limit (or to Until, if that is later). What has gone is drawn full, what
// is left pale, what lies past the limit in the alarm colour; ticks mark the aim
// and the limit.
type Clock struct {
	ID    string // unique on the page; "clock" when empty
	Start time.Time
	Now   time.Time
	Until time.Time
	Aim   time.Time // until when the project's policy calls it plain; zero for no mark
	Limit time.Time // until when it needs no exception; zero for no mark
	Ended bool      // the embargo is over, whatever Until says
}

// dial is the geometry of the clock.
const (
	dialW, dialH = 244, 160 // wider than high: words stand beside the dial
	dialX, dialY = dialW / 2, dialH / 2
	dialR        = 58
)

// SVG draws the clock in the printer's language and zone.
func (c Clock) SVG(p *i18n.Printer) template.HTML {
	if c.ID == "" {
		c.ID = "clock"
	}
	var d picture
	d.open(c.ID, "pic-clock", dialW, dialH, p.T("svg.clock.title"), c.Text(p))
	d.add(`<circle class="track" cx="%d" cy="%d" r="%d" stroke-width="12"/>`, dialX, dialY, dialR)
	now, until := c.share(c.Now), c.share(c.Until)
	if c.over() {
		now = until
	}
	limit := 1.0
	if !c.Limit.IsZero() {
		limit = c.share(c.Limit)
	}
	c.band(&d, "left", now, min(until, limit))
	c.band(&d, "over", limit, until)
	c.band(&d, "past", 0, min(now, limit))
	c.marks(&d, p, limit)
	c.hands(&d, now, until)
	c.words(&d, p)
	return d.close()
}

func (c Clock) over() bool { return c.Ended || !c.Now.Before(c.Until) }

// share is the part of the dial's turn at which t lies.
func (c Clock) share(t time.Time) float64 {
	end := c.Until
	if c.Limit.After(end) {
		end = c.Limit
	}
	whole := end.Sub(c.Start)
	if whole <= 0 {
		return 0
	}
	return max(0, min(1, float64(t.Sub(c.Start))/float64(whole)))
}

func (c Clock) band(d *picture, class string, from, to float64) {
	if to-from < 0.0005 {
		return
	}
	d.add(`<path class="%s" stroke-width="12" d="%s"/>`, class, arc(dialX, dialY, dialR, from, to))
}

// marks draws the ticks of aim and limit with their words outside of the dial.
func (c Clock) marks(d *picture, p *i18n.Printer, limit float64) {
	tick := func(share float64, word string) {
		x1, y1 := polar(dialX, dialY, dialR-9, share)
		x2, y2 := polar(dialX, dialY, dialR+9, share)
		d.add(`<path class="tick" stroke-width="2" d="M%s %sL%s %s"/>`, num(x1), num(y1), num(x2), num(y2))
		x, y := polar(dialX, dialY, dialR+13, share)
		anchor := "middle"
		switch {
		case x > dialX+25:
			anchor = "start"
		case x < dialX-25:
			anchor = "end"
		}
		if y > dialY {
			y += 7
		}
		d.add(`<text class="soft" x="%s" y="%s" font-size="11" text-anchor="%s">%s</text>`, num(x), num(y), anchor, esc(word))
	}
	// On a dial of many months the two marks lie so close that one word must do.
	if aim := c.share(c.Aim); !c.Aim.IsZero() && (c.Limit.IsZero() || limit-aim > 0.08) {
		tick(aim, p.T("svg.clock.aim_mark"))
	}
	if !c.Limit.IsZero() {
		tick(limit, p.T("svg.clock.limit_mark"))
	}
}

// hands draws now as a hand and the end as a dot on the dial.
func (c Clock) hands(d *picture, now, until float64) {
	x, y := polar(dialX, dialY, dialR, until)
	d.add(`<circle class="dot" cx="%s" cy="%s" r="6" stroke-width="3"/>`, num(x), num(y))
	if c.over() {
		return
	}
	x1, y1 := polar(dialX, dialY, dialR-10, now)
	x2, y2 := polar(dialX, dialY, dialR+8, now)
	d.add(`<path class="hand" stroke-width="3" stroke-linecap="round" d="M%s %sL%s %s"/>`, num(x1), num(y1), num(x2), num(y2))
}

func (c Clock) words(d *picture, p *i18n.Printer) {
	if c.over() {
		d.add(`<text x="%d" y="%d" font-size="16" font-weight="600" text-anchor="middle">%s</text>`, dialX, dialY+5, esc(p.T("svg.clock.ended")))
		return
	}
	size := 18
	left := p.Left(c.Until, c.Now) // the number that the text beside it says
	if len([]rune(left)) > 7 {
		size = 15
	}
	d.add(`<text x="%d" y="%d" font-size="%d" font-weight="600" text-anchor="middle">%s</text>`, dialX, dialY+2, size, esc(left))
	d.add(`<text class="soft" x="%d" y="%d" font-size="12" text-anchor="middle">%s</text>`, dialX, dialY+18, esc(p.T("svg.clock.left")))
}

// Text says in words all that the clock shows.
func (c Clock) Text(p *i18n.Printer) string {
	key := "svg.clock.running"
	if c.over() {
		key = "svg.clock.over"
	}
	out := p.T(key, "start", c.Start, "until", c.Until, "in", p.Relative(c.Until, c.Now))
	if !c.Aim.IsZero() {
		out = fmt.Sprintf("%s %s", out, p.T("svg.clock.aim", "aim", c.Aim))
	}
	if !c.Limit.IsZero() {
		out = fmt.Sprintf("%s %s", out, p.T("svg.clock.limit", "limit", c.Limit))
		if c.Until.After(c.Limit) {
			out = fmt.Sprintf("%s %s", out, p.T("svg.clock.past_limit"))
		}
	}
	return out
}
