package show

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// The measures of the picture, in CSS pixels. It is as wide as a phone, and grows down:
// what is to the right of a screen is not seen.
const (
	width   = 360
	margin  = 12
	perLine = 5
	cellW   = (width - 2*margin) / perLine
	cellH   = 44
	headH   = 46
)

const style = `text{font-family:system-ui,sans-serif;fill:#1a1a1a}.n{font-weight:600;font-size:15px}.s,.c{font-size:12px}.g{font-size:16px;font-weight:700}.m{font-family:ui-monospace,monospace;font-size:10.5px}` +
	`.bg{fill:#fff}.done{fill:#d7f0dd;stroke:#1d6b36}.todo{fill:#fde3d3;stroke:#9a3d00}.alarm{fill:#f8c9cf;stroke:#a00018}.open{fill:#fff1c2;stroke:#7a5a00}.none{fill:#ececec;stroke:#595959}` +
	`@media(prefers-color-scheme:dark){text{fill:#f2f2f2}.bg{fill:#161616}.done{fill:#12401f;stroke:#7fd197}.todo{fill:#5a2600;stroke:#ffb48a}.alarm{fill:#6b0011;stroke:#ff9aa6}.open{fill:#4d3900;stroke:#ffd666}.none{fill:#333;stroke:#b5b5b5}}`

// SVG draws the matrix with English words: a band for each branch with its state in words,
// and below it a cell for each fix with a sign and the commit. Screen readers get the same
// in words.
func SVG(w io.Writer, m *branchfix.Matrix) error { return English().SVG(w, m) }

// SVG is the function SVG in these words.
func (t Texts) SVG(w io.Writer, m *branchfix.Matrix) error {
	b := bufio.NewWriter(w)
	height := margin
	for _, br := range m.Branches {
		height += headH + cellH*((len(br.Fixes)+perLine-1)/perLine) + margin
	}
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d"%s>`, width, height, width, height, t.attribute())
	fmt.Fprintf(b, "\n<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n", html.EscapeString(t.Title), html.EscapeString(t.sentence(m)), style)
	fmt.Fprintf(b, "<rect class=\"bg\" width=\"%d\" height=\"%d\"/>\n", width, height)
	y := margin
	for _, br := range m.Branches {
		l, words := lookOf(br.State), t.State(br.State)
		fmt.Fprintf(b, "<g><title>%s</title><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>", html.EscapeString(t.Branch(clean(br.Name), words)), l.class, margin, y, width-2*margin, headH-6)
		fmt.Fprintf(b, "<text class=\"g\" x=\"%d\" y=\"%d\">%s</text>", margin+10, y+26, l.sign)
		fmt.Fprintf(b, "<text class=\"n\" x=\"%d\" y=\"%d\">%s</text>", margin+34, y+17, html.EscapeString(cut(br.Name, 34)))
		fmt.Fprintf(b, "<text class=\"s\" x=\"%d\" y=\"%d\">%s · <tspan class=\"m\">%s</tspan></text></g>\n", margin+34, y+33, html.EscapeString(words), br.Head.Short())
		y += headH
		for i, f := range br.Fixes {
			t.cell(b, f, margin+i%perLine*cellW, y+i/perLine*cellH)
		}
		y += cellH*((len(br.Fixes)+perLine-1)/perLine) + margin
	}
	fmt.Fprint(b, "</svg>\n")
	return b.Flush()
}

// cell draws one fix on one branch.
func (t Texts) cell(b io.Writer, f branchfix.FixState, x, y int) {
	l := lookOf(f.State)
	sign := l.sign
	if f.Ask {
		sign += "?"
	}
	first, more, _ := strings.Cut(f.Commit, ",")
	name := first[:min(len(first), 8)]
	if more != "" {
		name += "+"
	}
	below := name
	if f.Tag != "" {
		below = cut(f.Tag, 9)
	}
	fmt.Fprintf(b, "<g><title>%s</title><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>", html.EscapeString(Short(f.Commit)+": "+clean(t.full(f))), l.class, x+2, y, cellW-4, cellH-4)
	fmt.Fprintf(b, "<text class=\"g\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>", x+cellW/2, y+19, sign)
	fmt.Fprintf(b, "<text class=\"m\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text></g>\n", x+cellW/2, y+34, html.EscapeString(below))
}

// Sentence says the matrix in one English sentence for each branch.
func Sentence(m *branchfix.Matrix) string { return English().sentence(m) }
