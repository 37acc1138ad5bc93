package show

import (
	"fmt"
	"html"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Texts are the words of a picture. All fields but Lang must be set; English has all.
type Texts struct {
	Lang   string // of the words (BCP 47); empty: the picture does not say
	Title  string
	State  func(branchfix.State) string
	Tagged func(state, tag string) string // "released in v1.1.3"
	Ask    func(text string) string       // "fixed, to be confirmed"
	Branch func(name, text string) string // "main: fixed"
	And    string                         // between what is said of several fixes
	End    string                         // of what is said of a branch: "."
}

// English returns the words that SVG has by itself.
func English() Texts {
	return Texts{
		Title:  "Which branch has the fix",
		State:  Words,
		Tagged: func(state, tag string) string { return state + " in " + tag },
		Ask:    func(text string) string { return text + ", to be confirmed" },
		Branch: func(name, text string) string { return name + ": " + text },
		And:    "; ",
		End:    ".",
	}
}

// attribute says the language to programs that read aloud.
func (t Texts) attribute() string {
	if t.Lang == "" {
		return ""
	}
	return ` lang="` + html.EscapeString(t.Lang) + `"`
}

// full is a state with its tag and whether somebody should look.
func (t Texts) full(f branchfix.FixState) string {
	s := t.State(f.State)
	if f.Tag != "" {
		s = t.Tagged(s, clean(f.Tag))
	}
	if f.Ask {
		s = t.Ask(s)
	}
	return s
}

// sentence says the matrix in one sentence for each branch.
func (t Texts) sentence(m *branchfix.Matrix) string {
	var out []string
	for _, br := range m.Branches {
		count := map[string]int{}
		var order []string
		for _, f := range br.Fixes {
			s := t.full(f)
			if count[s] == 0 {
				order = append(order, s)
			}
			count[s]++
		}
		var parts []string
		for _, s := range order {
			if len(br.Fixes) == 1 {
				parts = append(parts, s)
			} else {
				parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
			}
		}
		out = append(out, t.Branch(clean(br.Name), strings.Join(parts, t.And))+t.End)
	}
	return strings.Join(out, " ")
}
