package mandatory

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// corresponding is 6.1.27.13: where a product is fixed, another version of it is
// affected by the same vulnerability. What is in first_fixed alone does not count (case
// 6-1-27-13-15). Two products are versions of one when the
// branches to them have the same vendor, families and product names; product paths,
// when they have the same steps through versions of the same products. For something
// that is fixed by what it is installed with, the path up to there corresponds. Of a
// product in no branch the standard does not say what corresponds: any affected product
// does.
func corresponding(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.Document.Category != profileAdvisory {
		return
	}
	var lines *productLines
	all, next := env.ProductRefs(), 0
	for i := range doc.Vulnerabilities {
		s := doc.Vulnerabilities[i].ProductStatus
		if s == nil || len(s.Fixed) == 0 {
			continue
		}
		if lines == nil {
			lines = newLines(doc, env)
		}
		affected, any := map[string]bool{}, false
		from := next
		for ; next < len(all) && all[next].Vulnerability <= i; next++ {
			if r := &all[next]; r.Vulnerability == i && r.Status.Family() == rule.Affected {
				for _, id := range r.IDs {
					line := lines.of(id, 0)
					affected[line], any = true, true
				}
			}
		}
		for r := from; r < next; r++ {
			if list := &all[r]; list.Vulnerability == i && list.Status == rule.Fixed {
				for k, id := range list.IDs {
					if !any || !affected[""] && !lines.affected(id, affected) {
						report(list.At(k), "no version of the fixed product %q is affected by the vulnerability", id)
					}
				}
			}
		}
	}
}

// productLines names what products are versions of: the line of a product. Products
// whose line nobody can tell have the line "".
type productLines struct {
	env   *rule.Env
	paths map[string]*csaf21.ProductPath
	known map[string]string
}

// deepestPath bounds how far product paths that are made of product paths are followed.
const deepestPath = 8

func newLines(doc *csaf21.Advisory, env *rule.Env) *productLines {
	l := &productLines{env: env, paths: map[string]*csaf21.ProductPath{}, known: map[string]string{}}
	if doc.ProductTree != nil {
		for i := range doc.ProductTree.ProductPaths {
			p := &doc.ProductTree.ProductPaths[i]
			l.paths[p.FullProductName.ProductID] = p
		}
	}
	return l
}

// of returns the line of a product.
func (l *productLines) of(id string, depth int) string {
	if line, ok := l.known[id]; ok {
		return line
	}
	line := ""
	if p, ok := l.paths[id]; ok && depth < deepestPath {
		line = l.path(p, len(p.Subpaths), depth+1)
	} else if p, ok := l.env.Product(id); ok {
		line = branchLine(p.Branch())
	}
	l.known[id] = line
	return line
}

// path is the line of the first steps of a product path, "" when one of its products
// has none.
func (l *productLines) path(p *csaf21.ProductPath, steps, depth int) string {
	begin := l.of(p.Beginning, depth)
	if begin == "" || steps == 0 {
		return begin
	}
	var b strings.Builder
	b.WriteString("(" + begin + ")")
	for _, s := range p.Subpaths[:steps] {
		next := l.of(s.Next, depth)
		if next == "" || b.Len() > maxLine {
			return ""
		}
		b.WriteString("\x00" + s.Category + "(" + next + ")")
	}
	return b.String()
}

// maxLine bounds the length of a line: paths of paths could grow without end.
const maxLine = 64 << 10

// affected reports whether the line of a fixed product is among those that are
// affected, or a part of its path that ends before something it is installed with.
func (l *productLines) affected(id string, lines map[string]bool) bool {
	line := l.of(id, 0)
	if line == "" || lines[line] {
		return true
	}
	if p, ok := l.paths[id]; ok {
		for i, s := range p.Subpaths {
			if s.Category == "installed_with" && lines[l.path(p, i, 1)] {
				return true
			}
		}
	}
	return false
}

// branchLine is the vendor, the families and the product names above a product.
func branchLine(b *rule.Branch) string {
	line := ""
	for ; b != nil; b = b.Up() {
		switch b.Category {
		case csaf.BranchVendor, csaf.BranchFamily, csaf.BranchProduct:
			line = b.Category + "\x00" + b.Name + "\x00" + line
		}
	}
	return line
}
