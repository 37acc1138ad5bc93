package rule_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// A test is a function; the Env has the indexes, and a finding may carry its fix.
func ExampleRun() {
	set := rule.Set[csaf.Advisory]{{
		ID: "6.2.1", Name: "Unused Definition of Product ID",
		Run: func(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
			used := env.Marks()
			for _, refs := range env.ProductRefs() {
				for _, n := range refs.Numbers {
					used.Set(n, 1)
				}
			}
			for i := range env.Products() {
				if p := &env.Products()[i]; used.Get(int32(env.Number(p.ID))) == 0 {
					report(p.Pointer()+"/product_id", "the product id %q is not used", p.ID).Fix = rule.Remove(p.Pointer())
				}
			}
		},
	}}
	data := []byte(`{"product_tree": {"full_product_names": [
		{"name": "lanternd 2.4.6", "product_id": "CSAFPID-0001"},
		{"name": "lanternd 2.4.7", "product_id": "CSAFPID-0002"}]},
	"vulnerabilities": [{"product_status": {"known_affected": ["CSAFPID-0001"]}}]}`)
	doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
	env := rule.New20(doc, rule.Options{Data: data, Problems: problems})
	for _, r := range rule.Run(set, doc, env) {
		for _, f := range r.Findings {
			fmt.Println(f.Test, f.Severity, f.Pointer, f.Message, f.Fix[0].Op)
		}
	}
	// Output: 6.2.1 warning /product_tree/full_product_names/1/product_id the product id "CSAFPID-0002" is not used remove
}
