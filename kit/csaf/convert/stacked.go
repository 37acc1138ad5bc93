package convert

import (
	"slices"
	"strings"
)

// stacked repairs paths on which a category occurs more than once (clause 18,
// branches_t, second rule; test 6.1.57 of CSAF 2.1).
func (c *conv) stacked() {
	done := map[string]bool{}
	c.tree.leaves(func(leaf *node) {
		before, was := twice(leaf), describe(leaf)
		if before == "" {
			return
		}
		c.dropVendors(leaf)
		for range 64 { // each round turns one version into a name; trees are less deep
			first := firstOf(leaf, version)
			if !strings.Contains(twice(leaf), version) || first == nil || first.up == nil || first.up.category != productName {
				break
			}
			c.promote(leaf, first)
		}
		key := before + was
		if done[key] {
			return // the same branches with another leaf
		}
		done[key] = true
		if rest := twice(leaf); rest != "" {
			c.fail("branches_t", leaf.source, &leaf.spot, was, "", "an invalid product tree with stacked branch categories (%s) could not be resolved", rest)
			return
		}
		c.warn("branches_t", leaf.source, &leaf.spot, was, describe(leaf), "an invalid product tree with stacked branch categories (%s) was resolved", before)
	})
}

// mixed repairs paths with both a version and a range (clause 18, branches_t, third
// rule; test 6.1.58 of CSAF 2.1).
func (c *conv) mixed() {
	c.tree.leaves(func(leaf *node) {
		v, r := firstOf(leaf, version), firstOf(leaf, versionRange)
		if v == nil || r == nil {
			return
		}
		was := describe(leaf)
		above := len(v.path()) < len(r.path())
		if above && v.up != nil && (v.up.category == productName || v.up.category == family) {
			c.promote(leaf, v)
		}
		if firstOf(leaf, version) == nil && twice(leaf) == "" {
			c.warn("branches_t", leaf.source, &leaf.spot, was, describe(leaf), "an invalid product tree with product_version and product_version_range in one path was resolved")
			return
		}
		c.fail("branches_t", leaf.source, &leaf.spot, was, "", "an invalid product tree with product_version and product_version_range in one path could not be resolved")
	})
}

// promote makes the version above the leaf a product name, and a product name above
// that a family, whose name goes in front. What else is below that product name stays
// where it is: only the branches of this version move to the family.
func (c *conv) promote(leaf, v *node) {
	up := v.up
	if up.category == productName {
		f := up
		if up.left > 1 {
			f = &node{category: family, name: up.name, source: up.source, kids: []*node{v}, left: 1}
			c.tree.insert(up, f)
			up.left--
			v.up = f
		}
		f.category = family
	}
	v.category, v.name = productName, v.up.name+" "+v.name
}

// dropVendors takes vendors out that name nobody, as long as another vendor is on the
// path. Branches below such a vendor that have no other one keep it.
func (c *conv) dropVendors(leaf *node) {
	for _, n := range leaf.path() {
		if n.category != vendor || n.product != nil || !nobody(n.name) || count(leaf, vendor) < 2 {
			continue
		}
		kids := c.tree.children(n)
		if above(n, vendor) {
			c.tree.lift(n, kids, true)
			continue
		}
		var out []*node
		for _, k := range kids {
			if c.contains(k, vendor) {
				out = append(out, k)
			}
		}
		c.tree.lift(n, out, len(out) == len(kids))
	}
}

// nobody reports the vendor names that the clause lists.
func nobody(name string) bool {
	switch plain(name) {
	case "opensource", "noassertion", "undefined", "unknown":
		return true
	}
	return false
}

func above(n *node, category string) bool {
	for n = n.up; n != nil; n = n.up {
		if n.category == category {
			return true
		}
	}
	return false
}

func (c *conv) contains(n *node, category string) bool {
	if n.category == category {
		return true
	}
	for _, k := range c.tree.children(n) {
		if c.contains(k, category) {
			return true
		}
	}
	return false
}

func count(leaf *node, category string) int {
	n := 0
	for ; leaf != nil; leaf = leaf.up {
		if leaf.category == category {
			n++
		}
	}
	return n
}

// firstOf is the highest branch of the category on the path to the leaf.
func firstOf(leaf *node, category string) *node {
	var found *node
	for ; leaf != nil; leaf = leaf.up {
		if leaf.category == category {
			found = leaf
		}
	}
	return found
}

// twice lists the categories that occur more than once on the path; families may.
func twice(leaf *node) string {
	var out []string
	for _, n := range leaf.path() {
		if n.category != family && count(leaf, n.category) > 1 && !slices.Contains(out, n.category) {
			out = append(out, n.category)
		}
	}
	return strings.Join(out, ", ")
}

// describe writes the path: "vendor A > product_name B".
func describe(leaf *node) string {
	var out []string
	for _, n := range leaf.path() {
		out = append(out, n.category+" "+n.name)
	}
	return strings.Join(out, " > ")
}
