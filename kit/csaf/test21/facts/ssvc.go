package facts

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/ssvc"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Namespace is an SSVC namespace in its parts: "cisa#nciss//.example.com#x" has the
// base "cisa#nciss", the name "cisa" and an extension.
type Namespace struct {
	Full      string
	Base      string // up to the first slash
	Name      string // of the base, up to its #
	Extension string // behind the base, with the slash; a language is one as well
}

// SplitNamespace splits a namespace.
func SplitNamespace(s string) Namespace {
	n := Namespace{Full: s, Base: s}
	if i := strings.IndexByte(s, '/'); i >= 0 {
		n.Base, n.Extension = s[:i], s[i:]
	}
	n.Name, _, _ = strings.Cut(n.Base, "#")
	return n
}

// Unregistered reports whether the base says that it is not registered: x_ in front.
func (n Namespace) Unregistered() bool {
	return strings.HasPrefix(n.Base, "x_") && !n.Reserved()
}

// Reserved reports whether the base is reserved for examples or tests, where every
// decision point may stand. "invalid" is reserved as well, for what must not be used.
func (n Namespace) Reserved() bool {
	p := ssvc.Reserved(n.Base)
	return p == ssvc.ForExamples || p == ssvc.ForTests
}

// Registered reports whether the base is registered with the SSVC project.
func (n Namespace) Registered() bool { return ssvc.Registered(n.Name) }

// Selections calls f for each decision point of the SSVC objects of a document.
func Selections(doc *csaf21.Advisory, f func(list *csaf21.SSVC, sel *csaf21.SSVCSelection, pointer func() string)) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Metrics {
			s := doc.Vulnerabilities[i].Metrics[j].Content.SSVC
			if s == nil {
				continue
			}
			for k := range s.Selections {
				f(s, &s.Selections[k], func() string {
					return rule.At("/vulnerabilities/%/metrics/%/content/ssvc_v2/selections/%", i, j, k)
				})
			}
		}
	}
}
