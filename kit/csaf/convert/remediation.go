package convert

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

const remediationRule = "vulnerabilities[*].remediations[*]"

// fix is a remediation while it is converted.
type fix struct {
	spot
	source           string
	category         string
	products, groups []string
	future           bool // of a vendor fix: its date is in the future, or it has none
	from             csaf21.Remediation
	was              bool // it had products or groups
}

// empty reports that the last product was taken out.
func (f *fix) empty() bool { return f.was && len(f.products)+len(f.groups) == 0 }

func (c *conv) indexGroups() {
	c.groups = map[string][]string{}
	if c.src.ProductTree == nil {
		return
	}
	for _, g := range c.src.ProductTree.ProductGroups {
		if _, twice := c.groups[g.GroupID]; !twice {
			c.groups[g.GroupID] = g.ProductIDs
		}
	}
}

// members lists the products of a remediation. ok is false when the document names more
// through groups than anybody has.
func (c *conv) members(f *fix) (ids []string, ok bool) {
	ids = slices.Clone(f.products)
	for _, g := range f.groups {
		ids = append(ids, c.groups[g]...)
	}
	c.budget -= len(ids)
	return unique(ids), c.budget >= 0
}

// remediations converts the list (clause 18, $.vulnerabilities[*].remediations[*]).
func (c *conv) remediations(v *csaf.Vulnerability, from string, k int) []csaf21.Remediation {
	var list []*fix
	for i, r := range v.Remediations {
		f := &fix{source: from + at("/remediations/%", i), category: r.Category, products: r.ProductIDs, groups: r.GroupIDs, from: csaf21.Remediation(r)}
		f.from.Date = c.date(f.source+"/date", r.Date)
		date, err := f.from.Date.Time()
		f.future = r.Date == "" || err == nil && date.After(c.Now)
		f.was = len(r.ProductIDs)+len(r.GroupIDs) > 0
		list = append(list, f)
	}
	families := familiesOf(v.ProductStatus)
	list = c.optionalPatches(list, families)
	list = c.plannedFixes(list)
	c.contradictions(list, families)
	var out []csaf21.Remediation
	for _, f := range list {
		f.pointer = at("/vulnerabilities/%/remediations/%", k, len(out))
		r := f.from
		r.Category, r.ProductIDs, r.GroupIDs = f.category, f.products, f.groups
		out = append(out, r)
	}
	return out
}

// familiesOf tells the group of lists that each product is in, as a set of bits.
func familiesOf(s *csaf.ProductStatus) map[string]uint {
	out := map[string]uint{}
	if s == nil {
		return out
	}
	for family, all := range map[rule.Family][][]string{
		rule.Affected:     {s.FirstAffected, s.KnownAffected, s.LastAffected},
		rule.NotAffected:  {s.KnownNotAffected},
		rule.FixedFamily:  {s.FirstFixed, s.Fixed},
		rule.Investigated: {s.UnderInvestigation},
	} {
		for _, list := range all {
			for _, id := range list {
				out[id] |= 1 << family
			}
		}
	}
	return out
}

// optionalPatches is the first rule: a vendor fix for products that are not affected
// or fixed is an optional patch.
func (c *conv) optionalPatches(list []*fix, families map[string]uint) []*fix {
	const patched = 1<<rule.NotAffected | 1<<rule.FixedFamily
	var out []*fix
	for _, f := range list {
		out = append(out, f)
		if f.category != csaf.VendorFix {
			continue
		}
		yes, no := c.split(f, func(id string) bool { return families[id]&patched != 0 })
		switch {
		case yes == nil:
		case no == nil:
			f.category = csaf21.OptionalPatch
			c.changed(f, yes.products, "the category vendor_fix was changed to optional_patch, since the products are not affected or fixed: %s")
		default:
			f.products, f.groups = no.products, no.groups
			yes.category = csaf21.OptionalPatch
			out = append(out, yes)
			c.changed(yes, append(slices.Clone(yes.products), yes.groups...), "the remediation was duplicated as optional_patch for products that are not affected or fixed: %s")
		}
	}
	return out
}

// changed is the warning of the fifth rule, with the products.
func (c *conv) changed(f *fix, ids []string, reason string) {
	c.warn(remediationRule, f.source, &f.spot, f.from.Category, f.category, reason, strings.Join(ids, ", "))
}

// split divides a remediation by its products; one side is nil when it has none. Groups
// that are wholly on one side stay groups; other ones are written as products.
func (c *conv) split(f *fix, test func(id string) bool) (yes, no *fix) {
	sides := [2]*fix{}
	add := func(i int, product, group string) {
		if sides[i] == nil {
			s := *f
			s.products, s.groups = nil, nil
			sides[i] = &s
		}
		if product != "" {
			sides[i].products = append(sides[i].products, product)
		}
		if group != "" {
			sides[i].groups = append(sides[i].groups, group)
		}
	}
	side := func(id string) int {
		if test(id) {
			return 0
		}
		return 1
	}
	for _, id := range f.products {
		add(side(id), id, "")
	}
	for _, g := range f.groups {
		c.budget -= len(c.groups[g])
		if c.budget < 0 {
			c.fail(remediationRule, f.source, &f.spot, "", "", "the remediations name too many products through groups; they were left as they are")
			return nil, f
		}
		n := 0
		for _, id := range c.groups[g] {
			n += 1 - side(id)
		}
		switch n {
		case 0:
			add(1, "", g)
		case len(c.groups[g]):
			add(0, "", g)
		default:
			for _, id := range c.groups[g] {
				add(side(id), id, "")
			}
		}
	}
	for _, s := range sides {
		if s != nil {
			s.products = unique(s.products)
		}
	}
	return sides[0], sides[1]
}

// plannedFixes are the second, third and fourth rule: what a remediation none_available
// says of products that have a vendor fix as well.
func (c *conv) plannedFixes(list []*fix) []*fix {
	past, planned := map[string]bool{}, map[string]bool{}
	for _, f := range list {
		if f.category == csaf.VendorFix {
			ids, _ := c.members(f)
			for _, id := range ids {
				past[id] = past[id] || !f.future
				planned[id] = planned[id] || f.future
			}
		}
	}
	moved := map[string]bool{}
	var out []*fix
	for _, f := range list {
		out = append(out, f)
		if f.category != csaf.NoneAvailable || !f.was {
			continue
		}
		if yes, no := c.split(f, func(id string) bool { return past[id] }); yes != nil {
			ids, _ := c.members(yes)
			if no == nil {
				no = &fix{}
			}
			f.products, f.groups = no.products, no.groups
			c.changed(f, ids, "products were removed from none_available, since they have a vendor_fix: %s")
		}
		yes, no := c.split(f, func(id string) bool { return planned[id] && !past[id] })
		if yes == nil {
			continue
		}
		ids, _ := c.members(yes)
		for _, id := range ids {
			moved[id] = true
		}
		if no == nil {
			f.category = csaf21.FixPlanned
		} else {
			f.products, f.groups = no.products, no.groups
			out = append(out, yes)
			f = yes
			f.category = csaf21.FixPlanned
		}
		c.changed(f, ids, "the category none_available was changed to fix_planned, since a vendor_fix without date or with one in the future names the products: %s")
	}
	for _, f := range out {
		if f.category != csaf.VendorFix || len(moved) == 0 {
			continue
		}
		if yes, no := c.split(f, func(id string) bool { return moved[id] }); yes != nil {
			ids, _ := c.members(yes)
			if no == nil {
				no = &fix{}
			}
			f.products, f.groups = no.products, no.groups
			c.changed(f, ids, "products were removed from vendor_fix, since their fix is planned only: %s")
		}
	}
	return slices.DeleteFunc(out, (*fix).empty)
}

// contradictions lists what the rules do not resolve: remediations of one product, or
// of a product and its status, that CSAF 2.1 does not allow (3.2.4.14.1, tests 6.1.35
// and 6.1.36).
func (c *conv) contradictions(list []*fix, families map[string]uint) {
	has := map[string]uint{}
	for _, f := range list {
		ids, ok := c.members(f)
		if !ok {
			return
		}
		for _, id := range ids {
			has[id] |= bit(f.category)
		}
	}
	for _, f := range list {
		ids, ok := c.members(f)
		if !ok {
			return
		}
		against, status := prohibited(f.category)
		var with, state []string
		for _, id := range ids {
			if has[id]&against != 0 {
				with = append(with, id)
			}
			if families[id]&status != 0 {
				state = append(state, id)
			}
		}
		if len(with) > 0 {
			c.fail(remediationRule, f.source, &f.spot, f.category, "", "other remediations contradict it for %s", strings.Join(with, ", "))
		}
		if len(state) > 0 {
			c.fail(remediationRule, f.source, &f.spot, f.category, "", "the product status contradicts it for %s", strings.Join(state, ", "))
		}
	}
}

// categories are those of remediations; their index is their bit.
var categories = [...]string{csaf.Workaround, csaf.Mitigation, csaf.VendorFix, csaf21.OptionalPatch, csaf.NoneAvailable, csaf21.FixPlanned, csaf.NoFixPlanned}

func bit(names ...string) uint {
	b := uint(0)
	for _, n := range names {
		if i := slices.Index(categories[:], n); i >= 0 {
			b |= 1 << i
		}
	}
	return b
}

// prohibited is a row of the two tables of 3.2.4.14.1: categories, and groups of status.
func prohibited(category string) (categories, status uint) {
	const affected, not, fixed = 1 << rule.Affected, 1 << rule.NotAffected, 1 << rule.FixedFamily
	switch category {
	case csaf.Workaround, csaf.Mitigation:
		return bit(csaf21.OptionalPatch, csaf.NoneAvailable), not | fixed
	case csaf.VendorFix:
		return bit(csaf21.OptionalPatch, csaf.NoneAvailable, csaf21.FixPlanned, csaf.NoFixPlanned), not | fixed
	case csaf21.OptionalPatch:
		return ^bit(csaf21.OptionalPatch), affected
	case csaf.NoneAvailable:
		return ^bit(csaf.NoneAvailable), not | fixed
	case csaf21.FixPlanned:
		return bit(csaf.VendorFix, csaf21.OptionalPatch, csaf.NoneAvailable, csaf.NoFixPlanned), fixed
	case csaf.NoFixPlanned:
		return bit(csaf.VendorFix, csaf21.OptionalPatch, csaf.NoneAvailable, csaf21.FixPlanned), fixed
	}
	return 0, 0
}
