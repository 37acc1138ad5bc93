package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// modulePath is the module whose packages the rules are about.
const modulePath = "github.com/tocsin-sec/tocsin"

// Module is the parsed source.
type Module struct {
	Fset     *token.FileSet
	Packages []*Package
	Text     []Text // every text file, Go or not
}

// Text is one file as it stands.
type Text struct {
	Path string
	Body []byte
}

// Package is one folder of Go files. Dir is relative to the module's root.
type Package struct {
	Dir   string
	Name  string
	Files []*File
}

// File is one Go file.
type File struct {
	Path      string
	AST       *ast.File
	Test      bool // _test.go or below a folder for tests
	Generated bool
	Body      []byte
}

// Finding is one place where a rule does not hold.
type Finding struct {
	Rule, Where, What string
}

// String is "path:line: what (rule)".
func (f Finding) String() string { return fmt.Sprintf("%s: %s (%s)", f.Where, f.What, f.Rule) }

// Rule is one thing that must hold for the whole module.
type Rule struct {
	Name  string
	Check func(*Module) []Finding
}

// Load parses every Go file below root, build tags or not, and keeps the text of
// all others that are text. Folders named testdata and hidden ones but .ci are
// left out.
func Load(root fs.FS) (*Module, error) {
	m := &Module{Fset: token.NewFileSet()}
	byDir := map[string]*Package{}
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && d.Name() != "." && d.Name() != ".ci"
			if hidden || d.Name() == "testdata" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if d.Name() == ".git" {
			return nil // the pointer of a worktree
		}
		return m.add(root, p, byDir)
	})
	for _, p := range byDir {
		m.Packages = append(m.Packages, p)
	}
	slices.SortFunc(m.Packages, func(a, b *Package) int { return strings.Compare(a.Dir, b.Dir) })
	return m, err
}

func (m *Module) add(root fs.FS, p string, byDir map[string]*Package) error {
	body, err := fs.ReadFile(root, p)
	if err != nil {
		return err
	}
	if bytes.IndexByte(body, 0) >= 0 {
		return nil // a picture or a program
	}
	m.Text = append(m.Text, Text{p, body})
	if !strings.HasSuffix(p, ".go") {
		return nil
	}
	f, err := parser.ParseFile(m.Fset, p, body, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse %s: %w", p, err)
	}
	dir := path.Dir(p)
	pkg := byDir[dir]
	if pkg == nil {
		pkg = &Package{Dir: dir}
		byDir[dir] = pkg
	}
	file := &File{Path: p, AST: f, Body: body, Generated: ast.IsGenerated(f), Test: strings.HasSuffix(p, "_test.go") || isTestDir(dir)}
	if name := f.Name.Name; !strings.HasSuffix(p, "_test.go") {
		pkg.Name = name
	}
	pkg.Files = append(pkg.Files, file)
	return nil
}

// isTestDir reports whether a folder's packages exist only for tests.
func isTestDir(dir string) bool {
	return dir == "test" || strings.HasPrefix(dir, "test/") || strings.HasSuffix(path.Base(dir), "test")
}

// code yields the files that are shipped.
func (p *Package) code() []*File {
	return slices.DeleteFunc(slices.Clone(p.Files), func(f *File) bool { return f.Test })
}

// imports returns the paths that f imports.
func (f *File) imports() map[string]token.Pos {
	out := map[string]token.Pos{}
	for _, i := range f.AST.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out[p] = i.Pos()
	}
	return out
}

// localName returns the name that f uses for an import, "" when it has none.
func (f *File) localName(importPath string) string {
	for _, i := range f.AST.Imports {
		if p, _ := strconv.Unquote(i.Path.Value); p == importPath {
			if i.Name != nil {
				return i.Name.Name
			}
			return path.Base(p)
		}
	}
	return ""
}

// at makes a finding for a position.
func (m *Module) at(rule string, pos token.Pos, format string, args ...any) Finding {
	p := m.Fset.Position(pos)
	return Finding{rule, fmt.Sprintf("%s:%d", p.Filename, p.Line), fmt.Sprintf(format, args...)}
}

// lines is the length of a node.
func (m *Module) lines(n ast.Node) int {
	return m.Fset.Position(n.End()).Line - m.Fset.Position(n.Pos()).Line + 1
}
