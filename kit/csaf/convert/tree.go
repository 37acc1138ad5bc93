package convert

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// Categories of branches that the rules name.
const (
	vendor       = csaf.BranchVendor
	family       = csaf.BranchFamily
	productName  = csaf.BranchProduct
	version      = csaf.BranchVersion
	versionRange = csaf.BranchVersionRange
)

// tree is the product tree while it is converted: knots that can be moved and know
// where they came from.
type tree struct {
	top      []*node
	products map[string]*node // leaves by product id
	ids      map[string]bool  // every product id of the document
}

// node is a branch.
type node struct {
	spot
	category, name string
	source         string
	kids           []*node // as they were; those that count have this node as up
	up             *node
	left           int     // how many kids count
	behind         []*node // put behind this one, or in its place when it is out
	out            bool
	product        *csaf21.FullProductName
}

// children are the nodes below n, nil for the top.
func (t *tree) children(n *node) []*node {
	list := t.top
	if n != nil {
		list = n.kids
	}
	var all []*node
	var add func(k *node)
	add = func(k *node) {
		if k.up == n && !k.out {
			all = append(all, k)
		}
		for _, b := range k.behind {
			add(b)
		}
	}
	for _, k := range list {
		add(k)
	}
	return all
}

// path is the way from the top to the node.
func (n *node) path() []*node {
	var out []*node
	for ; n != nil; n = n.up {
		out = append(out, n)
	}
	slices.Reverse(out)
	return out
}

// productTree converts the parts of the tree; finishTree puts the branches in when the
// vulnerabilities have added their products.
func (c *conv) productTree() {
	c.tree = &tree{products: map[string]*node{}, ids: map[string]bool{}}
	src := c.src.ProductTree
	if src == nil {
		return
	}
	out := &csaf21.ProductTree{ProductGroups: src.ProductGroups}
	c.out.ProductTree = out
	for i := range src.Branches {
		c.tree.top = append(c.tree.top, c.branch(&src.Branches[i], nil, at("/product_tree/branches/%", i)))
	}
	for i := range src.FullProductNames {
		p := at("/product_tree/full_product_names/%", i)
		out.FullProductNames = append(out.FullProductNames, c.product(&src.FullProductNames[i], p, &spot{p}))
	}
	for i := range src.Relationships {
		out.ProductPaths = append(out.ProductPaths, c.productPath(&src.Relationships[i], i))
	}
	if !c.KeepRanges {
		c.ranges()
	}
	if !c.KeepBranches {
		c.stacked()
		c.mixed()
	}
	if c.src.Document.Category == "csaf_security_advisory" && !c.NoFixed {
		c.fixedProducts()
	}
}

// productPath makes a product path of one step of a relationship (clause 18,
// $.product_tree.product_paths[*]).
func (c *conv) productPath(r *csaf.Relationship, i int) csaf21.ProductPath {
	return csaf21.ProductPath{
		Beginning: r.ProductReference,
		FullProductName: c.product(&r.FullProductName, at("/product_tree/relationships/%/full_product_name", i),
			place("/product_tree/product_paths/%/full_product_name", i)),
		Subpaths: []csaf21.Subpath{{Category: r.Category, Next: r.RelatesTo}},
	}
}

// branch converts a branch and what is below it; legacy becomes product_name (clause
// 18, branches_t, first rule).
func (c *conv) branch(b *csaf.Branch, up *node, source string) *node {
	n := &node{category: b.Category, name: b.Name, source: source, up: up}
	if b.Category == "legacy" {
		n.category = productName
		c.warn("branches_t", source+"/category", &n.spot, "legacy", productName, "the category does not exist in CSAF 2.1; another one may fit better")
	}
	for i := range b.Branches {
		n.kids = append(n.kids, c.branch(&b.Branches[i], n, source+at("/branches/%", i)))
	}
	n.left = len(n.kids)
	if b.Product != nil {
		p := c.product(b.Product, source+"/product", &n.spot)
		n.product = &p
		c.tree.products[p.ProductID] = n
	}
	return n
}

// leaves calls f for each branch with a product.
func (t *tree) leaves(f func(n *node)) {
	t.all(func(n *node) {
		if n.product != nil {
			f(n)
		}
	})
}

// all calls f for each branch that was there before the first call.
func (t *tree) all(f func(n *node)) {
	var list []*node
	var walk func(n *node)
	walk = func(n *node) {
		for _, k := range t.children(n) {
			list = append(list, k)
			walk(k)
		}
	}
	walk(nil)
	for _, n := range list {
		f(n)
	}
}

// lift puts a node's kids that are in the list behind it, or in its place.
func (t *tree) lift(n *node, kids []*node, instead bool) {
	for _, k := range kids {
		k.up = n.up
	}
	n.behind = append(kids, n.behind...)
	n.out = instead
	n.left -= len(kids)
	if n.up != nil {
		n.up.left += len(kids)
	}
}

// insert puts a node behind another.
func (t *tree) insert(after, n *node) {
	n.up = after.up
	after.behind = append(after.behind, n)
	if n.up != nil {
		n.up.left++
	}
}

// finishTree writes the branches and their pointers.
func (c *conv) finishTree() {
	if c.out.ProductTree == nil {
		return
	}
	var write func(up *node, pointer string) []csaf21.Branch
	write = func(up *node, pointer string) []csaf21.Branch {
		var out []csaf21.Branch
		for _, n := range c.tree.children(up) {
			n.pointer = pointer + at("/branches/%", len(out))
			b := csaf21.Branch{Category: n.category, Name: n.name, Product: n.product, Branches: write(n, n.pointer)}
			if b.Product == nil && b.Branches == nil {
				// A branch of 2.0 may have had a member that nobody knows in their place.
				n.pointer = ""
				c.warn("branches_t", n.source, gone(), n.name, "", "the branch has neither branches nor a product and was not converted")
				continue
			}
			out = append(out, b)
		}
		return out
	}
	t := c.out.ProductTree
	t.Branches = write(nil, "/product_tree")
	if len(t.Branches)+len(t.FullProductNames)+len(t.ProductGroups)+len(t.ProductPaths) == 0 {
		c.out.ProductTree = nil
	}
}

// plain makes names comparable: small letters without white space, dashes and underscores.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\u00a0-‐‑‒–—−_", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}
