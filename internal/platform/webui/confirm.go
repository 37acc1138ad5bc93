package webui

import "html/template"

// Confirm is the page before a destructive or publishing step: it says exactly
// what will happen to whom, and has one form with one button. All texts are in the
// reader's language already.
type Confirm struct {
	Title   string
	Intro   string
	Effects []Effect
	Action  string            // where the form goes
	Button  string            // what the button says: the deed, not "OK"
	Danger  bool              // red
	Back    string            // where "Cancel" leads
	Hidden  map[string]string // fields to send along
	Reason  bool              // ask for a reason: the required field "reason"
	Fields  string            // a template with further fields ("advisory/arm_fields"); may be empty
	Data    any               // for Fields
}

// Effect is one line of what will happen.
type Effect struct{ Who, What string }

// Confirm answers with the page of v; with an err it comes again as with
// RenderForm. Return what it returns.
func (c *Ctx) Confirm(v Confirm, err error) error {
	c.noteProblems(err) // before Fields is rendered, which shows them
	var extra template.HTML
	if v.Fields != "" {
		var bad error
		if extra, bad = c.HTML(v.Fields, v.Data); bad != nil {
			return bad
		}
	}
	return c.RenderForm("confirm", confirmView{v, extra}, err)
}

type confirmView struct {
	Confirm
	Extra template.HTML
}
