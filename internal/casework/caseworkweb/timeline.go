package caseworkweb

import (
	"cmp"
	"context"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/platform/webui/svg"
)

// linesPerPage is how many lines of the ledger one page shows.
const linesPerPage = 200

type timelineView struct {
	caseView
	Events []webui.Event
	Next   string
	Open   int // lines that no checkpoint covers yet
}

// timeline shows the case's stream of the ledger in words.
func (p Pages) timeline(c *webui.Ctx) error {
	v := timelineView{}
	cv, err := p.page(c, "timeline", nil)
	if err != nil {
		return err
	}
	v.caseView = cv
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64)
	var lines []casework.Line
	names := map[string]string{}
	err = p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) (err error) {
		if lines, err = p.Cases.History(ctx, tx, sc, v.ID, max(after, 0), linesPerPage); err != nil {
			return err
		}
		var who []string
		for _, l := range lines {
			who = append(who, l.Actor, l.Args["person"], l.Args["decider"])
		}
		names, err = p.Cases.Names(ctx, tx, sc, v.ID, who...)
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range lines {
		v.Events = append(v.Events, event(c, l, names))
		if !l.Proven {
			v.Open++
		}
	}
	if len(lines) == linesPerPage {
		v.Next = strconv.FormatInt(lines[len(lines)-1].Seq, 10)
	}
	return c.Render("casework/timeline", v)
}

// event says one line of the ledger in the reader's language.
func event(c *webui.Ctx, l casework.Line, names map[string]string) webui.Event {
	e := webui.Event{At: l.At, Who: who(c, l.Actor, names)}
	if l.Kind == "" {
		e.Text = c.T("casework.timeline.erased")
		return e
	}
	e.Text = c.T(l.Kind, say(c, l.Args, names))
	if why := l.Args["reason"] + l.Args["evidence"]; why != "" {
		e.Note = template.HTML(template.HTMLEscapeString(why))
	}
	return e
}

// say puts the arguments of an entry into words: names, states, roles, dates.
func say(c *webui.Ctx, args, names map[string]string) map[string]any {
	out := map[string]any{}
	for k, val := range args {
		switch k {
		case "person", "decider":
			out[k] = nameOr(c, names, val)
		case "role":
			out[k] = c.T("people.role." + val)
		case "fact":
			out[k] = c.T("casework.fact." + val)
		case "rating":
			out[k] = c.T("casework.rating." + cmp.Or(val, "unknown"))
		case "of": // where an asked CVE id comes from
			out[k] = c.T("cve.origin." + val)
		case "status":
			out[k] = c.T("casework.status." + val)
		case "from", "to", "until":
			out[k] = dateOrState(c, val)
		default:
			out[k] = val
		}
	}
	return out
}

// dateOrState says what "from" and "to" hold: a date of an embargo, a role or a state.
func dateOrState(c *webui.Ctx, val string) any {
	if t, err := time.Parse(time.RFC3339, val); err == nil {
		return t
	}
	if _, err := casework.ParseState(val); err == nil {
		return c.T("casework.state." + val)
	}
	if people.Role(val).Valid() {
		return c.T("people.role." + val)
	}
	return val
}

func nameOr(c *webui.Ctx, names map[string]string, id string) string {
	if n := names[id]; n != "" {
		return n
	}
	return c.T("people.somebody")
}

// who says who acted.
func who(c *webui.Ctx, actor string, names map[string]string) string {
	kind, _, _ := strings.Cut(actor, ":")
	switch kind {
	case "person":
		return nameOr(c, names, actor)
	case "bearer":
		return c.T("casework.who.reporter")
	default:
		return c.T("casework.who.site")
	}
}

// dial draws the embargo's clock for the top of the page. The bearer of a link sees
// the date that the case itself carries.
func (p Pages) dial(c *webui.Ctx, v caseView) (template.HTML, error) {
	if v.Case.Clock.Until.IsZero() {
		return "", nil
	}
	d := svg.Clock{Start: v.OpenedAt, Now: c.Now(), Until: v.Case.Clock.Until, Ended: !v.Case.Clock.Running}
	if v.Bearer {
		return d.SVG(c.Printer()), nil
	}
	err := p.view(c, func(ctx context.Context, tx unit.View, sc people.Scope) error {
		e, err := p.Embargo.Of(ctx, tx, sc, v.ID)
		r := embargo.RulesOf(v.Project.Policy)
		d.Start, d.Aim, d.Limit = e.Began, r.AimFrom(e.ClockStart), r.MostFrom(e.Began)
		return err
	})
	return d.SVG(c.Printer()), err
}
