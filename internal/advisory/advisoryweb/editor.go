package advisoryweb

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// editorView is the form. Lists have empty rows at their end, so that a row is
// added without a script.
type editorView struct {
	ID, Base       string
	State          webui.Badge
	R              advisory.Record
	Change         string
	Statuses       []webui.Option
	Justifications []webui.Option
	TLPs           []webui.Option
	Roles, Kinds   []webui.Option
	Aliases        string
	Related        string
	Packages       []string // of the branches, one a line
	Commits        []string // likewise
	Legends        []string // of the branches
	Weaknesses     []string // the names of the CWE ids
	Warnings       map[string]string
	Withdrawn      bool
	Superseded     bool
	Problems       int
	Imported       bool
	Published      bool
	Told           []difference   // what the case says otherwise
	spare          map[string]int // rows of each list that are not in the record
}

const spare = 2

// roomy adds n empty rows, and as many more as the form had that comes back: what was
// typed there is not lost.
func roomy[R any](c *webui.Ctx, v *editorView, list, first string, rows []R, n int) []R {
	for i := 0; i < n || len(rows) < maxFormRows && c.Form().Has(fmt.Sprintf("%s.%d.%s", list, len(rows), first)); i++ {
		var empty R
		rows = append(rows, empty)
		v.spare[list]++
	}
	return rows
}

// newEditor shows r; missing are branches that it should mention too.
func newEditor(c *webui.Ctx, a advisory.Advisory, r advisory.Record, missing []record.Branch) editorView {
	v := editorView{ID: string(a.ID), State: badge(a.State()), R: r, Published: len(a.Published) > 0, Withdrawn: a.Withdrawn(), Superseded: a.Retired() && !a.Withdrawn(), Warnings: map[string]string{}}
	for _, w := range say(c, r.Warnings()) {
		v.Warnings[w.Path] = w.Text
	}
	if a.Working != nil {
		v.Base, v.Change = a.Working.Hash, a.Working.Content.Change
		v.Problems, v.Imported = len(a.Working.Content.Problems()), a.Working.Content.Source != nil
	}
	v.spare = map[string]int{}
	v.R.Branches = v.R.Branches[:len(v.R.Branches):len(v.R.Branches)]
	missing = missing[:min(len(missing), maxFormRows-len(v.R.Branches))]
	v.spare["branches"] = len(missing)
	v.R.Branches = append(v.R.Branches, missing...)
	v.R.Branches = roomy(c, &v, "branches", "product", v.R.Branches, spare)
	v.R.References = roomy(c, &v, "references", "url", v.R.References, spare)
	v.R.Credits = roomy(c, &v, "credits", "name", v.R.Credits, spare)
	v.R.Timeline = roomy(c, &v, "timeline", "text", v.R.Timeline, spare)
	v.R.CWE = roomy(c, &v, "cwe", "id", v.R.CWE, 1)
	for i, b := range v.R.Branches {
		v.Legends = append(v.Legends, branchLegend(c.T, i, b.Label()))
		v.Packages = append(v.Packages, lines(b.Packages))
		v.Commits = append(v.Commits, b.Commits.Lines())
	}
	for _, w := range v.R.CWE {
		v.Weaknesses = append(v.Weaknesses, record.CWEName(w.ID))
	}
	v.Statuses = []webui.Option{{Value: "", Key: "advisory.choose"}}
	for _, s := range record.Statuses() {
		v.Statuses = append(v.Statuses, webui.Option{Value: string(s), Key: "advisory.product." + string(s)})
	}
	v.Justifications = []webui.Option{{Value: "", Key: "advisory.choose"}}
	for _, j := range record.Justifications() {
		v.Justifications = append(v.Justifications, webui.Option{Value: j, Key: "advisory.justification." + j})
	}
	v.Aliases, v.Related = strings.Join(v.R.Aliases, ", "), strings.Join(v.R.Related, ", ")
	v.Roles, v.Kinds = words("advisory.role.", record.Roles()), words("advisory.kind.", record.Kinds())
	for _, l := range []string{csaf.White, csaf.Green, csaf.Amber, csaf.Red} {
		v.TLPs = append(v.TLPs, webui.Option{Value: l, Text: "TLP:" + l})
	}
	return v
}

// words are the choices of a list whose empty one says nothing.
func words(prefix string, list []string) []webui.Option {
	out := []webui.Option{{Value: "", Key: "advisory.unsaid"}}
	for _, w := range list {
		out = append(out, webui.Option{Value: w, Key: prefix + w})
	}
	return out
}

// lines writes packages as the form takes them.
func lines(list []record.Package) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Line() + "\n")
	}
	return b.String()
}

// idList reads ids that stand apart by commas or white space.
func idList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

func (p Pages) editor(c *webui.Ctx) (editorView, error) {
	sc := people.From(c.Context())
	var a advisory.Advisory
	var r advisory.Record
	var missing []record.Branch
	var told []difference
	err := p.Work.View(c.Context(), func(ctx context.Context, v unit.View) (err error) {
		if a, err = p.Advisories.Get(ctx, v, sc, advisory.ID(c.Path("id"))); err != nil {
			return err
		}
		if told, err = p.differences(ctx, c, v, sc, a); err != nil {
			return err
		}
		// Whoever comes from "nobody has decided about ..." finds a row for it.
		if c.Query("add") != "" {
			if missing, err = p.Advisories.Missing(ctx, v, sc, a); err != nil {
				return err
			}
		}
		if r, err = p.Advisories.Current(ctx, v, sc, a); err == nil {
			r.CVE, r.AssignedBy, err = p.Advisories.Number(ctx, v, sc, a, r)
		}
		return err
	})
	if err != nil {
		return editorView{}, err
	}
	view := newEditor(c, a, r, missing)
	view.Told = told
	return view, nil
}

// edit shows the form with every problem beside its field.
func (p Pages) edit(c *webui.Ctx) error {
	view, err := p.editor(c)
	if err != nil {
		return err
	}
	c.W = answered{c.W}
	var problems error
	if view.Problems > 0 && view.Base != "" {
		clean := trimmed(view)
		problems = &fault.Error{Kind: fault.Invalid, Key: "advisory.fault.problems", Args: []any{"n", view.Problems}, Fields: clean.Problems()}
	}
	return c.RenderForm("advisory/edit", view, problems)
}

func (p Pages) save(c *webui.Ctx) error {
	var checks fault.Checks
	r := readRecord(c, &checks)
	err := checks.Err()
	if err == nil {
		err = p.Advisories.Save(c.Context(), people.From(c.Context()), advisory.ID(c.Path("id")), c.Value("base"), r, oneLine(c.Value("change")))
	}
	if err != nil {
		view, loadErr := p.editor(c)
		if loadErr != nil {
			return loadErr
		}
		return c.RenderForm("advisory/edit", view, err)
	}
	c.Flash("advisory.done.saved")
	if c.Value("then") == "stay" {
		return c.Redirect("/advisory/" + c.Path("id") + "/edit")
	}
	return c.Redirect("/advisory/" + c.Path("id"))
}

// maxFormRows bounds the rows read from a form; the record's own limit is lower.
const maxFormRows = 300

// each calls f for the rows of a list in the form until one is not there at all.
func each(c *webui.Ctx, list, first string, f func(value func(field string) string, at func(field string) string)) {
	for i := range maxFormRows {
		at := func(field string) string { return fmt.Sprintf("%s.%d.%s", list, i, field) }
		if !c.Form().Has(at(first)) {
			return
		}
		f(func(field string) string { return c.Value(at(field)) }, at)
	}
}

func readRecord(c *webui.Ctx, checks *fault.Checks) advisory.Record {
	r := advisory.Record{
		Title: oneLine(c.Value("title")), Summary: c.Value("summary"), Impact: c.Value("impact"), Details: c.Value("details"),
		Workarounds: c.Value("workarounds"), CVSS31: c.Value("cvss31"), CVSS40: c.Value("cvss40"), CVE: strings.ToUpper(c.Value("cve")),
		AssignedBy: oneLine(c.Value("assigned_by")), NoCVE: c.Value("no_cve"), TLP: c.Value("tlp"), Lang: c.Value("lang"),
		Aliases: idList(c.Value("aliases")), Related: idList(c.Value("related")),
	}
	each(c, "branches", "product", func(v, _ func(string) string) {
		b := record.Branch{Product: oneLine(v("product")), Purl: v("purl"), Name: oneLine(v("name")), Status: record.Status(v("status")),
			Affected: oneLine(v("affected")), Fixed: v("fixed"), FixURL: v("fix_url"), Justification: v("justification"), Waiver: v("waiver"),
			CPE: v("cpe"), Platform: oneLine(v("platform")), Covers: oneLine(v("covers")), Packages: record.ParsePackages(v("packages")), Commits: record.ParseCommits(v("commits"))}
		if !b.Empty() {
			r.Branches = append(r.Branches, b)
		}
	})
	each(c, "cwe", "id", func(v, _ func(string) string) {
		if w := (record.Weakness{ID: strings.ToUpper(v("id")), Name: oneLine(v("name"))}); w != (record.Weakness{}) {
			r.CWE = append(r.CWE, w)
		}
	})
	each(c, "credits", "name", func(v, _ func(string) string) {
		if x := (record.Credit{Name: oneLine(v("name")), Organization: oneLine(v("organization")), For: oneLine(v("for")), Role: v("role")}); x != (record.Credit{}) {
			r.Credits = append(r.Credits, x)
		}
	})
	each(c, "references", "url", func(v, _ func(string) string) {
		if x := (record.Reference{URL: v("url"), Text: oneLine(v("text")), Kind: v("kind")}); x != (record.Reference{}) {
			r.References = append(r.References, x)
		}
	})
	each(c, "timeline", "text", func(v, at func(string) string) {
		x := record.Moment{At: c.Time(checks, at("at")), Text: oneLine(v("text"))}
		if !x.At.IsZero() || x.Text != "" {
			r.Timeline = append(r.Timeline, x)
		}
	})
	return r
}

// trimmed is the record without the rows that newEditor added.
func trimmed(v editorView) advisory.Record {
	r := v.R
	r.Branches = r.Branches[:len(r.Branches)-v.spare["branches"]]
	r.References = r.References[:len(r.References)-v.spare["references"]]
	r.Credits = r.Credits[:len(r.Credits)-v.spare["credits"]]
	r.Timeline = r.Timeline[:len(r.Timeline)-v.spare["timeline"]]
	r.CWE = r.CWE[:len(r.CWE)-v.spare["cwe"]]
	return r
}

// pageOf is the address of a published advisory's page.
func pageOf(p people.Project, number string) string {
	return "/" + pubtree.Paths{Slug: p.Slug}.Page(pubtree.Name(number))
}
