package csaf

import "strconv"

// TreeProduct is one leaf for Tree: a version or a range of versions of a product.
type TreeProduct struct {
	Vendor  string // who makes it
	Product string // "Lanterna"
	Branch  string // a line of development ("stable-2.4"), "" for none
	Version string // "2.4.7", or a range in vers notation when Range is set
	Range   bool   // Version is a range ("vers:semver/>=2.4.0|<2.4.7")
	PURL    string // package URL of exactly this version; without version for a range
	CPE     string
}

// Builder makes a product tree vendor > product > branch > version and gives out
// the product ids. The zero value is ready. Equal products get the same id; ids are
// CSAFPID-0001 and so on in the order of Add.
type Builder struct {
	tree ProductTree
	ids  map[TreeProduct]string
}

// Add adds a leaf and returns its product id.
func (b *Builder) Add(p TreeProduct) string {
	if id, ok := b.ids[p]; ok {
		return id
	}
	if b.ids == nil {
		b.ids = map[TreeProduct]string{}
	}
	n := strconv.Itoa(len(b.ids) + 1)
	id := "CSAFPID-" + "0000"[:max(0, 4-len(n))] + n
	b.ids[p] = id

	at := knot(&b.tree.Branches, BranchVendor, p.Vendor)
	// A branch of development is a family within the product: its versions are
	// not comparable with those of the others.
	at = knot(&at.Branches, BranchProduct, p.Product)
	name := p.Product
	if p.Branch != "" {
		at = knot(&at.Branches, BranchFamily, p.Branch)
		name += " " + p.Branch
	}
	leaf := Branch{Category: BranchVersion, Name: p.Version, Product: &FullProductName{Name: name + " " + p.Version, ProductID: id}}
	if p.Range {
		leaf.Category = BranchVersionRange
	}
	if p.PURL != "" || p.CPE != "" {
		leaf.Product.Helper = &IdentificationHelper{PURL: p.PURL, CPE: p.CPE}
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

// Products calls f for every product of the tree with its pointer below
// /product_tree: leaves of branches, full product names and relationships.
func (t *ProductTree) Products(f func(pointer string, p *FullProductName)) {
	if t == nil {
		return
	}
	walk(t.Branches, "/product_tree/branches", f)
	for i := range t.FullProductNames {
		f(index("/product_tree/full_product_names", i), &t.FullProductNames[i])
	}
	for i := range t.Relationships {
		f(index("/product_tree/relationships", i)+"/full_product_name", &t.Relationships[i].FullProductName)
	}
}

func walk(list []Branch, pointer string, f func(string, *FullProductName)) {
	for i := range list {
		at := index(pointer, i)
		if list[i].Product != nil {
			f(at+"/product", list[i].Product)
		}
		walk(list[i].Branches, at+"/branches", f)
	}
}

func index(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }
