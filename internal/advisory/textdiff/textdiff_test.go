package textdiff_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/advisory/textdiff"
)

func show(lines []textdiff.Line) string {
	marks := map[textdiff.Op]string{textdiff.Same: " ", textdiff.Removed: "-", textdiff.Added: "+", textdiff.Skipped: "…"}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(marks[l.Op] + l.Text + "|")
	}
	return b.String()
}

func TestChangesStandAmongWhatIsAround(t *testing.T) {
	for name, c := range map[string]struct{ before, after, want string }{
		"equal texts have no difference":   {"a\nb\n", "a\nb\n", ""},
		"a changed line":                   {"a\nb\nc", "a\nB\nc", " a|-b|+B| c|"},
		"far lines are left out":           {"1\n2\n3\n4\n5\n6\n7", "1\n2\n3\n4\n5\n6\n8", "…| 5| 6|-7|+8|"},
		"a line more at the end":           {"a", "a\nb", " a|+b|"},
		"a line less in the middle":        {"a\nb\nc", "a\nc", " a|-b| c|"},
		"from nothing":                     {"", "a", "-|+a|"},
		"two changes far from one another": {"x\n1\n2\n3\n4\n5\n6\ny", "X\n1\n2\n3\n4\n5\n6\nY", "-x|+X| 1| 2|…| 5| 6|-y|+Y|"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(textdiff.Lines(c.before, c.after)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestNothingIsLost: what is removed and added, and only that, tells the two texts apart.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 12)
		a, b := text.Draw(t, "before"), text.Draw(t, "after")
		count := map[string]int{}
		for _, l := range a {
			count[l]--
		}
		for _, l := range b {
			count[l]++
		}
		for _, l := range textdiff.Lines(strings.Join(a, "\n"), strings.Join(b, "\n")) {
			switch l.Op {
			case textdiff.Removed:
				count[l.Text]++
			case textdiff.Added:
				count[l.Text]--
			case textdiff.Same, textdiff.Skipped:
			}
		}
		for l, n := range count {
			if n != 0 {
				t.Fatalf("%q is %d off", l, n)
			}
		}
	})
}
