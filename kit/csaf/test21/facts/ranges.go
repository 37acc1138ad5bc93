package facts

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/vers"
)

// The branch categories that the tests of ranges speak of.
const (
	ProductVersion = "product_version"
	VersionRange   = "product_version_range"
)

// Kind says how a branch names versions: the sets of 6.2.50.
type Kind uint8

// The kinds of siblings.
const (
	Other   Kind = iota // other branch category sibling set
	VERS                // PVRSS-vers
	VLS                 // PVRSS-vls
	Invalid             // PVRSS-invalid
	Version             // PVSS
)

// Sibling is one branch among its siblings.
type Sibling struct {
	*rule.Branch
	Kind  Kind
	Range vers.Range
	Leaf  bool // it has a product; otherwise it has branches
	first int  // its index in Env.Branches
	after int  // the index behind its last descendant
}

// UsesVERS reports whether the name of a range says that it is VERS (6.2.18):
// ^vers:[a-z\.\-\+][a-z0-9\.\-\+]*/.+
func UsesVERS(name string) bool {
	rest, ok := strings.CutPrefix(name, "vers:")
	kind, list, cut := strings.Cut(rest, "/")
	if !ok || !cut || kind == "" || list == "" || list[0] == '\n' {
		return false
	}
	for i := range len(kind) {
		c := kind[i]
		if (c < 'a' || c > 'z') && c != '.' && c != '-' && c != '+' && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// ReadRange reads the name of a range as VERS or as vls.
func ReadRange(name string) (vers.Range, Kind) {
	if strings.HasPrefix(name, "vers:") {
		if r, err := vers.Parse(name); err == nil {
			return r, VERS
		}
		return vers.Range{}, Invalid
	}
	if r, err := vers.ParseLike(name); err == nil {
		return r, VLS
	}
	return vers.Range{}, Invalid
}

// mostPairs bounds the pairs of siblings that are compared in one document, mostLooks
// those that are looked at: a hostile one could have millions under one branch.
const (
	mostPairs = 200_000
	mostLooks = 20 * mostPairs
)

// Overlaps calls f for each pair of a range and a sibling, range or version, that
// overlap (6.2.50): the range is the "currently tested" one. A pair of two ranges
// occurs in both orders. Branches that have both a product and branches, or neither,
// are left out, as are ranges that are neither VERS nor vls. keep says which pairs are
// worth comparing.
func Overlaps(env *rule.Env, keep func(tested, sibling *Sibling) bool, f func(tested, sibling *Sibling)) {
	c := comparison{keep: keep, f: f}
	branches := env.Branches()
	var seen []bool // by depth: the family has been compared, when its first range came
	for i := range branches {
		depth := branches[i].Depth
		seen = seen[:min(len(seen), depth+1)]
		if branches[i].Category != VersionRange {
			continue
		}
		for len(seen) <= depth {
			seen = append(seen, false)
		}
		if !seen[depth] {
			seen[depth] = true
			c.family(siblings(branches, i))
		}
	}
}

// comparison counts what Overlaps has done.
type comparison struct {
	keep         func(tested, sibling *Sibling) bool
	f            func(tested, sibling *Sibling)
	looks, pairs int
}

func (c *comparison) family(family []Sibling) {
	for a := range family {
		if k := family[a].Kind; k != VERS && k != VLS {
			continue
		}
		for b := range family {
			if c.looks++; c.looks > mostLooks || c.pairs > mostPairs {
				return
			}
			if a == b || family[b].Kind == Invalid || !c.keep(&family[a], &family[b]) {
				continue
			}
			if c.pairs++; overlap(&family[a], &family[b]) {
				c.f(&family[a], &family[b])
			}
		}
	}
}

func overlap(tested, sibling *Sibling) bool {
	if sibling.Kind != Version {
		return vers.Overlap(tested.Range, sibling.Range)
	}
	in, _ := tested.Range.Contains(sibling.Name)
	return in
}

// siblings returns the ranges and versions among the siblings of a branch, and itself.
func siblings(branches []rule.Branch, i int) []Sibling {
	depth, from := branches[i].Depth, i
	for from > 0 && branches[from-1].Depth >= depth {
		from--
	}
	var out []Sibling
	for j := from; j < len(branches) && branches[j].Depth >= depth; j++ {
		b := &branches[j]
		if b.Depth != depth || b.Category != VersionRange && b.Category != ProductVersion || (b.Product >= 0) == (len(b.At21.Branches) > 0) {
			continue
		}
		s := Sibling{Branch: b, Kind: Version, Leaf: b.Product >= 0, first: j, after: j + 1}
		if b.Category == VersionRange {
			s.Range, s.Kind = ReadRange(b.Name)
		}
		for s.after < len(branches) && branches[s.after].Depth > depth {
			s.after++
		}
		out = append(out, s)
	}
	return out
}

// Each calls f with the products of the branch and those below it.
func (s *Sibling) Each(env *rule.Env, f func(p *rule.Product)) {
	branches := env.Branches()
	for i := s.first; i < s.after; i++ {
		if n := branches[i].Product; n >= 0 {
			f(&env.Products()[n])
		}
	}
}

// Families sets for each product the families of the lists of product_status that have
// it, as bits: 1<<rule.Affected and so on.
func Families(env *rule.Env, marks *rule.Marks, s *csaf21.ProductStatus) {
	marks.Clear()
	set := func(f rule.Family, ids []string) {
		for _, id := range ids {
			if n := env.Number(id); n >= 0 {
				marks.Set(int32(n), marks.Get(int32(n))|1<<f)
			}
		}
	}
	set(rule.Affected, s.FirstAffected)
	set(rule.Affected, s.KnownAffected)
	set(rule.Affected, s.LastAffected)
	set(rule.NotAffected, s.KnownNotAffected)
	set(rule.FixedFamily, s.FirstFixed)
	set(rule.FixedFamily, s.Fixed)
	set(rule.Investigated, s.UnderInvestigation)
	set(rule.UnknownFamily, s.Unknown)
}

// OverlapsByStatus calls f once for each vulnerability and pair of products whose
// versions overlap: one of a range or below it, and a sibling with a product of a kind
// that want accepts. clash looks at the families of both.
func OverlapsByStatus(doc *csaf21.Advisory, env *rule.Env, want Kind, clash func(a, b uint32) bool, f func(vulnerability int, a, b *rule.Product)) {
	if !hasRange(env) {
		return
	}
	type pair struct{ a, b *rule.Product }
	var pairs []pair
	Overlaps(env, func(_, s *Sibling) bool { return s.Kind == want && s.Leaf }, func(tested, s *Sibling) {
		other := &env.Products()[s.Product]
		tested.Each(env, func(p *rule.Product) {
			if len(pairs) < mostPairs {
				pairs = append(pairs, pair{p, other})
			}
		})
	})
	if len(pairs) == 0 {
		return
	}
	marks := env.Marks()
	for i := range doc.Vulnerabilities {
		status := doc.Vulnerabilities[i].ProductStatus
		if status == nil {
			continue
		}
		Families(env, marks, status)
		reported := map[pair]bool{}
		for _, p := range pairs {
			if reported[pair{p.b, p.a}] || p.a.ID == p.b.ID || !clash(marks.Get(int32(env.Number(p.a.ID))), marks.Get(int32(env.Number(p.b.ID)))) {
				continue
			}
			reported[p] = true
			f(i, p.a, p.b)
		}
	}
}

func hasRange(env *rule.Env) bool {
	for i := range env.Branches() {
		if env.Branches()[i].Category == VersionRange {
			return true
		}
	}
	return false
}
