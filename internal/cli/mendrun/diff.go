package mendrun

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
)

const (
	around = 3    // equal lines beside a change
	ahead  = 2000 // lines that are looked through for where both go on
)

// change is a run of lines that others stand for.
type change struct{ a, b, an, bn int }

// diff is a unified diff, "" for equal texts.
func diff(name string, before, after []byte) string {
	a, b := strings.SplitAfter(string(before), "\n"), strings.SplitAfter(string(after), "\n")
	var out strings.Builder
	list := changes(a, b)
	if len(list) > 0 {
		fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
	}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].a-(list[n-1].a+list[n-1].an) <= 2*around {
			n++
		}
		hunk(&out, a, b, list[:n])
		list = list[n:]
	}
	return out.String()
}

// changes walks both texts. Fixes change few lines: where they differ it takes the nearest
// lines at which both are equal again.
func changes(a, b []string) (out []change) {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i, j = i+1, j+1
			continue
		}
		c := change{i, j, len(a) - i, len(b) - j}
	search:
		for sum := 1; sum <= min(ahead, len(a)-i+len(b)-j); sum++ {
			for x := max(0, sum-(len(b)-j)); x <= min(sum, len(a)-i); x++ {
				if y := sum - x; i+x < len(a) && j+y < len(b) && a[i+x] == b[j+y] && slices.Equal(head(a[i+x:]), head(b[j+y:])) {
					c.an, c.bn = x, y
					break search
				}
			}
		}
		out = append(out, c)
		i, j = i+c.an, j+c.bn
	}
	return out
}

// head are the lines that have to be equal: a bracket alone says nothing.
func head(lines []string) []string { return lines[:min(2, len(lines))] }

func hunk(out *strings.Builder, a, b []string, list []change) {
	last := list[len(list)-1]
	from, to := max(0, list[0].a-around), min(len(a), last.a+last.an+around)
	shift := list[0].b - list[0].a
	more := 0
	for _, c := range list {
		more += c.bn - c.an
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", from+1, lines(a[from:to]), from+shift+1, lines(a[from:to])+more)
	line := func(mark, text string) {
		if text != "" {
			text, whole := strings.CutSuffix(text, "\n")
			out.WriteString(mark + checkrun.Safe(text) + "\n")
			if !whole {
				out.WriteString("\\ No newline at end of file\n")
			}
		}
	}
	at := from
	for _, c := range list {
		for ; at < c.a; at++ {
			line(" ", a[at])
		}
		for ; at < c.a+c.an; at++ {
			line("-", a[at])
		}
		for _, text := range b[c.b : c.b+c.bn] {
			line("+", text)
		}
	}
	for ; at < to; at++ {
		line(" ", a[at])
	}
}

// lines counts those that are printed: not the empty one behind the last line's end.
func lines(list []string) int {
	if n := len(list); n > 0 && list[n-1] == "" {
		return n - 1
	}
	return len(list)
}
