package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// vague are package names that say nothing about what is in them.
var vague = [...]string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "misc", "shared", "lib", "tools"}

// packageNames: a package is called after what it has.
func packageNames(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		if code := p.code(); len(code) > 0 && slices.Contains(vague[:], p.Name) {
			out = append(out, m.at("package names", code[0].AST.Name.Pos(), "%q says nothing", p.Name))
		}
	}
	return out
}

// packageComments: every package says what is in it.
func packageComments(m *Module) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		code := p.code()
		if len(code) == 0 {
			continue
		}
		if !slices.ContainsFunc(code, func(f *File) bool { return f.AST.Doc != nil && !f.Generated }) {
			out = append(out, m.at("package comments", code[0].AST.Name.Pos(), "package %s has no comment", p.Name))
		}
	}
	return out
}

// docs: every exported name has a full sentence. A constant or variable may share
// that of its group or have a line comment.
func docs(m *Module) []Finding {
	var out []Finding
	missing := func(name *ast.Ident, doc ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		for _, d := range doc {
			if d != nil && strings.TrimSpace(d.Text()) != "" {
				return
			}
		}
		out = append(out, m.at("docs", name.Pos(), "exported %s has no comment", name.Name))
	}
	for _, p := range m.Packages {
		exported := exportedTypes(p)
		for _, f := range p.code() {
			if f.Generated || p.Name == "main" {
				continue
			}
			for _, d := range f.AST.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if r := receiver(d); r == "" || exported[r] {
						missing(d.Name, d.Doc)
					}
				case *ast.GenDecl:
					for _, s := range d.Specs {
						switch s := s.(type) {
						case *ast.TypeSpec:
							missing(s.Name, s.Doc, s.Comment, d.Doc)
						case *ast.ValueSpec:
							if d.Tok == token.CONST || d.Tok == token.VAR {
								missing(s.Names[0], s.Doc, s.Comment, d.Doc)
							}
						}
					}
				}
			}
		}
	}
	return out
}

func exportedTypes(p *Package) map[string]bool {
	out := map[string]bool{}
	for _, f := range p.code() {
		for _, d := range f.AST.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					if n := s.(*ast.TypeSpec).Name; n.IsExported() {
						out[n.Name] = true
					}
				}
			}
		}
	}
	return out
}
