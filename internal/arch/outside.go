package arch

import (
	"bytes"
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
)

// clocks: domains and their stores take the time from the transaction.
func clocks(m *Module) []Finding {
	return m.selectors("clocks", "time", clockNames[:], "take the time from tx.Now()", func(p place) bool {
		return p.kind != domain && p.kind != domainDB
	})
}

var clockNames = [...]string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep"}

// outgoing: only egress makes HTTP requests; kit/client is the client of our own
// API for other programs.
func outgoing(m *Module) []Finding {
	return m.selectors("outgoing", "net/http", clientNames[:], "outgoing HTTP goes through platform/egress", func(p place) bool {
		return p.kind == platform && p.name == "egress" || p.kind == kit && p.name == "client" || p.kind == tests
	})
}

var clientNames = [...]string{"Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport", "Transport", "Client"}

// selectors finds uses of names of one imported package, except where free says so.
func (m *Module) selectors(rule, importPath string, names []string, why string, free func(place) bool) []Finding {
	var out []Finding
	for _, p := range m.Packages {
		if free(locate(path.Join(modulePath, p.Dir))) {
			continue
		}
		for _, f := range p.code() {
			local := f.localName(importPath)
			if local == "" {
				continue
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					if id, ok := n.X.(*ast.Ident); ok && id.Name == local && slices.Contains(names, n.Sel.Name) {
						out = append(out, m.at(rule, n.Pos(), "%s.%s: %s", local, n.Sel.Name, why))
					}
				case *ast.StarExpr:
					_, pointer := n.X.(*ast.SelectorExpr)
					return !pointer // a pointer to one that somebody else made
				}
				return true
			})
		}
	}
	return out
}

// workplace finds traces of the machine that somebody worked on. The patterns are
// written so that they do not find themselves.
var workplace = regexp.MustCompile(`(?:^|[^a-zA-Z0-9_.])/(?:wor[k]|far[m])/(?:main|wt|in|shared|steering)` +
	`|[.]librar[y]/|GOPROX[Y]=http|(?:registr[y]|prox[y]|mirro[r])[.](?:npmjs|golang|yarnpkg|internal)` +
	`|/tmp/bash_job[s]|/root/g[o]/`)

// hygiene: the repository names no machine's folders and no package registry.
func hygiene(m *Module) []Finding {
	var out []Finding
	for _, t := range m.Text {
		for i, line := range bytes.Split(t.Body, []byte("\n")) {
			if found := workplace.Find(line); found != nil {
				out = append(out, Finding{"hygiene", fmt.Sprintf("%s:%d", t.Path, i+1), fmt.Sprintf("names a workplace: %q", found)})
			}
		}
	}
	return out
}
