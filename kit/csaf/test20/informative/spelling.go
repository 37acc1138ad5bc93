package informative

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/spell"
)

// spelling is 6.3.8: a spell check in the document's language finds no mistake. It is
// skipped without a language and fails when the language is not supported. The
// category is tested for documents of the profile "CSAF Base" alone. Names of products,
// vendors and people are mistakes only when they are a slip away from a known word.
func spelling(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	if doc.Document.Lang == "" {
		return
	}
	known := env.Speller(doc.Document.Lang)
	if known == nil {
		report("/document/lang", "there is no dictionary of the language %q", doc.Document.Lang)
		return
	}
	names := nameSet{env: env, doc: doc}
	w := speller{check: spell.Checker{Known: known, Names: names.has}, report: report}
	w.document(&doc.Document)
	w.tree(doc, env)
	for i := range doc.Vulnerabilities {
		w.vulnerability(i, &doc.Vulnerabilities[i])
	}
}

// speller looks at the texts of the paths that the standard lists.
type speller struct {
	check  spell.Checker
	report rule.Report
}

// text checks prose, name a name; numbers fill the pattern of the pointer.
func (w *speller) text(s, pattern string, numbers ...int) { w.judge(s, false, pattern, numbers) }
func (w *speller) name(s, pattern string, numbers ...int) { w.judge(s, true, pattern, numbers) }

func (w *speller) judge(s string, name bool, pattern string, numbers []int) {
	if s == "" {
		return
	}
	if wrong := w.check.Mistakes(s, name); len(wrong) > 0 {
		w.report(rule.At(pattern, numbers...), "not spelt right: %s", strings.Join(wrong[:min(len(wrong), 20)], ", "))
	}
}

func (w *speller) document(d *csaf.Document) {
	for i := range d.Acknowledgments {
		a := &d.Acknowledgments[i]
		for j := range a.Names {
			w.name(a.Names[j], "/document/acknowledgments/%/names/%", i, j)
		}
		w.name(a.Organization, "/document/acknowledgments/%/organization", i)
		w.text(a.Summary, "/document/acknowledgments/%/summary", i)
	}
	if d.AggregateSeverity != nil {
		w.text(d.AggregateSeverity.Text, "/document/aggregate_severity/text")
	}
	switch d.Category {
	case "csaf_base", "csaf_security_incident_response", "csaf_informational_advisory", "csaf_security_advisory", "csaf_vex":
	default: // a name of its own of the profile "CSAF Base"
		w.text(strings.ReplaceAll(d.Category, "_", " "), "/document/category")
	}
	if d.Distribution != nil {
		w.text(d.Distribution.Text, "/document/distribution/text")
	}
	for i := range d.Notes {
		n := &d.Notes[i]
		w.text(n.Audience, "/document/notes/%/audience", i)
		w.text(n.Text, "/document/notes/%/text", i)
		w.text(n.Title, "/document/notes/%/title", i)
	}
	w.text(d.Publisher.IssuingAuthority, "/document/publisher/issuing_authority")
	w.name(d.Publisher.Name, "/document/publisher/name")
	for i := range d.References {
		w.text(d.References[i].Summary, "/document/references/%/summary", i)
	}
	w.text(d.Title, "/document/title")
	for i := range d.Tracking.Aliases {
		w.name(d.Tracking.Aliases[i], "/document/tracking/aliases/%", i)
	}
	if d.Tracking.Generator != nil {
		w.name(d.Tracking.Generator.Engine.Name, "/document/tracking/generator/engine/name")
	}
	for i := range d.Tracking.RevisionHistory {
		w.text(d.Tracking.RevisionHistory[i].Summary, "/document/tracking/revision_history/%/summary", i)
	}
}

func (w *speller) tree(doc *csaf.Advisory, env *rule.Env) {
	branches, products := env.Branches(), env.Products()
	for i := range branches {
		if wrong := w.check.Mistakes(branches[i].Name, true); len(wrong) > 0 {
			w.report(branches[i].Pointer()+"/name", "not spelt right: %s", strings.Join(wrong, ", "))
		}
	}
	for i := range products {
		if wrong := w.check.Mistakes(products[i].Name, true); len(wrong) > 0 {
			w.report(products[i].Pointer()+"/name", "not spelt right: %s", strings.Join(wrong, ", "))
		}
	}
	if doc.ProductTree != nil {
		for i := range doc.ProductTree.ProductGroups {
			w.text(doc.ProductTree.ProductGroups[i].Summary, "/product_tree/product_groups/%/summary", i)
		}
	}
}

func (w *speller) vulnerability(i int, v *csaf.Vulnerability) {
	for j := range v.Acknowledgments {
		a := &v.Acknowledgments[j]
		for k := range a.Names {
			w.name(a.Names[k], "/vulnerabilities/%/acknowledgments/%/names/%", i, j, k)
		}
		w.name(a.Organization, "/vulnerabilities/%/acknowledgments/%/organization", i, j)
		w.text(a.Summary, "/vulnerabilities/%/acknowledgments/%/summary", i, j)
	}
	for j := range v.Involvements {
		w.text(v.Involvements[j].Summary, "/vulnerabilities/%/involvements/%/summary", i, j)
	}
	for j := range v.Notes {
		w.text(v.Notes[j].Audience, "/vulnerabilities/%/notes/%/audience", i, j)
		w.text(v.Notes[j].Text, "/vulnerabilities/%/notes/%/text", i, j)
		w.text(v.Notes[j].Title, "/vulnerabilities/%/notes/%/title", i, j)
	}
	for j := range v.References {
		w.text(v.References[j].Summary, "/vulnerabilities/%/references/%/summary", i, j)
	}
	for j := range v.Remediations {
		r := &v.Remediations[j]
		w.text(r.Details, "/vulnerabilities/%/remediations/%/details", i, j)
		for k := range r.Entitlements {
			w.text(r.Entitlements[k], "/vulnerabilities/%/remediations/%/entitlements/%", i, j, k)
		}
		if r.RestartRequired != nil {
			w.text(r.RestartRequired.Details, "/vulnerabilities/%/remediations/%/restart_required/details", i, j)
		}
	}
	for j := range v.Threats {
		w.text(v.Threats[j].Details, "/vulnerabilities/%/threats/%/details", i, j)
	}
	w.text(v.Title, "/vulnerabilities/%/title", i)
}

// nameSet are the words of the document's names: of products, vendors, the publisher,
// people and organizations. It is made when the first unknown word needs it.
type nameSet struct {
	env   *rule.Env
	doc   *csaf.Advisory
	words map[string]bool
}

func (s *nameSet) has(word string) bool {
	if s.words == nil {
		s.fill()
	}
	return s.words[strings.ToLower(word)]
}

func (s *nameSet) fill() {
	s.words = map[string]bool{}
	add := func(name string) {
		for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(" \t\n-_/,;:.()[]\"'", r) }) {
			s.words[strings.ToLower(part)] = true
		}
	}
	acknowledged := func(list []csaf.Acknowledgment) {
		for i := range list {
			add(list[i].Organization)
			for _, n := range list[i].Names {
				add(n)
			}
		}
	}
	d := &s.doc.Document
	add(d.Publisher.Name)
	acknowledged(d.Acknowledgments)
	if d.Tracking.Generator != nil {
		add(d.Tracking.Generator.Engine.Name)
	}
	for i := range s.env.Branches() {
		add(s.env.Branches()[i].Name)
	}
	for i := range s.env.Products() {
		add(s.env.Products()[i].Name)
	}
	for i := range s.doc.Vulnerabilities {
		acknowledged(s.doc.Vulnerabilities[i].Acknowledgments)
	}
}
