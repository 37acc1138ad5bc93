package informative

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// essential is 6.3.21.1: no extension is essential.
func essential(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	facts.Extensions(doc, env, func(_ facts.Spot, list []csaf21.Extension, pointer func() string) {
		for i := range list {
			if list[i].Category == "essential" {
				report(rule.At(pointer()+"/%/category", i), "the extension %q is essential: readers that do not know it miss what is needed", list[i].Schema)
			}
		}
	})
}

// experimental is 6.3.21.2: a document that is not TLP:CLEAR has no experimental
// extension.
func experimental(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if facts.IsClear(doc) {
		return
	}
	facts.Extensions(doc, env, func(_ facts.Spot, list []csaf21.Extension, pointer func() string) {
		for i := range list {
			if facts.ClassOf(env, list[i].Schema) == facts.Experimental {
				report(rule.At(pointer()+"/%", i), "the extension %q is experimental", list[i].Schema)
			}
		}
	})
}

// extensionAt is 6.3.21.3 to 6.3.21.9: there is no x_extensions at one kind of place.
func extensionAt(at facts.Spot) func(*csaf21.Advisory, *rule.Env, rule.Report) {
	return func(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
		facts.Extensions(doc, env, func(spot facts.Spot, _ []csaf21.Extension, pointer func() string) {
			if spot == at {
				report(pointer(), "there are extensions")
			}
		})
	}
}
