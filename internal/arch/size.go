package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
)

// The limits of design section 5.
const (
	longFile     = 500 // needs a reason among the exemptions
	fileLimit    = 800 // fails, whatever the reason
	packageLimit = 3000
	funcLimit    = 80
)

// sizes: files, packages and functions stay short enough to be read. Tests,
// tables and generated code do not count.
func sizes(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		total := 0
		for _, f := range p.code() {
			if f.Generated {
				continue
			}
			n := bytes.Count(f.Body, []byte("\n")) - m.tableLines(f)
			total += n
			switch {
			case n > fileLimit:
				out = append(out, Finding{"file limit", f.Path, fmt.Sprintf("%d lines; %d is the limit", n, fileLimit)})
			case n > longFile:
				out = append(out, Finding{"long file", f.Path, fmt.Sprintf("%d lines; more than %d needs a reason", n, longFile)})
			}
			for _, d := range f.AST.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := m.lines(fn) - m.tableIn(fn); n > funcLimit {
					out = append(out, m.at("functions", fn.Pos(), "%s has %d lines; %d is the limit", fn.Name.Name, n, funcLimit))
				}
			}
		}
		if total > packageLimit {
			out = append(out, Finding{"packages", p.Dir, fmt.Sprintf("%d lines; %d is the limit", total, packageLimit)})
		}
	}
	return out
}

// tableLines are the lines of package-level tables.
func (m *Module) tableLines(f *File) int {
	n := 0
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, v := range s.(*ast.ValueSpec).Values {
				if c, ok := v.(*ast.CompositeLit); ok {
					n += m.lines(c)
				}
			}
		}
	}
	return n
}

// tableIn are the lines of tables within a function: a literal without functions in it,
// or a switch whose cases only return.
func (m *Module) tableIn(fn *ast.FuncDecl) int {
	n := 0
	ast.Inspect(fn, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CompositeLit:
			if plainTable(node) {
				n += m.lines(node)
				return false
			}
		case *ast.SwitchStmt:
			if onlyReturns(node.Body) {
				n += m.lines(node)
				return false
			}
		}
		return true
	})
	return n
}

// plainTable reports whether no function is written within a literal.
func plainTable(c *ast.CompositeLit) bool {
	plain := true
	ast.Inspect(c, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			plain = false
		}
		return plain
	})
	return plain
}

func onlyReturns(b *ast.BlockStmt) bool {
	for _, s := range b.List {
		c, ok := s.(*ast.CaseClause)
		if !ok || len(c.Body) != 1 {
			return false
		}
		if _, ok := c.Body[0].(*ast.ReturnStmt); !ok {
			return false
		}
	}
	return true
}
