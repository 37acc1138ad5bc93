// Package textdiff compares two texts line by line, so that a person who approves a
// revision sees what changed since the last one that was approved. It knows nothing
// of advisories.
package textdiff

import "strings"

// Op says what became of a line.
type Op string

// The operations.
const (
	Same    Op = "same"
	Removed Op = "removed"
	Added   Op = "added"
	Skipped Op = "skipped" // equal lines that are left out
)

// Line is one line of a comparison. Text of Skipped is empty.
type Line struct {
	Op   Op
	Text string
}

const (
	context = 2         // equal lines that are kept around a change
	most    = 4_000_000 // cells of the table: above, all is removed and added anew
)

// Lines compares before and after; nil when they are equal.
func Lines(before, after string) []Line {
	if before == after {
		return nil
	}
	a, b := split(before), split(after)
	var head, tail []Line
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, Line{Same, a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append([]Line{{Same, a[len(a)-1]}}, tail...)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return folded(append(append(head, middle(a, b)...), tail...))
}

func split(s string) []string {
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
}

// middle walks the table of longest common subsequences.
func middle(a, b []string) []Line {
	var out []Line
	if len(a)*len(b) > most {
		for _, l := range a {
			out = append(out, Line{Removed, l})
		}
		for _, l := range b {
			out = append(out, Line{Added, l})
		}
		return out
	}
	width := len(b) + 1
	table := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i*width+j] = table[(i+1)*width+j+1] + 1
			} else {
				table[i*width+j] = max(table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, Line{Same, a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && table[(i+1)*width+j] >= table[i*width+j+1]:
			out = append(out, Line{Removed, a[i]})
			i++
		default:
			out = append(out, Line{Added, b[j]})
			j++
		}
	}
	return out
}

// folded leaves equal lines out that are far from any change.
func folded(in []Line) []Line {
	near := make([]bool, len(in))
	for i, l := range in {
		if l.Op != Same {
			for k := max(0, i-context); k <= min(len(in)-1, i+context); k++ {
				near[k] = true
			}
		}
	}
	var out []Line
	for i, l := range in {
		switch {
		case near[i]:
			out = append(out, l)
		case len(out) == 0 || out[len(out)-1].Op != Skipped:
			out = append(out, Line{Op: Skipped})
		}
	}
	return out
}
