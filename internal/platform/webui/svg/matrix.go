package svg

import (
	"html/template"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

// Cell is what a matrix shows where a row and a column meet.
type Cell int

// The cells. Each has a shape of its own.
const (
	CellNone    Cell = iota // a dash: does not apply
	CellYes                 // a tick: fixed, not affected
	CellNo                  // a filled diamond: affected
	CellUnknown             // a ring: not known
)

// Matrix shows rows (branches) against columns (what was asked of them). Words
// holds the reader's word for each Cell, for the legend and the text.
type Matrix struct {
	ID      string // unique on the page; "matrix" when empty
	Columns []string
	Rows    []string
	Cells   [][]Cell // by row, then column; missing ones are CellNone
	Words   map[Cell]string
}

// The measures of a matrix: a column for the names of rows, then the cells.
const (
	matrixName = 130
	matrixCol  = 108
	matrixRow  = 28
)

// SVG draws the matrix; without rows or columns it draws nothing.
func (m Matrix) SVG(p *i18n.Printer) template.HTML {
	if len(m.Rows) == 0 || len(m.Columns) == 0 {
		return ""
	}
	if m.ID == "" {
		m.ID = "matrix"
	}
	var text []string
	for r, row := range m.Rows {
		for c, col := range m.Columns {
			text = append(text, p.T("svg.matrix.cell", "row", row, "column", col, "state", m.Words[m.cell(r, c)]))
		}
	}
	var d picture
	d.open(m.ID, "pic-matrix", matrixName+matrixCol*len(m.Columns), matrixRow*(len(m.Rows)+1), p.T("svg.matrix.title"), strings.Join(text, " "))
	for c, col := range m.Columns {
		d.add(`<text class="soft" x="%d" y="18" font-size="12" text-anchor="middle">%s</text>`, matrixName+c*matrixCol+matrixCol/2, esc(short(col, 15)))
	}
	for r, row := range m.Rows {
		y := (r + 1) * matrixRow
		d.add(`<text x="0" y="%d" font-size="13">%s</text>`, y+18, esc(short(row, 18)))
		for c := range m.Columns {
			x := matrixName + c*matrixCol
			d.add(`<rect class="cell" x="%d" y="%d" width="%d" height="%d" rx="3"/>`, x+2, y+2, matrixCol-4, matrixRow-4)
			shape(&d, m.cell(r, c), x+matrixCol/2, y+matrixRow/2)
		}
	}
	return d.scroll(p.T("svg.matrix.title"))
}

func (m Matrix) cell(r, c int) Cell {
	if r < len(m.Cells) && c < len(m.Cells[r]) {
		return m.Cells[r][c]
	}
	return CellNone
}

func shape(d *picture, c Cell, x, y int) {
	switch c {
	case CellYes:
		d.add(`<path class="yes" d="M%d %dl4 4 8-9 2 2-10 11-6-6Z"/>`, x-6, y)
	case CellNo:
		d.add(`<path class="no" d="M%d %dl7 7-7 7-7-7Z"/>`, x, y-7)
	case CellUnknown:
		d.add(`<circle class="axis" cx="%d" cy="%d" r="5" fill="none" stroke-width="2"/>`, x, y)
	case CellNone:
		d.add(`<path class="axis" stroke-width="2" d="M%d %dh10"/>`, x-5, y)
	}
}

// short cuts a word that would leave its place; the text alternative has it whole.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
