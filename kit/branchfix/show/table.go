package show

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Table writes the matrix for the plain text of an announcement: a line for each branch
// and fix, with the branch's own commit and the tag that has it.
func Table(w io.Writer, m *branchfix.Matrix) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "Branch\tState\tCommit\tTag")
	for _, b := range m.Branches {
		for _, f := range b.Fixes {
			commit, tag := "-", "-"
			if len(f.By) > 0 {
				commit = f.By[len(f.By)-1].Short()
			}
			if f.Tag != "" {
				tag = clean(f.Tag)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", clean(b.Name), Words(f.State), commit, tag)
		}
	}
	return t.Flush()
}
