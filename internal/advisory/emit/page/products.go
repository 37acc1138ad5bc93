package page

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// products lists what the document says of each product; state has a mark beside
// its word, never colour alone.
func products(tree *csaf.ProductTree, v csaf.Vulnerability) []ProductRow {
	if v.ProductStatus == nil {
		return nil
	}
	names, why := map[string]string{}, map[string]string{}
	tree.Products(func(_ string, p *csaf.FullProductName) { names[p.ProductID] = readable(p.Name) })
	for _, f := range v.Flags {
		for _, id := range f.ProductIDs {
			why[id] = f.Label
		}
	}
	var out []ProductRow
	seen := map[string]bool{}
	list := func(status, mark string, ids []string) {
		for _, id := range ids {
			if !seen[status+id] {
				seen[status+id] = true
				out = append(out, ProductRow{names[id], status, mark, why[id]})
			}
		}
	}
	s := v.ProductStatus
	list("affected", "✗", s.KnownAffected)
	list("affected", "✗", s.FirstAffected)
	list("affected", "✗", s.LastAffected)
	list("fixed", "✓", s.Fixed)
	list("fixed", "✓", s.FirstFixed)
	list("not_affected", "–", s.KnownNotAffected)
	list("investigating", "?", s.UnderInvestigation)
	return out
}

// readable turns the vers notation of a leaf's name back into what people write.
func readable(name string) string {
	i := strings.Index(name, "vers:")
	if i < 0 {
		return name
	}
	_, list, ok := strings.Cut(name[i:], "/")
	if !ok {
		return name
	}
	if list == "*" {
		return strings.TrimSpace(name[:i])
	}
	return name[:i] + strings.NewReplacer("|", ", ", ">=", ">= ", "<=", "<= ", "<", "< ", ">", "> ", "%3A", ":", "%2B", "+", "%25", "%").Replace(list)
}
