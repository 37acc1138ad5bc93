package validator

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/platform/webui"
	"github.com/tocsin-sec/tocsin/kit/check"
)

// view is what the page shows.
type view struct {
	Text    string
	Preset  string
	Presets []webui.Option
	Report  *check.Report // nil before a document was given
	Groups  []group
	Lines   []line
}

// group is a rule and what it found.
type group struct {
	Rule, Title, State string
	Severity           check.Severity
	Findings           []check.Finding
	More               int
}

// line is one line of the document, or a gap between two.
type line struct {
	N      int // 0 is a gap
	Number string
	Text   string
	Found  bool
}

// The bounds of a page: nobody reads more.
const (
	mostOfRule  = 20
	mostLines   = 3000
	around      = 2         // lines before and behind one with a finding
	mostOfLine  = 300       // characters of a line
	mostOfShown = 512 << 10 // bytes of a document that comes back in the field
)

func newView(preset string) *view {
	v := &view{Preset: preset}
	for _, p := range presets {
		v.Presets = append(v.Presets, webui.Option{Value: p, Key: "check.preset." + p})
	}
	return v
}

// shown is the document as the field has it again, so that it can be mended and checked
// anew; nothing of one that is no text or too large.
func shown(text []byte) string {
	if len(text) > mostOfShown || !utf8.Valid(text) || strings.ContainsRune(string(text), 0) {
		return ""
	}
	return string(text)
}

func (v *view) fill(r *check.Report, text []byte) {
	v.Report = r
	lines := map[int]bool{}
	for s := check.Error; s <= check.Info; s++ {
		at := map[string]int{}
		for _, f := range r.Findings {
			if f.Severity != s {
				continue
			}
			i, ok := at[f.Rule]
			if !ok {
				i = len(v.Groups)
				at[f.Rule] = i
				v.Groups = append(v.Groups, group{Rule: f.Rule, Title: f.Title, Severity: s, State: [...]string{"", "stop", "warn", "info"}[s]})
			}
			if g := &v.Groups[i]; len(g.Findings) < mostOfRule {
				g.Findings = append(g.Findings, f)
				lines[f.Line] = true
			} else {
				g.More++
			}
		}
	}
	v.Lines = excerpt(text, lines)
	have := map[int]bool{}
	for _, l := range v.Lines {
		have[l.N] = true
	}
	for i := range v.Groups { // no link to a line that the page does not have
		for k := range v.Groups[i].Findings {
			if f := &v.Groups[i].Findings[k]; !have[f.Line] {
				f.Line = 0
			}
		}
	}
}

// excerpt are the lines with findings and those around them.
func excerpt(text []byte, found map[int]bool) []line {
	if !utf8.Valid(text) || len(found) == 0 {
		return nil
	}
	var out []line
	n, gap := 0, false
	for s := range strings.Lines(strings.TrimPrefix(string(text), "\uFEFF")) {
		n++
		near := false
		for d := -around; d <= around; d++ {
			near = near || found[n+d]
		}
		if !near {
			gap = true
			continue
		}
		if len(out) == mostLines {
			break
		}
		if gap && len(out) > 0 {
			out = append(out, line{})
		}
		gap = false
		out = append(out, line{N: n, Number: pad(n), Text: clip(strings.TrimRight(s, "\r\n")), Found: found[n]})
	}
	return out
}

func pad(n int) string {
	s := strconv.Itoa(n)
	return strings.Repeat(" ", max(0, 5-len(s))) + s
}

func clip(s string) string {
	if utf8.RuneCountInString(s) <= mostOfLine {
		return s
	}
	return string([]rune(s)[:mostOfLine]) + "…"
}
