package convert

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/vers"
)

// fixedProducts adds the version behind the last "<" of affected ranges as a fixed
// product (clause 18, $.document.category, csaf_security_advisory). The lists of the
// vulnerabilities are made later, see status.
func (c *conv) fixedProducts() {
	c.allIDs()
	c.versions = map[versionAt]*node{}
	c.tree.all(func(n *node) {
		if n.category == version {
			c.versions[versionAt{n.up, n.name}] = n
		}
	})
	vulnerable := map[string][]string{}
	for i := range c.src.Vulnerabilities {
		if s := c.src.Vulnerabilities[i].ProductStatus; s != nil {
			for id := range affectedIDs(s) {
				vulnerable[id] = append(vulnerable[id], at("/vulnerabilities/%", i))
			}
		}
	}
	c.tree.leaves(func(n *node) {
		if n.category != versionRange {
			return
		}
		r, _, ok := readRange(n.name)
		if !ok || len(r.Constraints) == 0 {
			return
		}
		last := r.Constraints[len(r.Constraints)-1]
		if last.Comparator != vers.Less {
			return
		}
		where := vulnerable[n.product.ProductID]
		if len(where) == 0 {
			return
		}
		f := c.fixedOf(n, last.Version)
		if f == nil {
			return
		}
		c.fixed[n.product.ProductID] = f.product.ProductID
		c.warn("document.category", n.source, &f.spot, n.name, f.product.Name, "the product %q was added to the product tree and as fixed to %s", f.product.ProductID, strings.Join(where, ", "))
	})
}

// versionAt is a version below a branch.
type versionAt struct {
	up   *node
	name string
}

// fixedOf is the branch of the version beside a range, a new one when there is none.
func (c *conv) fixedOf(n *node, v string) *node {
	if k := c.versions[versionAt{n.up, v}]; k != nil {
		if k.product == nil {
			return nil
		}
		return k
	}
	f := &node{category: version, name: v, source: n.source}
	name := strings.Replace(n.product.Name, n.name, v, 1)
	if name == n.product.Name {
		var words []string
		for _, k := range n.path()[:len(n.path())-1] {
			words = append(words, k.name)
		}
		name = strings.Join(append(words, v), " ")
	}
	id := n.product.ProductID + "-fixed"
	for i := 2; c.tree.ids[id]; i++ {
		id = n.product.ProductID + "-fixed-" + strconv.Itoa(i)
	}
	c.tree.ids[id] = true
	f.product = &csaf21.FullProductName{Name: name, ProductID: id}
	c.tree.products[id] = f
	c.tree.insert(n, f)
	c.versions[versionAt{n.up, v}] = f
	return f
}

// allIDs collects the product ids that are taken.
func (c *conv) allIDs() {
	for id := range c.tree.products {
		c.tree.ids[id] = true
	}
	for _, p := range c.src.ProductTree.FullProductNames {
		c.tree.ids[p.ProductID] = true
	}
	for _, r := range c.src.ProductTree.Relationships {
		c.tree.ids[r.FullProductName.ProductID] = true
	}
	for i := range c.src.Vulnerabilities {
		for _, list := range lists(c.src.Vulnerabilities[i].ProductStatus) {
			for _, id := range list {
				c.tree.ids[id] = true // also ids that nothing defines
			}
		}
	}
}

// lists are all lists of a status.
func lists(s *csaf.ProductStatus) [][]string {
	if s == nil {
		return nil
	}
	return [][]string{s.FirstAffected, s.FirstFixed, s.Fixed, s.KnownAffected, s.KnownNotAffected, s.LastAffected, s.Recommended, s.UnderInvestigation}
}

// affectedIDs is the set of the affected products.
func affectedIDs(s *csaf.ProductStatus) map[string]bool {
	out := map[string]bool{}
	for _, list := range [][]string{s.KnownAffected, s.FirstAffected, s.LastAffected} {
		for _, id := range list {
			out[id] = true
		}
	}
	return out
}

// status converts the lists and adds the fixed products, but not those that the
// vulnerability speaks of already. It is nil when the lists are all absent.
func (c *conv) status(s *csaf.ProductStatus) *csaf21.ProductStatus {
	all := lists(s)
	known := map[string]bool{}
	for _, list := range all {
		for _, id := range list {
			known[id] = true
		}
	}
	if len(known) == 0 {
		return nil
	}
	out := &csaf21.ProductStatus{
		FirstAffected: s.FirstAffected, FirstFixed: s.FirstFixed, Fixed: s.Fixed, KnownAffected: s.KnownAffected, KnownNotAffected: s.KnownNotAffected,
		LastAffected: s.LastAffected, Recommended: s.Recommended, UnderInvestigation: s.UnderInvestigation,
	}
	out.Fixed = slices.Clip(out.Fixed)
	for _, list := range [][]string{s.KnownAffected, s.FirstAffected, s.LastAffected} {
		for _, id := range list {
			if f := c.fixed[id]; f != "" && !known[f] {
				known[f] = true
				out.Fixed = append(out.Fixed, f)
			}
		}
	}
	return out
}
