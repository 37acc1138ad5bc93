package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// inits: nothing happens because a package is imported.
func inits(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		for _, f := range p.code() {
			for _, d := range f.AST.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					out = append(out, m.at("inits", fn.Pos(), "no init()"))
				}
			}
		}
	}
	return out
}

// variables: a package variable is an error, a compiled expression, an embedded
// file or a table that nothing in its package changes.
func variables(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		changed := changedNames(p)
		for _, f := range p.code() {
			if f.Generated {
				continue
			}
			for _, d := range f.AST.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok || g.Tok != token.VAR || hasDirective(g.Doc, "//go:embed") {
					continue
				}
				for _, s := range g.Specs {
					out = append(out, m.variable(p, s.(*ast.ValueSpec), changed)...)
				}
			}
		}
	}
	return out
}

func (m *Module) variable(p *Package, v *ast.ValueSpec, changed []string) []Finding {
	var out []Finding
	for i, name := range v.Names {
		var value ast.Expr
		if i < len(v.Values) {
			value = v.Values[i]
		}
		why := ""
		switch {
		case name.Name == "_" || hasDirective(v.Doc, "//go:embed"):
		case slices.Contains(changed, name.Name):
			why = "is changed"
		case constantCall(value):
		case synchronised(v.Type, value):
			why = "holds state"
		case name.IsExported():
			why = "can be changed by anybody"
		case value == nil:
			why = "has no value, so that something must set it"
		}
		if why != "" {
			out = append(out, m.at("variables", name.Pos(), "package variable %s.%s %s", p.Name, name.Name, why))
		}
	}
	return out
}

// constantCall reports whether a value is made by a function whose results do not
// change: errors and compiled expressions.
func constantCall(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch typeName(call.Fun) {
	case "errors.New", "fmt.Errorf", "fault.New", "fault.Missing", "regexp.MustCompile", "regexp2.MustCompile":
		return true
	}
	return false
}

// synchronised reports whether a variable is of a kind that exists to be changed.
func synchronised(typ, value ast.Expr) bool {
	if c, ok := value.(*ast.CompositeLit); ok && typ == nil {
		typ = c.Type
	}
	if u, ok := value.(*ast.UnaryExpr); ok && u.Op == token.AND {
		return true // a pointer to share
	}
	if call, ok := value.(*ast.CallExpr); ok {
		switch name := typeName(call.Fun); {
		case name == "make", name == "new", strings.HasPrefix(name, "sync."):
			return true
		}
	}
	if _, ok := typ.(*ast.ChanType); ok {
		return true
	}
	name := strings.TrimPrefix(typeName(typ), "*")
	return strings.HasPrefix(name, "sync.") || strings.HasPrefix(name, "atomic.")
}

// changedNames are the names that some function of the package assigns to, takes
// the address of, or deletes from. A local of the same name makes it too strict,
// which a better name cures.
func changedNames(p *Package) []string {
	var out []string
	note := func(e ast.Expr) {
		if name := root(e); name != "" {
			out = append(out, name)
		}
	}
	for _, f := range p.code() {
		local := map[string]bool{}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				local = localNames(n)
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					if n.Tok != token.DEFINE && !local[root(l)] {
						note(l)
					}
				}
			case *ast.IncDecStmt:
				if !local[root(n.X)] {
					note(n.X)
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND && !local[root(n.X)] {
					note(n.X)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && !local[root(n.Args[0])] {
					note(n.Args[0])
				}
			}
			return true
		})
	}
	return out
}

// localNames are the names that a function declares itself.
func localNames(fn *ast.FuncDecl) map[string]bool {
	out := map[string]bool{}
	fields := func(l *ast.FieldList) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for _, n := range f.Names {
				out[n.Name] = true
			}
		}
	}
	fields(fn.Recv)
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, l := range n.Lhs {
					out[root(l)] = true
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				out[root(n.Key)], out[root(n.Value)] = true, true
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				out[id.Name] = true
			}
		}
		return true
	})
	return out
}

// root is the variable that an expression reaches into: a.b[c] is a.
func root(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.ParenExpr:
		return root(e.X)
	case *ast.SliceExpr:
		return root(e.X)
	}
	return ""
}

func hasDirective(c *ast.CommentGroup, directive string) bool {
	return c != nil && slices.ContainsFunc(c.List, func(l *ast.Comment) bool { return strings.HasPrefix(l.Text, directive) })
}
