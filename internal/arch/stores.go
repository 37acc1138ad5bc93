package arch

import (
	"go/ast"
	"path"
	"strings"
)

// stores: every method of a domain's store takes ctx, tx, people.Scope in this
// order (design, law 3), in the interface that the domain declares and in the
// type that implements it.
func stores(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		switch locate(path.Join(modulePath, p.Dir)).kind {
		case domain, domainDB:
		default:
			continue
		}
		for _, f := range p.code() {
			for _, d := range f.AST.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() && isStore(receiver(d)) {
						out = append(out, m.storeMethod(p, d.Name, d.Type)...)
					}
				case *ast.GenDecl:
					out = append(out, m.storeInterfaces(p, d)...)
				}
			}
		}
	}
	return out
}

func (m *Module) storeInterfaces(p *Package, d *ast.GenDecl) []Finding {
	var out []Finding
	for _, s := range d.Specs {
		t, ok := s.(*ast.TypeSpec)
		if !ok || !isStore(t.Name.Name) {
			continue
		}
		i, ok := t.Type.(*ast.InterfaceType)
		if !ok {
			continue
		}
		for _, method := range i.Methods.List {
			if sig, ok := method.Type.(*ast.FuncType); ok && len(method.Names) == 1 {
				out = append(out, m.storeMethod(p, method.Names[0], sig)...)
			}
		}
	}
	return out
}

func isStore(name string) bool { return strings.HasSuffix(name, "Store") }

// storeMethod checks the first three parameters.
func (m *Module) storeMethod(p *Package, name *ast.Ident, sig *ast.FuncType) []Finding {
	var types []string
	for _, f := range sig.Params.List {
		for range max(1, len(f.Names)) {
			types = append(types, typeName(f.Type))
		}
	}
	ok := len(types) >= 3 && types[0] == "context.Context" &&
		(types[1] == "unit.Tx" || types[1] == "unit.View") &&
		(types[2] == "people.Scope" || types[2] == "Scope" && strings.HasPrefix(p.Dir, "internal/people"))
	if ok {
		return nil
	}
	return []Finding{m.at("stores", name.Pos(), "%s.%s must begin with ctx, tx, people.Scope", p.Dir, name.Name)}
}

// typeName renders the types that rules look for: X, pkg.X, *X.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return ""
}

// receiver is the name of a method's type, "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	return strings.TrimPrefix(typeName(d.Recv.List[0].Type), "*")
}

// contexts: ctx is the first parameter and never a field.
func contexts(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		for _, f := range p.code() {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncType:
					for i, param := range n.Params.List {
						if i > 0 && typeName(param.Type) == "context.Context" {
							out = append(out, m.at("contexts", param.Pos(), "ctx must be the first parameter"))
						}
					}
				case *ast.StructType:
					for _, field := range n.Fields.List {
						if typeName(field.Type) == "context.Context" {
							out = append(out, m.at("contexts", field.Pos(), "ctx must not be a field"))
						}
					}
				}
				return true
			})
		}
	}
	return out
}
