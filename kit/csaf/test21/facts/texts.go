package facts

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Style says what kind of text a member holds.
type Style uint8

// The styles. The grammar check (6.3.16) looks at prose alone, the spell check (6.3.8)
// at all of them.
const (
	Prose    Style = iota + 1
	Name           // of a product, a vendor, a person
	Category       // document.category
)

// Texts calls f for each text of the paths of 6.3.8 that is not empty.
func Texts(doc *csaf21.Advisory, env *rule.Env, f func(s string, style Style, pointer func() string)) {
	w := texts{f}
	w.document(&doc.Document)
	for i := range env.Branches() {
		b := &env.Branches()[i]
		w.put(b.Name, Name, func() string { return b.Pointer() + "/name" })
	}
	for i := range env.Products() {
		p := &env.Products()[i]
		w.put(p.Name, Name, func() string { return p.Pointer() + "/name" })
	}
	if doc.ProductTree != nil {
		for i := range doc.ProductTree.ProductGroups {
			w.prose(doc.ProductTree.ProductGroups[i].Summary, "/product_tree/product_groups/%/summary", i)
		}
	}
	for i := range doc.Vulnerabilities {
		w.vulnerability(i, &doc.Vulnerabilities[i])
	}
}

type texts struct {
	f func(s string, style Style, pointer func() string)
}

func (w texts) put(s string, style Style, pointer func() string) {
	if s != "" {
		w.f(s, style, pointer)
	}
}

func (w texts) prose(s, pattern string, numbers ...int) {
	w.put(s, Prose, func() string { return rule.At(pattern, numbers...) })
}

func (w texts) name(s, pattern string, numbers ...int) {
	w.put(s, Name, func() string { return rule.At(pattern, numbers...) })
}

func (w texts) document(d *csaf21.Document) {
	w.acknowledgments(d.Acknowledgments, "/document/acknowledgments/%")
	if d.AggregateSeverity != nil {
		w.prose(d.AggregateSeverity.Text, "/document/aggregate_severity/text")
	}
	// What begins with csaf_ names a profile of the standard; everything else is "CSAF
	// Base" under a name of its own.
	if !strings.HasPrefix(d.Category, "csaf_") {
		w.put(d.Category, Category, func() string { return "/document/category" })
	}
	if d.Distribution != nil {
		w.prose(d.Distribution.Text, "/document/distribution/text")
	}
	w.notes(d.Notes, "/document/notes/%")
	w.prose(d.Publisher.IssuingAuthority, "/document/publisher/issuing_authority")
	w.name(d.Publisher.Name, "/document/publisher/name")
	w.references(d.References, "/document/references/%/summary")
	w.prose(d.Title, "/document/title")
	for i := range d.Tracking.Aliases {
		w.name(d.Tracking.Aliases[i], "/document/tracking/aliases/%", i)
	}
	if d.Tracking.Generator != nil {
		w.name(d.Tracking.Generator.Engine.Name, "/document/tracking/generator/engine/name")
	}
	for i := range d.Tracking.RevisionHistory {
		w.prose(d.Tracking.RevisionHistory[i].Summary, "/document/tracking/revision_history/%/summary", i)
	}
}

// acknowledgments, notes and references take a pattern and the numbers before the
// item's own.
func (w texts) acknowledgments(list []csaf.Acknowledgment, pattern string, before ...int) {
	for i := range list {
		at := func() string { return rule.At(pattern, append(before[:len(before):len(before)], i)...) }
		for j, s := range list[i].Names {
			w.put(s, Name, func() string { return rule.At(at()+"/names/%", j) })
		}
		w.put(list[i].Organization, Name, func() string { return at() + "/organization" })
		w.put(list[i].Summary, Prose, func() string { return at() + "/summary" })
	}
}

func (w texts) notes(list []csaf21.Note, pattern string, before ...int) {
	for i := range list {
		at := func() string { return rule.At(pattern, append(before[:len(before):len(before)], i)...) }
		w.put(list[i].Audience, Prose, func() string { return at() + "/audience" })
		w.put(list[i].Text, Prose, func() string { return at() + "/text" })
		w.put(list[i].Title, Prose, func() string { return at() + "/title" })
	}
}

func (w texts) references(list []csaf.Reference, pattern string, before ...int) {
	for i := range list {
		w.put(list[i].Summary, Prose, func() string { return rule.At(pattern, append(before[:len(before):len(before)], i)...) })
	}
}

func (w texts) vulnerability(i int, v *csaf21.Vulnerability) {
	w.acknowledgments(v.Acknowledgments, "/vulnerabilities/%/acknowledgments/%", i)
	for j := range v.Involvements {
		w.prose(v.Involvements[j].Summary, "/vulnerabilities/%/involvements/%/summary", i, j)
	}
	w.notes(v.Notes, "/vulnerabilities/%/notes/%", i)
	w.references(v.References, "/vulnerabilities/%/references/%/summary", i)
	for j := range v.Remediations {
		r := &v.Remediations[j]
		w.prose(r.Details, "/vulnerabilities/%/remediations/%/details", i, j)
		for k := range r.Entitlements {
			w.prose(r.Entitlements[k], "/vulnerabilities/%/remediations/%/entitlements/%", i, j, k)
		}
		if r.RestartRequired != nil {
			w.prose(r.RestartRequired.Details, "/vulnerabilities/%/remediations/%/restart_required/details", i, j)
		}
	}
	for j := range v.Threats {
		w.prose(v.Threats[j].Details, "/vulnerabilities/%/threats/%/details", i, j)
	}
	w.prose(v.Title, "/vulnerabilities/%/title", i)
}
