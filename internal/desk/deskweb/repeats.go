package deskweb

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
)

// How many reports are looked at, and how many stand on the page for a choice.
const (
	repeatsLookedAt = 200
	repeatsShown    = 6
)

// repeats offers what a report may be a duplicate of: reports of the same project that
// wait or became cases, the likeliest first. Who decides sees all of them anyway.
func (p *Pages) repeats(c *webui.Ctx, picked []row) ([]webui.Option, error) {
	if len(picked) == 0 {
		return nil, nil
	}
	var all []desk.Report
	for _, s := range []desk.State{desk.Released, desk.Held} {
		list, err := p.Desk.List(c.Context(), people.From(c.Context()), desk.Query{States: []desk.State{s}, Limit: repeatsLookedAt})
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	var out []webui.Option
	for _, r := range likely(picked[0].Report, picked, all) {
		o := webui.Option{Value: string(r.ID), Text: r.Title}
		if r.State == desk.Released && r.Case != "" {
			o.Value = r.Case
		}
		if o.Text == "" {
			o.Text = c.T("desk.no_title")
		}
		if r.From.Mail != "" {
			o.Text += " – " + r.From.Mail
		}
		out = append(out, o)
	}
	return out, nil
}

// likely sorts by the same sender, then by words that both titles have, then by age.
func likely(of desk.Report, picked []row, all []desk.Report) []desk.Report {
	score := func(r desk.Report) int {
		n := 0
		if r.From.Mail != "" && strings.EqualFold(r.From.Mail, of.From.Mail) {
			n = 2
		}
		mine := words(of.Title)
		for _, w := range words(r.Title) {
			if slices.Contains(mine, w) {
				n++
			}
		}
		return n
	}
	out := slices.DeleteFunc(slices.Clone(all), func(r desk.Report) bool {
		return r.Project != of.Project || slices.ContainsFunc(picked, func(x row) bool { return x.ID == r.ID })
	})
	slices.SortStableFunc(out, func(a, b desk.Report) int {
		return cmp.Or(score(b)-score(a), b.ReceivedAt.Compare(a.ReceivedAt))
	})
	return out[:min(len(out), repeatsShown)]
}

// words are the words of a title that say something: four letters or more, each once.
func words(title string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) >= 4 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

var number = regexp.MustCompile(`[0-9A-Za-z]{26}`)

// repeated is what the form says that a report repeats: what was typed wins over the choice, and
// the address of a page will do for the number in it.
func repeated(typed, chosen string) string {
	typed = strings.TrimSpace(typed)
	if n := number.FindString(typed); n != "" && strings.ContainsAny(typed, "/?") {
		return n
	}
	return cmp.Or(typed, chosen)
}
