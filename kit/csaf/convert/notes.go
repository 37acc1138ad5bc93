package convert

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// special are the titles that CSAF 2.1 gives a meaning, by category: of the document
// (3.2.2.8) and of vulnerabilities (3.2.4.11).
var special = [...]struct {
	document        bool
	category, title string
}{
	{true, "description", "Product Description"},
	{true, "general", "General Security Recommendations"},
	{true, "legal_disclaimer", "License"},
	{true, "summary", "Summary"},
	{false, "description", "CVE Description"},
	{false, "description", "Preconditions"},
	{false, "summary", "Vulnerability Summary"},
}

// specialNotes binds notes whose special title is extended by the name of a product, a
// version or a family to these products (clause 18, $.document.notes and
// $.vulnerabilities[*].notes).
func (c *conv) specialNotes() {
	var names map[string][]string
	bind := func(n *csaf21.Note, document bool, rule, source string) {
		extension := extended(n, document)
		if extension == "" {
			return
		}
		if names == nil {
			names = c.names()
		}
		ids := names[plain(extension)]
		if len(ids) == 0 {
			c.warn(rule, source, nil, n.Title, "", "a potential product specific note has been discovered and no products could be assigned to it")
			return
		}
		n.ProductIDs = unique(ids)
		c.warn(rule, source, nil, n.Title, strings.Join(n.ProductIDs, ", "), "a potential product specific note has been discovered and products have been assigned to it")
	}
	for i := range c.out.Document.Notes {
		bind(&c.out.Document.Notes[i], true, "document.notes", at("/document/notes/%", i))
	}
	for i := range c.out.Vulnerabilities {
		for j := range c.out.Vulnerabilities[i].Notes {
			bind(&c.out.Vulnerabilities[i].Notes[j], false, "vulnerabilities[*].notes", at("/vulnerabilities/%/notes/%", i, j))
		}
	}
}

// extended is what follows the special title, without what separates it.
func extended(n *csaf21.Note, document bool) string {
	for _, s := range special {
		if s.document != document || s.category != n.Category || !strings.HasPrefix(n.Title, s.title) {
			continue
		}
		rest := strings.TrimFunc(n.Title[len(s.title):], func(r rune) bool { return separates(r) || strings.ContainsRune("()[]{}", r) })
		for _, word := range []string{"for the ", "of the ", "for ", "of "} {
			rest = strings.TrimPrefix(rest, word)
		}
		return rest
	}
	return ""
}

// names maps what products are called to their ids: full names, and the names of
// branches to all products below them, alone and behind the branch above.
func (c *conv) names() map[string][]string {
	out := map[string][]string{}
	add := func(name, id string) { out[plain(name)] = append(out[plain(name)], id) }
	c.tree.leaves(func(leaf *node) {
		add(leaf.product.Name, leaf.product.ProductID)
		for n := leaf; n != nil; n = n.up {
			if n.category == productName || n.category == family || n.category == version {
				add(n.name, leaf.product.ProductID)
				if n.up != nil {
					add(n.up.name+n.name, leaf.product.ProductID)
				}
			}
		}
	})
	if t := c.out.ProductTree; t != nil {
		for _, p := range t.FullProductNames {
			add(p.Name, p.ProductID)
		}
		for _, p := range t.ProductPaths {
			add(p.FullProductName.Name, p.FullProductName.ProductID)
		}
	}
	return out
}
