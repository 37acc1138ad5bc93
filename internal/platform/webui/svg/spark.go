package svg

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Spark is a small line of values beside a number, oldest first.
type Spark struct {
	ID     string // unique on the page
	Label  string // what the values are, in the reader's language
	Values []float64
}

// SVG draws the line; without values it draws nothing.
func (s Spark) SVG(p *i18n.Printer) template.HTML {
	values := slices.DeleteFunc(slices.Clone(s.Values), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	if len(values) == 0 {
		return ""
	}
	const w, h, pad = 120, 28, 4
	low, high := slices.Min(values), slices.Max(values)
	at := func(i int) (x, y float64) {
		x, y = w-pad, h/2
		if len(values) > 1 {
			x = pad + (w-2*pad)*float64(i)/float64(len(values)-1)
		}
		if high > low {
			y = h - pad - (h-2*pad)*(values[i]-low)/(high-low)
		}
		return x, y
	}
	var path strings.Builder
	for i := range values {
		x, y := at(i)
		path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + num(x) + " " + num(y))
	}
	short := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	var d picture
	d.open(s.ID, "pic-spark", w, h, s.Label, p.T("svg.spark.desc", "n", len(values), "low", short(low), "high", short(high), "last", short(values[len(values)-1])))
	d.add(`<path class="line" stroke-width="2" stroke-linejoin="round" d="%s"/>`, path.String())
	x, y := at(len(values) - 1)
	d.add(`<circle class="fill" cx="%s" cy="%s" r="3"/>`, num(x), num(y))
	return d.close()
}
