package informative

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/ssvc"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// latestDecisionPoint is 6.3.13: the version of a registered decision point is the
// newest one. The text asks for the newest at the time of the SSVC object, but the
// registry does not say when versions came out (CERTCC/SSVC issue 1219, oasis-tcs/csaf
// issue 1624), so that it is the newest one known here.
func latestDecisionPoint(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	facts.Selections(doc, func(_ *csaf21.SSVC, sel *csaf21.SSVCSelection, pointer func() string) {
		n := facts.SplitNamespace(sel.Namespace)
		if n.Reserved() || !n.Registered() {
			return
		}
		if latest, ok := ssvc.Latest(n.Base, sel.Key); ok && sel.Version != latest.Version {
			report(pointer(), "the decision point %q has the version %q, the newest is %s", sel.Key, sel.Version, latest.Version)
		}
	})
}

// unregisteredNamespace is 6.3.14: in a document that is not TLP:CLEAR no base of a
// namespace is one that nobody registers.
func unregisteredNamespace(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if facts.IsClear(doc) {
		return
	}
	facts.Selections(doc, func(_ *csaf21.SSVC, sel *csaf21.SSVCSelection, pointer func() string) {
		if n := facts.SplitNamespace(sel.Namespace); n.Unregistered() {
			report(pointer()+"/namespace", "the base %q of the namespace is not registered", n.Base)
		}
	})
}

// extendedNamespace is 6.3.15: in a document that is not TLP:CLEAR no namespace has an
// extension.
func extendedNamespace(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if facts.IsClear(doc) {
		return
	}
	facts.Selections(doc, func(_ *csaf21.SSVC, sel *csaf21.SSVCSelection, pointer func() string) {
		if n := facts.SplitNamespace(sel.Namespace); n.Extension != "" && !n.Reserved() {
			report(pointer()+"/namespace", "the namespace has the extension %q", n.Extension)
		}
	})
}
