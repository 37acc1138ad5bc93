package vex

import (
	"net/url"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// FromCSAF reads the statements out of a CSAF 2.0 document of any profile. The statuses
// are those of VEX: first_fixed counts as fixed, first_affected and last_affected as
// affected; "recommended" says nothing of the flaw and is left out. Products keep their
// package URL and CPE; one without gets an @id of the publisher's namespace. A product
// that is part of another is a subcomponent of that. Text of remediations becomes the
// action statement, threats of the category impact the impact statement, flags the
// justification. A statement that lacks what OpenVEX asks for says so in words.
func FromCSAF(doc *csaf.Advisory) *Document {
	f := newReader(doc.Document.Publisher.Namespace, doc.Document.Publisher.Name, doc.Document.Tracking)
	if t := doc.ProductTree; t != nil {
		t.Products(func(_ string, p *csaf.FullProductName) { f.product(p) })
		f.group(t.ProductGroups)
		for i := range t.Relationships {
			r := &t.Relationships[i]
			f.part(r.FullProductName.ProductID, r.ProductReference, r.Category, r.RelatesTo)
		}
	}
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		u := flaw{cve: v.CVE, title: v.Title, flags: v.Flags, threats: v.Threats, remediations: v.Remediations}
		for _, id := range v.IDs {
			u.ids = append(u.ids, id.Text)
		}
		for _, n := range v.Notes {
			u.note(n.Category, n.Text)
		}
		if s := v.ProductStatus; s != nil {
			u.status = [4][]string{join(s.KnownNotAffected), join(s.KnownAffected, s.FirstAffected, s.LastAffected), join(s.Fixed, s.FirstFixed), join(s.UnderInvestigation)}
		}
		f.flaw(&u)
	}
	return f.doc
}

// FromCSAF21 does the same for CSAF 2.1. Of product paths the first step counts;
// products that are "unknown" are left out.
func FromCSAF21(doc *csaf21.Advisory) *Document {
	f := newReader(doc.Document.Publisher.Namespace, doc.Document.Publisher.Name, doc.Document.Tracking)
	if t := doc.ProductTree; t != nil {
		add := func(p *csaf21.FullProductName) {
			q := csaf.FullProductName{Name: p.Name, ProductID: p.ProductID}
			if h := p.Helper; h != nil {
				q.Helper = &csaf.IdentificationHelper{CPE: h.CPE}
				if len(h.PURLs) > 0 {
					q.Helper.PURL = h.PURLs[0]
				}
			}
			f.product(&q)
		}
		var walk func(list []csaf21.Branch)
		walk = func(list []csaf21.Branch) {
			for i := range list {
				if list[i].Product != nil {
					add(list[i].Product)
				}
				walk(list[i].Branches)
			}
		}
		walk(t.Branches)
		for i := range t.FullProductNames {
			add(&t.FullProductNames[i])
		}
		f.group(t.ProductGroups)
		for i := range t.ProductPaths {
			p := &t.ProductPaths[i]
			add(&p.FullProductName)
			if len(p.Subpaths) > 0 {
				f.part(p.FullProductName.ProductID, p.Beginning, p.Subpaths[0].Category, p.Subpaths[0].Next)
			}
		}
	}
	for i := range doc.Vulnerabilities {
		f.flaw(flaw21(&doc.Vulnerabilities[i]))
	}
	return f.doc
}

func flaw21(v *csaf21.Vulnerability) *flaw {
	u := flaw{cve: v.CVE, title: v.Title, flags: v.Flags, threats: v.Threats}
	for _, r := range v.Remediations {
		u.remediations = append(u.remediations, csaf.Remediation(r))
	}
	for _, id := range v.IDs {
		u.ids = append(u.ids, id.Text)
	}
	for _, n := range v.Notes {
		u.note(n.Category, n.Text)
	}
	if s := v.ProductStatus; s != nil {
		u.status = [4][]string{join(s.KnownNotAffected), join(s.KnownAffected, s.FirstAffected, s.LastAffected), join(s.Fixed, s.FirstFixed), join(s.UnderInvestigation)}
	}
	return &u
}

// flaw is what both versions of CSAF say of a vulnerability.
type flaw struct {
	cve, title, description string
	ids                     []string
	flags                   []csaf.Flag
	threats                 []csaf.Threat
	remediations            []csaf.Remediation
	status                  [4][]string // in the order of statuses
}

func (u *flaw) note(category, text string) {
	if u.description == "" && (category == "description" || category == "summary") {
		u.description = text
	}
}

func (f *reader) names(u *flaw) Vulnerability {
	v := Vulnerability{Name: u.cve, Description: u.description}
	list := u.ids
	if v.Name == "" && len(list) > 0 {
		v.Name, list = list[0], list[1:]
	}
	if v.Name == "" {
		v.Name = u.title
	}
	for _, id := range join(list) {
		if id != v.Name {
			v.Aliases = append(v.Aliases, id)
		}
	}
	if strings.HasPrefix(v.Name, "CVE-") {
		v.ID = "https://www.cve.org/CVERecord?id=" + v.Name
	}
	return v
}

// reader collects statements.
type reader struct {
	doc      *Document
	base     string // of @ids of products that have no package URL
	products map[string]Component
	parts    map[string][2]string // product id: the product and its part
	groups   map[string][]string
	reached  int // members of groups so far
}

func newReader(namespace, author string, t csaf.Tracking) *reader {
	id := strings.TrimSuffix(namespace, "/") + "/" + url.PathEscape(t.ID)
	d := &Document{Context: Context, ID: id, Author: author, Timestamp: t.InitialReleaseDate, Version: int64(max(1, len(t.RevisionHistory)))}
	if t.CurrentReleaseDate != t.InitialReleaseDate {
		d.LastUpdated = t.CurrentReleaseDate
	}
	return &reader{doc: d, base: id + "#", products: map[string]Component{}, parts: map[string][2]string{}, groups: map[string][]string{}}
}

func (f *reader) product(p *csaf.FullProductName) {
	c := Component{ID: f.base + url.PathEscape(p.ProductID)}
	if h := p.Helper; h != nil && (h.PURL != "" || h.CPE != "") {
		c.Identifiers = &Identifiers{PURL: h.PURL}
		if strings.HasPrefix(h.CPE, "cpe:2.3:") {
			c.Identifiers.CPE23 = h.CPE
		} else {
			c.Identifiers.CPE22 = h.CPE
		}
		if isIRI(h.PURL) {
			c.ID = h.PURL
		}
	}
	f.products[p.ProductID] = c
}

func (f *reader) group(list []csaf.ProductGroup) {
	for _, g := range list {
		f.groups[g.GroupID] = g.ProductIDs
	}
}

// part notes that a product is another one that is part of a third.
func (f *reader) part(id, part, category, whole string) {
	if strings.HasSuffix(category, "component_of") || category == "installed_on" || category == "installed_with" {
		f.parts[id] = [2]string{whole, part}
	}
}

// component is the product of an id as OpenVEX says it.
func (f *reader) component(id string) Product {
	whole, sub := id, ""
	if p, ok := f.parts[id]; ok {
		whole, sub = p[0], p[1]
	}
	c := f.one(whole)
	out := Product{ID: c.ID, Identifiers: c.Identifiers}
	if sub != "" {
		out.Subcomponents = []Component{f.one(sub)}
	}
	return out
}

func (f *reader) one(id string) Component {
	if c, ok := f.products[id]; ok {
		return c
	}
	return Component{ID: f.base + url.PathEscape(id)}
}

// statuses are the lists of a flaw.
var statuses = [4]string{NotAffected, Affected, Fixed, UnderInvestigation}

// flaw adds the statements of a vulnerability: products with the same status and the
// same reasons share one.
func (f *reader) flaw(u *flaw) {
	names := f.names(u)
	labels, impacts, actions := map[string]string{}, newTexts(), newTexts()
	for _, x := range u.flags {
		f.each(x.ProductIDs, x.GroupIDs, func(id string) { labels[id] = x.Label })
	}
	for _, x := range u.threats {
		if x.Category == "impact" {
			f.each(x.ProductIDs, x.GroupIDs, impacts.adder(x.Details))
		}
	}
	for _, x := range u.remediations {
		f.each(x.ProductIDs, x.GroupIDs, actions.adder(x.Details))
	}
	type key struct{ label, impact, action string }
	for i, list := range u.status {
		at := map[key]int{}
		for _, id := range list {
			var k key
			switch statuses[i] {
			case NotAffected:
				if k = (key{label: labels[id], impact: impacts.of(id)}); k.label+k.impact == "" {
					k.impact = "The CSAF document does not say why the product is not affected."
				}
			case Affected:
				if k.action = actions.of(id); k.action == "" {
					k.action = "The CSAF document names no action for the product."
				}
			}
			n, ok := at[k]
			if !ok {
				n = len(f.doc.Statements)
				at[k] = n
				f.doc.Statements = append(f.doc.Statements, Statement{Vulnerability: names, Status: statuses[i], Justification: k.label, ImpactStatement: k.impact, ActionStatement: k.action})
			}
			f.doc.Statements[n].Products = append(f.doc.Statements[n].Products, f.component(id))
		}
	}
}

// join is the lists as one, each id once.
func join(lists ...[]string) []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range lists {
		for _, id := range l {
			if !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	return out
}
