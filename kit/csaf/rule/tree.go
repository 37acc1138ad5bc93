package rule

import (
	"strconv"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// Origin says where in the product tree a product stands.
type Origin uint8

// The places of full product names.
const (
	InNothing      Origin = iota
	InBranch              // product_tree/branches/.../product
	InList                // product_tree/full_product_names
	InRelationship        // product_tree/relationships/*/full_product_name, 2.0
	InPath                // product_tree/product_paths/*/full_product_name, 2.1
)

// Product is one full product name, wherever it stands in the tree.
type Product struct {
	ID     string
	Name   string
	Origin Origin
	Index  int // in its list; of InBranch: the index of its branch in Env.Branches

	Full20 *csaf.FullProductName   // of a 2.0 document
	Full21 *csaf21.FullProductName // of a 2.1 document

	env *Env
}

// Pointer is the JSON pointer of the full product name.
func (p *Product) Pointer() string {
	switch p.Origin {
	case InBranch:
		return p.env.branches[p.Index].Pointer() + "/product"
	case InList:
		return At("/product_tree/full_product_names/%", p.Index)
	case InRelationship:
		return At("/product_tree/relationships/%/full_product_name", p.Index)
	case InPath:
		return At("/product_tree/product_paths/%/full_product_name", p.Index)
	}
	return ""
}

// Branch returns the branch that holds the product, nil when it is in no branch.
func (p *Product) Branch() *Branch {
	if p.Origin != InBranch {
		return nil
	}
	return &p.env.branches[p.Index]
}

// Branch is one knot of the tree.
type Branch struct {
	Category string
	Name     string
	Depth    int // 1 for the branches of product_tree itself
	Product  int // index in Env.Products, -1 without

	At20 *csaf.Branch   // of a 2.0 document
	At21 *csaf21.Branch // of a 2.1 document

	parent int32 // index in Env.Branches, -1 at the top
	index  int32 // in its list
	env    *Env
}

// Up returns the branch above, nil at the top.
func (b *Branch) Up() *Branch {
	if b.parent < 0 {
		return nil
	}
	return &b.env.branches[b.parent]
}

// Pointer is the JSON pointer of the branch.
func (b *Branch) Pointer() string {
	// A path may have as many steps as the reader's depth: from the leaf upwards.
	steps := make([]int32, 0, b.Depth)
	size := len("/product_tree")
	for at := b; at != nil; at = at.Up() {
		steps = append(steps, at.index)
		size += len("/branches/") + 3
	}
	out := make([]byte, 0, size)
	out = append(out, "/product_tree"...)
	for i := len(steps) - 1; i >= 0; i-- {
		out = append(out, "/branches/"...)
		out = strconv.AppendInt(out, int64(steps[i]), 10)
	}
	return string(out)
}

// Products returns every full product name: those of branches in the order of the
// document, then full_product_names, then relationships or product paths.
func (e *Env) Products() []Product {
	e.tree()
	return e.products
}

// Branches returns every branch, each before those below it.
func (e *Env) Branches() []Branch {
	e.tree()
	return e.branches
}

// Product returns the first product with that id.
func (e *Env) Product(id string) (*Product, bool) {
	e.tree()
	if i, ok := e.byID[id]; ok {
		return &e.products[i], true
	}
	return nil, false
}

// Defined reports whether the tree has a product with that id.
func (e *Env) Defined(id string) bool {
	e.tree()
	_, ok := e.byID[id]
	return ok
}

// tree makes the indexes of branches and products.
func (e *Env) tree() {
	if e.treeDone {
		return
	}
	e.treeDone = true
	switch {
	case e.doc20 != nil && e.doc20.ProductTree != nil:
		t := e.doc20.ProductTree
		branches, leaves := count20(t.Branches)
		e.grow(branches, leaves+len(t.FullProductNames)+len(t.Relationships))
		e.walk20(t.Branches, -1, 1)
		for i := range t.FullProductNames {
			e.add20(&t.FullProductNames[i], InList, i)
		}
		for i := range t.Relationships {
			e.add20(&t.Relationships[i].FullProductName, InRelationship, i)
		}
	case e.doc21 != nil && e.doc21.ProductTree != nil:
		t := e.doc21.ProductTree
		branches, leaves := count21(t.Branches)
		e.grow(branches, leaves+len(t.FullProductNames)+len(t.ProductPaths))
		e.walk21(t.Branches, -1, 1)
		for i := range t.FullProductNames {
			e.add21(&t.FullProductNames[i], InList, i)
		}
		for i := range t.ProductPaths {
			e.add21(&t.ProductPaths[i].FullProductName, InPath, i)
		}
	}
	e.byID = make(map[string]int32, len(e.products))
	for i := range e.products {
		if _, ok := e.byID[e.products[i].ID]; !ok {
			e.byID[e.products[i].ID] = int32(i)
		}
	}
}

// grow makes room, since the entries are large.
func (e *Env) grow(branches, products int) {
	e.branches, e.products = make([]Branch, 0, branches), make([]Product, 0, products)
}

func count20(list []csaf.Branch) (branches, leaves int) {
	for i := range list {
		b, l := count20(list[i].Branches)
		if branches, leaves = branches+1+b, leaves+l; list[i].Product != nil {
			leaves++
		}
	}
	return branches, leaves
}

func count21(list []csaf21.Branch) (branches, leaves int) {
	for i := range list {
		b, l := count21(list[i].Branches)
		if branches, leaves = branches+1+b, leaves+l; list[i].Product != nil {
			leaves++
		}
	}
	return branches, leaves
}

func (e *Env) walk20(list []csaf.Branch, parent, depth int) {
	for i := range list {
		b := &list[i]
		at := len(e.branches)
		e.branches = append(e.branches, Branch{Category: b.Category, Name: b.Name, Depth: depth, Product: -1, At20: b, parent: int32(parent), index: int32(i), env: e})
		if b.Product != nil {
			e.branches[at].Product = len(e.products)
			e.add20(b.Product, InBranch, at)
		}
		e.walk20(b.Branches, at, depth+1)
	}
}

func (e *Env) walk21(list []csaf21.Branch, parent, depth int) {
	for i := range list {
		b := &list[i]
		at := len(e.branches)
		e.branches = append(e.branches, Branch{Category: b.Category, Name: b.Name, Depth: depth, Product: -1, At21: b, parent: int32(parent), index: int32(i), env: e})
		if b.Product != nil {
			e.branches[at].Product = len(e.products)
			e.add21(b.Product, InBranch, at)
		}
		e.walk21(b.Branches, at, depth+1)
	}
}

func (e *Env) add20(p *csaf.FullProductName, o Origin, index int) {
	e.products = append(e.products, Product{ID: p.ProductID, Name: p.Name, Origin: o, Index: index, Full20: p, env: e})
}

func (e *Env) add21(p *csaf21.FullProductName, o Origin, index int) {
	e.products = append(e.products, Product{ID: p.ProductID, Name: p.Name, Origin: o, Index: index, Full21: p, env: e})
}
