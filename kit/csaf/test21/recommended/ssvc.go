package recommended

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// eachNamespace calls f for the namespace of each decision point but the reserved ones,
// which may stand anywhere.
func eachNamespace(doc *csaf21.Advisory, f func(s *csaf21.SSVC, n facts.Namespace, pointer func() string)) {
	facts.Selections(doc, func(s *csaf21.SSVC, sel *csaf21.SSVCSelection, pointer func() string) {
		if n := facts.SplitNamespace(sel.Namespace); n.Base != "" && !n.Reserved() {
			f(s, n, pointer)
		}
	})
}

// unknownNamespace is 6.2.34: the base of the namespace is registered.
func unknownNamespace(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	eachNamespace(doc, func(_ *csaf21.SSVC, n facts.Namespace, pointer func() string) {
		if !n.Registered() {
			report(pointer()+"/namespace", "the base %q of the namespace is not registered, or not known here", n.Base)
		}
	})
}

// unregisteredNamespace is 6.2.35: in a TLP:CLEAR document the base is none of those
// that nobody registers.
func unregisteredNamespace(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !facts.IsClear(doc) {
		return
	}
	eachNamespace(doc, func(_ *csaf21.SSVC, n facts.Namespace, pointer func() string) {
		if n.Unregistered() {
			report(pointer()+"/namespace", "the document is TLP:CLEAR and the base %q of the namespace not registered", n.Base)
		}
	})
}

// extendedNamespace is 6.2.36: in a TLP:CLEAR document no namespace has an extension.
func extendedNamespace(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if !facts.IsClear(doc) {
		return
	}
	eachNamespace(doc, func(_ *csaf21.SSVC, n facts.Namespace, pointer func() string) {
		if n.Extension != "" {
			report(pointer()+"/namespace", "the document is TLP:CLEAR and the namespace has the extension %q", n.Extension)
		}
	})
}

// mostSearched bounds the bytes of summaries that 6.2.37 searches in one document.
const mostSearched = 256 << 20

// namespaceResource is 6.2.37: the full namespace is registered, or a decision point
// resource has it in its summary. A namespace is looked for once in each SSVC object.
func namespaceResource(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	left := mostSearched
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Metrics {
			s := doc.Vulnerabilities[i].Metrics[j].Content.SSVC
			if s == nil {
				continue
			}
			var seen map[string]bool
			for k := range s.Selections {
				n := facts.SplitNamespace(s.Selections[k].Namespace)
				if n.Base == "" || n.Reserved() || n.Extension == "" && n.Registered() || seen[n.Full] {
					continue
				}
				if seen == nil {
					seen = map[string]bool{}
				}
				seen[n.Full] = true
				if described(s, n.Full, &left) {
					continue
				}
				if left <= 0 {
					return // too much to say anything
				}
				report(rule.At("/vulnerabilities/%/metrics/%/content/ssvc_v2/decision_point_resources", i, j), "the namespace %q is not registered and no resource has it in its summary", n.Full)
			}
		}
	}
}

// described reports whether the summary of a resource has the namespace, and not only
// as the beginning of a longer one. It takes what it searches off left.
func described(s *csaf21.SSVC, namespace string, left *int) bool {
	for i := range s.DecisionPointResources {
		summary := s.DecisionPointResources[i].Summary
		if *left -= len(summary) + 1; *left <= 0 {
			return false
		}
		for rest := summary; ; {
			at := strings.Index(rest, namespace)
			if at < 0 {
				break
			}
			end := rest[at+len(namespace):]
			if !continues(end) && (at == 0 || !isName(rest[at-1])) {
				return true
			}
			rest = rest[at+1:]
		}
	}
	return false
}

// continues reports whether what follows a namespace would belong to it. A dot that
// ends a sentence does not.
func continues(rest string) bool {
	if rest == "" {
		return false
	}
	return rest[0] == '/' || isName(rest[0]) || rest[0] == '.' && len(rest) > 1 && isName(rest[1])
}

func isName(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '#' || c == '_' || c == '$'
}
