package arch

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	createTable = regexp.MustCompile(`(?i)\bcreate\s+(?:virtual\s+)?table\s+(?:if\s+not\s+exists\s+)?"?(\w+)`)
	usedTable   = regexp.MustCompile(`(?i)\b(?:from|join|into|update|table|exists|references)\s+"?(\w+)`)
	word        = regexp.MustCompile(`\w+`)
	sqlComment  = regexp.MustCompile(`--[^\n]*`)
)

// owners maps each table that a migration creates to the package that owns it.
func owners(m *Module) map[string]place {
	out := map[string]place{}
	for _, t := range m.Text {
		if !strings.HasSuffix(t.Path, ".sql") {
			continue
		}
		owner := locate(path.Join(modulePath, strings.TrimSuffix(path.Dir(t.Path), "/migrations")))
		for _, g := range createTable.FindAllStringSubmatch(string(t.Body), -1) {
			out[strings.ToLower(g[1])] = owner
		}
	}
	return out
}

// tableOwner says whose table a name is: by the migration that creates it, else
// by its prefix.
func tableOwner(name string, known map[string]place) (place, bool) {
	name = strings.ToLower(name)
	if p, ok := known[name]; ok {
		return p, true
	}
	prefix, _, more := strings.Cut(name, "_")
	if rank := slices.Index(spine[:], prefix); more && rank >= 0 {
		return place{kind: domainDB, name: prefix, rank: rank}, true
	}
	return place{}, false
}

// tables: a db package speaks only of its own tables, and names them after its
// domain. Other domains' rows are reached through their Go API.
func tables(m *Module) []Finding {
	known := owners(m)
	var out []Finding
	for _, p := range m.Packages {
		self := locate(path.Join(modulePath, p.Dir))
		if self.kind != domainDB {
			continue
		}
		for _, f := range p.code() {
			eachString(f, func(s string, pos token.Pos) {
				for _, name := range foreignTables(s, self, known) {
					out = append(out, m.at("tables", pos, "%s names %s, a table of somebody else", p.Dir, name))
				}
			})
		}
	}
	for _, t := range m.Text {
		self := locate(path.Join(modulePath, strings.TrimSuffix(path.Dir(t.Path), "/migrations")))
		if !strings.HasSuffix(t.Path, ".sql") || self.kind != domainDB {
			continue
		}
		for _, name := range foreignTables(sqlComment.ReplaceAllString(string(t.Body), ""), self, known) {
			out = append(out, Finding{"tables", t.Path, "names " + name + ", a table of somebody else"})
		}
		for _, g := range createTable.FindAllStringSubmatch(string(t.Body), -1) {
			if !strings.HasPrefix(strings.ToLower(g[1]), self.name+"_") {
				out = append(out, Finding{"tables", t.Path, "creates " + g[1] + ", which must begin with " + self.name + "_"})
			}
		}
	}
	return out
}

// foreignTables finds the tables in s that are not self's: a known table's name
// anywhere, a name with a domain's prefix where SQL has a table.
func foreignTables(s string, self place, known map[string]place) []string {
	var out []string
	note := func(name string, owner place) {
		if (owner.kind != self.kind || owner.name != self.name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, w := range word.FindAllString(s, -1) {
		if owner, ok := known[strings.ToLower(w)]; ok {
			note(w, owner)
		}
	}
	for _, g := range usedTable.FindAllStringSubmatch(s, -1) {
		if owner, ok := tableOwner(g[1], known); ok {
			note(g[1], owner)
		}
	}
	return out
}

// eachString calls do for every string constant of f that is no import path.
func eachString(f *File, do func(string, token.Pos)) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				if s, err := strconv.Unquote(n.Value); err == nil {
					do(s, n.Pos())
				}
			}
		}
		return true
	})
}
