package remedyweb

import (
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/internal/remedy"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/show"
)

// work is the fixes of a case in one product, ready for the page.
type work struct {
	remedy.Work
	Columns []column
	Rows    []row
	Said    []said
	Cells   []webui.Option // for the form of answers, those that ask first
}

// column is one fix.
type column struct{ Short, Subject string }

// row is one branch.
type row struct {
	Name   string
	Head   string
	Kind   string // of the state's shape
	Word   string // catalogue key of the state
	Absent bool
	Asks   bool
	Cells  []cell
}

// cell is one fix on one branch.
type cell struct {
	Kind, Word string
	Tag        string
	Ask        bool
	Evidence   []evidence
	Conflicts  []branchfix.Conflict
}

// evidence is one reason of a cell.
type evidence struct {
	Word    string
	Weight  string
	Commit  string
	Subject string
	Note    string
}

// said is a person's answer.
type said struct {
	remedy.Answer
	Name string
	Word string
}

// shape is a state as a shape and a word of the catalogue.
func shape(s branchfix.State) (kind, word string) {
	word = "remedy.state." + string(s)
	switch s {
	case branchfix.Fixed, branchfix.Released:
		return "ok", word
	case branchfix.NotAffected, branchfix.WontFix:
		return "off", word
	case branchfix.Partial, branchfix.Conflicts:
		return "stop", word
	case branchfix.Affected, branchfix.Applies:
		return "warn", word
	case branchfix.Unknown:
		return "wait", word
	}
	return "wait", "remedy.state.unknown"
}

func workOf(w remedy.Work, names map[string]string) work {
	out := work{Work: w}
	var sure []webui.Option
	for i, b := range w.Found.Branches {
		r := row{Name: b.Name, Head: branchfix.ID(b.Head).Short(), Absent: b.Absent, Asks: b.Asks()}
		r.Kind, r.Word = shape(b.State)
		for _, f := range b.Fixes {
			if i == 0 || len(out.Columns) < len(b.Fixes) {
				out.Columns = append(out.Columns, column{show.Short(f.Commit), w.Found.Subjects[f.Last()]})
			}
			r.Cells = append(r.Cells, cellOf(w, f))
			o := webui.Option{Value: string(f.Last()) + " " + string(b.Head) + " " + b.Name, Text: b.Name + " · " + show.Short(f.Commit)}
			if f.Ask {
				out.Cells = append(out.Cells, o)
			} else {
				sure = append(sure, o)
			}
		}
		out.Rows = append(out.Rows, r)
	}
	out.Cells = append(out.Cells, sure...)
	for _, a := range w.Answers {
		_, word := shape(a.State)
		out.Said = append(out.Said, said{Answer: a, Name: names[string(a.By)], Word: word})
	}
	return out
}

func cellOf(w remedy.Work, f branchfix.FixState) cell {
	c := cell{Tag: f.Tag, Ask: f.Ask}
	c.Kind, c.Word = shape(f.State)
	for _, e := range f.Evidence {
		x := evidence{Word: "remedy.evidence." + string(e.Kind), Weight: fmt.Sprintf("%.0f %%", 100*e.Weight), Note: e.Note}
		if e.Commit != "" {
			x.Commit, x.Subject = e.Commit.Short(), w.Found.Subjects[e.Commit]
		}
		c.Evidence = append(c.Evidence, x)
	}
	if f.Trial != nil {
		c.Conflicts = f.Trial.Conflicts
	}
	return c
}

// FixText is the fixes as the form has them, one on each line.
func (w work) FixText() string { return strings.Join(w.Fixes, "\n") }

// IntroducedText likewise.
func (w work) IntroducedText() string { return strings.Join(w.Introduced, "\n") }

// Waiting reports whether a job has to compute the matrix still.
func (w work) Waiting() bool { return len(w.Fixes) > 0 && w.Found.At.IsZero() }

// States are what a person may answer.
func (w work) States() []webui.Option {
	var out []webui.Option
	for _, s := range remedy.Answerable() {
		_, word := shape(s)
		out = append(out, webui.Option{Value: string(s), Key: word})
	}
	return out
}
