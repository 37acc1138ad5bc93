package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/ssvc"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// eachSSVC calls f for every selection list.
func eachSSVC(doc *csaf21.Advisory, f func(i, j int, s *csaf21.SSVC)) {
	eachContent(doc, func(i, j int, c *csaf21.Content) {
		if c.SSVC != nil {
			f(i, j, c.SSVC)
		}
	})
}

// invalidSSVC is 6.1.46: SSVC objects are valid. The reader knows their schema.
func invalidSSVC(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	repeat(env, report, "/vulnerabilities/*/metrics/*/content/ssvc_v2")
}

// ssvcTargets is 6.1.47: the targets of a selection list are the vulnerability's CVE
// or other ids, and not the document's id when that has several vulnerabilities.
func ssvcTargets(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	of, names := -1, map[string]bool{} // the ids of one vulnerability
	eachSSVC(doc, func(i, j int, s *csaf21.SSVC) {
		if len(s.TargetIDs) > 0 && of != i {
			of = i
			clear(names)
			v := &doc.Vulnerabilities[i]
			names[v.CVE] = v.CVE != ""
			for k := range v.IDs {
				names[v.IDs[k].Text] = true
			}
		}
		for k, id := range s.TargetIDs {
			at := func() string { return rule.At(content+"ssvc_v2/target_ids/%", i, j, k) }
			switch {
			case len(doc.Vulnerabilities) > 1 && id == doc.Document.Tracking.ID:
				report(at(), "the document %q has several vulnerabilities", id)
			case !names[id]:
				report(at(), "%q is neither the CVE nor another id of the vulnerability", id)
			}
		}
	})
}

// decisionPoints is 6.1.48: a decision point of a registered namespace exists in the
// version and has the values, which are in its order. Extensions may leave values out,
// not add or reorder them, so that the rules are the same for them. Namespaces for
// examples and tests have no fixed points, and "invalid" must not be used.
func decisionPoints(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	eachSSVC(doc, func(i, j int, s *csaf21.SSVC) {
		for k := range s.Selections {
			sel := &s.Selections[k]
			base, _, _ := ssvc.Split(sel.Namespace)
			if ssvc.Reserved(base) == ssvc.Invalid {
				report(rule.At(content+"ssvc_v2/selections/%/namespace", i, j, k), "the namespace %q must not be used", base)
				continue
			}
			if !ssvc.Tabled(base) {
				continue
			}
			point, ok := ssvc.Find(base, sel.Key, sel.Version)
			if !ok {
				report(rule.At(content+"ssvc_v2/selections/%", i, j, k), "the namespace %s has no decision point %q of version %s", base, sel.Key, sel.Version)
				continue
			}
			last := -1
			for l := range sel.Values {
				at := func() string { return rule.At(content+"ssvc_v2/selections/%/values/%", i, j, k, l) }
				index := point.Index(sel.Values[l].Key)
				switch {
				case index < 0:
					report(at(), "%s %s has no value %q", sel.Key, sel.Version, sel.Values[l].Key)
				case index <= last:
					report(at(), "the value %q is not in the order of the decision point", sel.Values[l].Key)
				default:
					last = index
				}
			}
		}
	})
}
