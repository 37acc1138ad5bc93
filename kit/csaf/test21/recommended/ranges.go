package recommended

import (
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
	"github.com/tocsin-sec/tocsin/kit/vers"
)

// eachBranch calls f for the branches of a category.
func eachBranch(env *rule.Env, category string, f func(b *rule.Branch)) {
	for i := range env.Branches() {
		if b := &env.Branches()[i]; b.Category == category {
			f(b)
		}
	}
}

// rangeWithoutVERS is 6.2.18: a version range is written as VERS.
func rangeWithoutVERS(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachBranch(env, facts.VersionRange, func(b *rule.Branch) {
		if !facts.UsesVERS(b.Name) {
			report(b.Pointer()+"/name", "the range %q is not VERS: please check carefully whether VERS can be used or the versions can be enumerated, the VERS-like form is only a fall-back", b.Name)
		}
	})
}

// vendorName is 6.2.48: no vendor is called "Open Source", in any case and spacing.
func vendorName(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachBranch(env, "vendor", func(b *rule.Branch) {
		if isOpenSource(b.Name) {
			report(b.Pointer()+"/name", "the vendor name %q is that of nobody", b.Name)
		}
	})
}

func isOpenSource(name string) bool {
	rest := "opensource"
	for _, r := range name {
		if unicode.IsSpace(r) {
			continue
		}
		if rest == "" || unicode.ToLower(r) != rune(rest[0]) {
			return false
		}
		rest = rest[1:]
	}
	return rest == ""
}

// openRange is 6.2.49: a version range has an upper end.
func openRange(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachBranch(env, facts.VersionRange, func(b *rule.Branch) {
		r, kind := facts.ReadRange(b.Name)
		if kind != facts.Invalid && r.UpperOpen() {
			report(b.Pointer()+"/name", "the range %q has no upper end", b.Name)
		}
	})
}

// unknownVERS is 6.2.51: the type of a VERS range is registered. All that are registered
// are supported.
func unknownVERS(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachBranch(env, facts.VersionRange, func(b *rule.Branch) {
		rest, ok := strings.CutPrefix(b.Name, "vers:")
		if !ok {
			return
		}
		if kind, _, _ := strings.Cut(rest, "/"); !vers.Registered(kind) {
			report(b.Pointer()+"/name", "the VERS type %q is not officially registered, and not supported", kind)
		}
	})
}

// contradict reports whether two products are in groups that contradict each other:
// one of the families of the first is another than one of the second.
func contradict(a, b uint32) bool {
	many := a|b != 0 && (a|b)&((a|b)-1) != 0
	return a != 0 && b != 0 && many
}

// overlaps is 6.2.50.1 to 6.2.50.3 for one kind of sibling.
func overlaps(doc *csaf21.Advisory, env *rule.Env, kind facts.Kind, report rule.Report) {
	facts.OverlapsByStatus(doc, env, kind, contradict, func(i int, a, b *rule.Product) {
		report(rule.At("/vulnerabilities/%/product_status", i), "the versions of the products %q and %q overlap, and their states contradict each other", a.ID, b.ID)
	})
}

// overlapVERS is 6.2.50.1.
func overlapVERS(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	overlaps(doc, env, facts.VERS, report)
}

// overlapVLS is 6.2.50.2.
func overlapVLS(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	overlaps(doc, env, facts.VLS, report)
}

// overlapVersion is 6.2.50.3.
func overlapVersion(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	overlaps(doc, env, facts.Version, report)
}
