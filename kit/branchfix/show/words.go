package show

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// look is how a state is shown: in words, by a sign that does not need colour, and by the
// name of its colour in the style.
type look struct{ words, sign, class string }

func lookOf(s branchfix.State) look {
	switch s {
	case branchfix.Partial:
		return look{"partially fixed", "◐", "alarm"}
	case branchfix.Conflicts:
		return look{"to do, conflicts", "✕", "todo"}
	case branchfix.Affected:
		return look{"affected", "!", "todo"}
	case branchfix.Unknown:
		return look{"unknown", "?", "open"}
	case branchfix.Applies:
		return look{"to do, applies", "→", "todo"}
	case branchfix.WontFix:
		return look{"will not be fixed", "–", "none"}
	case branchfix.Fixed:
		return look{"fixed", "✓", "done"}
	case branchfix.Released:
		return look{"released", "✔", "done"}
	case branchfix.NotAffected:
		return look{"not affected", "○", "none"}
	}
	return look{"unknown", "?", "open"}
}

// Words says a state to people, in English.
func Words(s branchfix.State) string { return lookOf(s).words }

// Short shortens each name of a series for people.
func Short(series string) string {
	var out []string
	for id := range strings.SplitSeq(series, ",") {
		out = append(out, branchfix.ID(id).Short())
	}
	return strings.Join(out, ", ")
}

// full is a state in English with its tag and whether somebody should look.
func full(f branchfix.FixState) string { return English().full(f) }

// clean leaves out what a terminal or a page would obey: control characters, and marks
// that turn the direction of writing.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0xfffd:
			return '·'
		}
		return r
	}, s)
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	r := []rune(clean(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}
