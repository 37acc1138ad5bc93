package fixrun

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/kept"
	"github.com/tocsin-sec/tocsin/kit/branchfix/show"
)

// table writes the matrix for people: a line for each branch and fix, with the evidence
// that decided.
func table(w io.Writer, a kept.Answer) error {
	m := a.Matrix
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "BRANCH\tFIX\tSTATE\tBY\tBECAUSE")
	ask := false
	for _, b := range m.Branches {
		for _, f := range b.Fixes {
			state := show.Words(f.State)
			if f.Tag != "" {
				state += " in " + f.Tag
			}
			if f.Ask {
				state, ask = state+" ?", true
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", checkrun.Safe(b.Name), show.Short(f.Commit), checkrun.Safe(state), by(f.By), checkrun.Safe(because(f)))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, b := range m.Branches {
		for _, f := range b.Fixes {
			if f.Trial != nil {
				conflicts(w, a.Subjects, b.Name, f)
			}
		}
	}
	if ask {
		fmt.Fprintln(w, "\n? the evidence is weak, or contradicts itself: somebody should look; --json has all of it")
	}
	return nil
}

func conflicts(w io.Writer, subjects map[branchfix.ID]string, branch string, f branchfix.FixState) {
	for _, c := range f.Trial.Conflicts {
		fmt.Fprintf(w, "\n%s: %s does not apply to %s (%s)\n", checkrun.Safe(branch), f.Trial.At.Short(), checkrun.Safe(c.Path), checkrun.Safe(c.Reason))
		for _, l := range c.Lines {
			fmt.Fprintf(w, "  lines %d to %d of the merged file\n", l[0], l[1])
		}
		for _, id := range c.Missing {
			fmt.Fprintf(w, "  it may need %s %s\n", id.Short(), checkrun.Safe(subjects[id]))
		}
	}
}

func by(ids []branchfix.ID) string {
	if len(ids) == 0 {
		return "-"
	}
	out := ids[0].Short()
	if len(ids) > 1 {
		out += fmt.Sprintf(" +%d", len(ids)-1)
	}
	return out
}

// because names the kinds of evidence, the heaviest of each first.
func because(f branchfix.FixState) string {
	var out []string
	seen := map[branchfix.Kind]bool{}
	for _, e := range f.Evidence {
		if seen[e.Kind] {
			continue
		}
		seen[e.Kind] = true
		switch e.Kind {
		case branchfix.Covered, branchfix.PostImage, branchfix.PreImage:
			out = append(out, fmt.Sprintf("%s %.0f %%", e.Kind, 100*e.Weight))
		default:
			out = append(out, string(e.Kind))
		}
	}
	return strings.Join(out, ", ")
}
