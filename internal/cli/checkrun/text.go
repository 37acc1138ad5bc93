package checkrun

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// Text writes results for people.
type Text struct {
	Out    io.Writer
	Colour bool
	Show   check.Severity // the least severity that is shown
	All    bool           // all findings of a rule, not the first ten
	Many   bool           // documents without findings are not named
}

// mostOfRule is how many findings of one rule in one document are shown.
const mostOfRule = 10

// The escape sequences of colours (ECMA-48). Words say the same.
const (
	red, yellow, blue, bold, faint, plain = "\x1b[31;1m", "\x1b[33m", "\x1b[34m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
)

// Result writes one result.
func (t *Text) Result(r *Result) error {
	w := bufio.NewWriter(t.Out)
	if r.Err != nil {
		fmt.Fprintf(w, "%s: %s: %s\n", t.paint(bold, Safe(r.Name)), t.paint(red, "not read"), Safe(r.Err.Error()))
		return w.Flush()
	}
	shown := t.shown(r.Report.Findings)
	if t.Many && len(shown) == 0 {
		return nil
	}
	what := r.Report.What
	if r.Report.Format == "" {
		what = "not checked"
	}
	if r.Report.ID != "" && r.Report.ID != r.Name {
		what += " " + clip(Safe(r.Report.ID), 60)
	}
	fmt.Fprintf(w, "%s: %s: %s\n", t.paint(bold, Safe(r.Name)), what, counts(r.Report))
	for _, group := range grouped(shown) {
		t.group(w, r, group)
	}
	return w.Flush()
}

func (t *Text) shown(all []check.Finding) []check.Finding {
	var out []check.Finding
	for _, f := range all {
		if f.Severity <= t.Show {
			out = append(out, f)
		}
	}
	return out
}

// grouped puts the findings of a rule together: errors first, within them the rules in
// the order of their first finding.
func grouped(all []check.Finding) [][]check.Finding {
	var out [][]check.Finding
	for s := check.Error; s <= check.Info; s++ {
		at := map[string]int{}
		for _, f := range all {
			if f.Severity != s {
				continue
			}
			i, ok := at[f.Rule]
			if !ok {
				i = len(out)
				at[f.Rule] = i
				out = append(out, nil)
			}
			out[i] = append(out[i], f)
		}
	}
	return out
}

func (t *Text) group(w io.Writer, r *Result, group []check.Finding) {
	f := &group[0]
	fmt.Fprintf(w, "  %s %s %s\n", t.severity(f.Severity), t.paint(bold, f.Rule), f.Title)
	for i := range group {
		if i == mostOfRule && !t.All {
			fmt.Fprintf(w, "    and %d more (--all shows them)\n", len(group)-i)
			break
		}
		f := &group[i]
		fmt.Fprintf(w, "    %d:%d %s\n", f.Line, f.Column, clip(Safe(f.Pointer), 200))
		fmt.Fprintf(w, "      %s\n", Safe(f.Message))
		same := i > 0 && group[i-1].Line == f.Line && group[i-1].Column == f.Column
		if line, ok := r.Lines[f.Line]; ok && !same {
			text, caret := excerpt(line, f.Column)
			fmt.Fprintf(w, "      %s %s\n      %s %s\n", t.paint(faint, "|"), t.paint(faint, text), t.paint(faint, "|"), caret)
		}
		if f.Fix != nil {
			fmt.Fprintf(w, "      fix: %s\n", Safe(FixText(f)))
		}
	}
}

// FixText says a fix in words.
func FixText(f *check.Finding) string {
	var out []string
	for _, op := range f.Fix {
		switch op.Op {
		case "remove":
			out = append(out, "remove "+op.Path)
		case "move":
			out = append(out, "move "+op.From+" to "+op.Path)
		default:
			out = append(out, fmt.Sprintf("%s %s: %s", op.Op, op.Path, clip(compact(op.Value), 120)))
		}
	}
	return strings.Join(out, "; ")
}

func (t *Text) severity(s check.Severity) string {
	return t.paint([...]string{"", red, yellow, blue}[s], s.String())
}

func (t *Text) paint(colour, text string) string {
	if !t.Colour {
		return text
	}
	return colour + text + plain
}

// Summary writes the last line.
func (t *Text) Summary(all Tally) error {
	text := number(all.Documents, "document") + ": " + strconv.Itoa(all.Valid) + " valid, " + strconv.Itoa(all.Documents-all.Valid) + " with errors"
	text += "; " + number(all.Errors, "error") + ", " + number(all.Warnings, "warning") + ", " + number(all.Infos, "info")
	if all.NotRead > 0 {
		text += "; " + strconv.Itoa(all.NotRead) + " could not be read"
	}
	if all.LeftOut > 0 {
		text += "; " + strconv.Itoa(all.LeftOut) + " of no known format left out"
	}
	_, err := fmt.Fprintln(t.Out, text)
	return err
}

// counts is "2 errors, 1 warning" or "valid, nothing found".
func counts(r *check.Report) string {
	var parts []string
	for _, x := range [...]struct {
		n    int
		word string
	}{{r.Errors, "error"}, {r.Warnings, "warning"}, {r.Infos, "info"}} {
		if x.n > 0 {
			parts = append(parts, number(x.n, x.word))
		}
	}
	tests := " (" + number(r.Tests, "test") + ")"
	switch {
	case r.Tests == 0 && len(parts) == 0:
		return "none of the tests that were asked for is one of this format"
	case len(parts) == 0:
		return "valid, nothing found" + tests
	case r.Valid():
		return "valid, " + strings.Join(parts, ", ") + tests
	case r.Broken || r.Tests == 0:
		return strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ") + tests
}

func number(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// excerpt cuts a window around a column out of a line, and returns the mark below it.
func excerpt(line string, column int) (text, caret string) {
	const before, width = 40, 100
	r := []rune(line)
	from := max(0, min(column-1, len(r))-before)
	for from < len(r) && from < column-1 && unicode.IsSpace(r[from]) { // indentation says nothing here
		from++
	}
	to := min(len(r), from+width)
	text = Safe(string(r[from:to]))
	head := Safe(string(r[from:max(from, min(column-1, len(r)))]))
	return text, strings.Repeat(" ", len([]rune(head))) + "^"
}

// Safe is a foreign text for a terminal: what does not print, or changes the direction
// of writing, is escaped.
func Safe(s string) string {
	if strings.IndexFunc(s, unsafe) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case unsafe(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafe(r rune) bool { return !unicode.IsPrint(r) && r != ' ' }

func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "..."
}
