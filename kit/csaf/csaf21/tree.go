package csaf21

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Builder makes a product tree vendor > product > branch > version and gives out the
// product ids, as csaf.Builder does for 2.0. The zero value is ready. Equal products get
// the same id; ids are CSAFPID-0001 and so on in the order of Add.
type Builder struct {
	tree ProductTree
	ids  map[csaf.TreeProduct]string
}

// Add adds a leaf and returns its product id.
func (b *Builder) Add(p csaf.TreeProduct) string {
	if id, ok := b.ids[p]; ok {
		return id
	}
	if b.ids == nil {
		b.ids = map[csaf.TreeProduct]string{}
	}
	id := fmt.Sprintf("CSAFPID-%04d", len(b.ids)+1)
	b.ids[p] = id

	at := knot(&b.tree.Branches, csaf.BranchVendor, p.Vendor)
	at = knot(&at.Branches, csaf.BranchProduct, p.Product)
	name := p.Product
	// A branch of development is a family within the product: its versions are
	// not comparable with those of the others.
	if p.Branch != "" {
		at = knot(&at.Branches, csaf.BranchFamily, p.Branch)
		name += " " + p.Branch
	}
	leaf := Branch{Category: csaf.BranchVersion, Name: p.Version, Product: &FullProductName{Name: name + " " + p.Version, ProductID: id}}
	if p.Range {
		leaf.Category = csaf.BranchVersionRange
	}
	if p.PURL != "" || p.CPE != "" {
		leaf.Product.Helper = &IdentificationHelper{CPE: p.CPE}
		if p.PURL != "" {
			leaf.Product.Helper.PURLs = []string{p.PURL}
		}
	}
	at.Branches = append(at.Branches, leaf)
	return id
}

// knot returns the branch of that category and name, making it when it is new.
func knot(list *[]Branch, category, name string) *Branch {
	for i := range *list {
		if b := &(*list)[i]; b.Category == category && b.Name == name && b.Product == nil {
			return b
		}
	}
	*list = append(*list, Branch{Category: category, Name: name})
	return &(*list)[len(*list)-1]
}

// Tree returns the tree, nil when nothing was added: the standard has no empty one.
func (b *Builder) Tree() *ProductTree {
	if len(b.ids) == 0 {
		return nil
	}
	t := b.tree
	return &t
}
