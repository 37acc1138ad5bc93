package webui

import (
	"errors"
	"html/template"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// ErrNoPanel is what a Panel returns when it has nothing for this reader.
var ErrNoPanel = errors.New("no panel")

// Panel is what a domain adds at the side of the case page. Render returns the
// panel's inside (see Ctx.HTML); the heading comes from Key, the frame from the
// case page.
type Panel struct {
	Key    string // catalogue key of the heading
	Order  int
	Render func(c *Ctx, caseID string) (template.HTML, error)
}

// PanelView is a rendered panel for the template "panels".
type PanelView struct {
	ID    string
	Title string
	Body  template.HTML
}

// Panels renders panels in their order. One that returns ErrNoPanel, or a fault
// of NotFound or Denied, is left out; one that fails otherwise says so in its
// place and is logged, and the page stands.
func (c *Ctx) Panels(panels []Panel, caseID string) []PanelView {
	sorted := slices.Clone(panels)
	slices.SortStableFunc(sorted, func(a, b Panel) int { return a.Order - b.Order })
	var out []PanelView
	for _, p := range sorted {
		body, err := p.Render(c, caseID)
		switch {
		case err == nil:
		case errors.Is(err, ErrNoPanel), fault.Is(err, fault.NotFound), fault.Is(err, fault.Denied):
			continue
		default:
			c.app.cfg.Log.ErrorContext(c.Context(), "panel failed", "request", c.state.id, "panel", p.Key, "error", err)
			body = template.HTML(`<p class="problem">` + esc(c.printer.Fault(err, c.state.id)) + `</p>`)
		}
		out = append(out, PanelView{ID: "panel-" + p.Key, Title: c.T(p.Key), Body: body})
	}
	return out
}
