// Package facts holds what the tests of sections 6.2 and 6.3 of CSAF 2.1 have in common:
// the newest revision, canonical URLs, places of extensions, parts of SSVC namespaces,
// overlapping version ranges, texts to be checked. The tests are in test21/recommended
// and test21/informative.
package facts

import (
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Newest returns the date of the newest item of the revision history; ok is false when
// there is none with a date.
func Newest(doc *csaf21.Advisory) (newest time.Time, ok bool) {
	history := doc.Document.Tracking.RevisionHistory
	for i := range history {
		if t, err := history[i].Date.Time(); err == nil && (!ok || t.After(newest)) {
			newest, ok = t, true
		}
	}
	return newest, ok
}

// Oldest returns the date of the oldest item of the revision history.
func Oldest(doc *csaf21.Advisory) (oldest time.Time, ok bool) {
	history := doc.Document.Tracking.RevisionHistory
	for i := range history {
		if t, err := history[i].Date.Time(); err == nil && (!ok || t.Before(oldest)) {
			oldest, ok = t, true
		}
	}
	return oldest, ok
}

// IsClear reports whether the document is labeled TLP:CLEAR.
func IsClear(doc *csaf21.Advisory) bool {
	d := doc.Document.Distribution
	return d != nil && d.TLP != nil && d.TLP.Label == csaf21.Clear
}

// IsCanonical reports whether a reference gives the document's canonical URL (6.2.11):
// category self, https, and the file name of the id at the end. More is not asked.
func IsCanonical(doc *csaf21.Advisory, r *csaf21.Reference) bool {
	return r.Category == "self" && strings.HasPrefix(r.URL, "https://") && strings.HasSuffix(r.URL, csaf.Filename(doc.Document.Tracking.ID))
}

// Spot is a place where a document may have extensions.
type Spot uint8

// The places of extensions, in the order of 6.3.21.
const (
	AtNothing Spot = iota
	AtDocument
	AtBranch
	AtFullProductName
	AtProductPath
	AtMetric
	AtVulnerability
	AtRoot
)

// Extensions calls f for each place that has x_extensions, which may be an empty list;
// pointer makes its JSON pointer.
func Extensions(doc *csaf21.Advisory, env *rule.Env, f func(at Spot, list []csaf21.Extension, pointer func() string)) {
	if doc.Document.Extensions != nil {
		f(AtDocument, doc.Document.Extensions, func() string { return "/document/x_extensions" })
	}
	for i := range env.Products() {
		p := &env.Products()[i]
		if p.Full21.Extensions != nil {
			f(spotOf(p.Origin), p.Full21.Extensions, func() string { return p.Pointer() + "/x_extensions" })
		}
	}
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		for j := range v.Metrics {
			if list := v.Metrics[j].Content.Extensions; list != nil {
				f(AtMetric, list, func() string { return rule.At("/vulnerabilities/%/metrics/%/content/x_extensions", i, j) })
			}
		}
		if v.Extensions != nil {
			f(AtVulnerability, v.Extensions, func() string { return rule.At("/vulnerabilities/%/x_extensions", i) })
		}
	}
	if doc.Extensions != nil {
		f(AtRoot, doc.Extensions, func() string { return "/x_extensions" })
	}
}

func spotOf(o rule.Origin) Spot {
	switch o {
	case rule.InBranch:
		return AtBranch
	case rule.InPath:
		return AtProductPath
	}
	return AtFullProductName
}

// Class is the class of an extension (2.4.1).
type Class uint8

// The classes. What is neither official nor registered is experimental.
const (
	Unclassed Class = iota
	Official
	Registered
	Experimental
)

// String names the class for messages.
func (c Class) String() string {
	return [...]string{"unclassed", "official", "registered", "experimental"}[c]
}

// ClassOf returns the class of an extension by its $schema.
func ClassOf(env *rule.Env, schema string) Class {
	if env.Extension != nil {
		if x := env.Extension(schema); x != nil && x.Official {
			return Official
		} else if x != nil && x.Registered {
			return Registered
		}
	}
	return Experimental
}
