package rule

import "sort"

// mostSteps bounds what one Cover does: a hundred million members of groups take less
// than a second, and a document of 64 MiB could ask for a million times more.
const mostSteps = 100_000_000

// Cover tells which products the items of one vulnerability name, by their id or
// through a product group.
type Cover struct {
	env    *Env
	marks  *Marks
	groups [][]int32 // numbers of the members by group
	done   []uint32  // the round in which a group was taken
	round  uint32
	steps  int
}

// Cover returns a Cover that names no product.
func (e *Env) Cover() *Cover {
	e.refs()
	c := &Cover{env: e, marks: e.Marks(), groups: make([][]int32, len(e.groups)), done: make([]uint32, len(e.groups))}
	for i := range e.productRefs {
		if e.productRefs[i].Where != OfGroup {
			break
		}
		c.groups[e.productRefs[i].Item] = e.productRefs[i].Numbers
	}
	return c
}

// Of takes the products of the items of a vulnerability for which keep is true. It
// returns false when the groups are too large to be looked into: the Cover is then not
// complete.
func (c *Cover) Of(vulnerability int, keep func(r *Refs) bool) bool {
	c.Clear()
	products, groups := c.env.RefsOf(vulnerability)
	for r := range products {
		if products[r].Where != OfStatus && keep(&products[r]) {
			for _, n := range products[r].Numbers {
				c.marks.Set(n, 1)
			}
		}
	}
	for r := range groups {
		if !keep(&groups[r]) {
			continue
		}
		for _, id := range groups[r].IDs {
			members, ok := c.Group(id)
			if !ok {
				return false
			}
			for _, n := range members {
				c.marks.Set(n, 1)
			}
		}
	}
	return true
}

// Clear forgets all products and groups.
func (c *Cover) Clear() {
	c.round++
	c.marks.Clear()
}

// Group returns the numbers of the members of a group when it is asked for the first
// time since Clear, and nothing later. It returns false when the bound is reached.
func (c *Cover) Group(id string) ([]int32, bool) {
	c.env.Groups()
	g, ok := c.env.groupByID[id]
	if !ok || c.done[g] == c.round {
		return nil, true
	}
	c.done[g] = c.round
	c.steps += len(c.groups[g])
	return c.groups[g], c.steps <= mostSteps
}

// Has reports whether the product with that number is named.
func (c *Cover) Has(n int32) bool { return c.marks.Get(n) != 0 }

// mostReached bounds the members of groups that Reach gives for one document: a document
// of 64 MiB could name a group of a million products in a million items.
const mostReached = 20_000_000

// Reach calls f with the number and the id of every product that an item names, by its
// id or through a product group; a product may come twice. It returns false when the
// groups of the document are too large to be looked into: f has not seen all then.
func (e *Env) Reach(products, groups []string, f func(n int32, id string)) bool {
	for _, id := range products {
		if n := e.Number(id); n >= 0 {
			f(int32(n), id)
		}
	}
	for _, id := range groups {
		g, ok := e.Group(id)
		if !ok {
			continue
		}
		if e.reached += len(g.Members); e.reached > mostReached {
			return false
		}
		for i, n := range e.groupNumbers(id) {
			f(n, g.Members[i])
		}
	}
	return true
}

// groupNumbers are the numbers of the members of the first group with that id.
func (e *Env) groupNumbers(id string) []int32 {
	e.refs()
	if e.members == nil {
		e.members = make([][]int32, len(e.groups))
		for i := range e.productRefs {
			if e.productRefs[i].Where != OfGroup {
				break
			}
			e.members[e.productRefs[i].Item] = e.productRefs[i].Numbers
		}
	}
	return e.members[e.groupByID[id]]
}

// RefsOf returns the parts of ProductRefs and GroupRefs that belong to a vulnerability.
func (e *Env) RefsOf(vulnerability int) (products, groups []Refs) {
	e.refs()
	return part(e.productRefs, vulnerability), part(e.groupRefs, vulnerability)
}

// part finds the references of a vulnerability: they stand together, in order.
func part(all []Refs, vulnerability int) []Refs {
	from := sort.Search(len(all), func(i int) bool { return all[i].Vulnerability >= vulnerability })
	end := from
	for end < len(all) && all[end].Vulnerability == vulnerability {
		end++
	}
	return all[from:end:end]
}
