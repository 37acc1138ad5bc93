package vex

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// Envelope is what a CSAF document says and an OpenVEX document does not.
type Envelope struct {
	ID        string // tracking id; default the document's @id
	Title     string // default "VEX of AUTHOR"
	Publisher csaf.Publisher
	TLP       string // label of TLP 1.0, default WHITE
	Lang      string
}

// Errors of ToCSAF.
var (
	// ErrNoProducts is a statement without products: CSAF can only speak of products.
	ErrNoProducts = errors.New("vex: a statement has no products")
	// ErrNoReason is a statement not_affected or affected without its reason or action.
	ErrNoReason = errors.New("vex: a statement lacks its justification, impact or action statement")
)

var cveRE = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)

// ToCSAF writes statements as a CSAF 2.0 document of the profile VEX (4.5). Of several
// statements of one product and vulnerability the newest counts, the later one when
// they are of the same time. Action statements become remediations of the category
// mitigation, since OpenVEX does not say what kind of action they are; a part of a
// product becomes a relationship default_component_of. It fails with ErrNoProducts or
// ErrNoReason.
func ToCSAF(doc *Document, e Envelope) (*csaf.Advisory, error) {
	w := &writer{doc: doc, tree: &csaf.ProductTree{}, ids: map[string]string{}, flaws: map[string]*entry{}}
	for i := range doc.Statements {
		if err := w.statement(&doc.Statements[i]); err != nil {
			return nil, err
		}
	}
	current := or(doc.LastUpdated, doc.Timestamp)
	d := csaf.Document{
		Category: "csaf_vex", CSAFVersion: csaf.Version20, Lang: e.Lang, Publisher: e.Publisher,
		Title:        cmp.Or(e.Title, "VEX of "+doc.Author),
		Distribution: &csaf.Distribution{TLP: &csaf.TLP{Label: cmp.Or(e.TLP, csaf.White)}},
		Tracking: csaf.Tracking{
			ID: cmp.Or(e.ID, doc.ID), InitialReleaseDate: doc.Timestamp, CurrentReleaseDate: current, Status: csaf.Final, Version: "1",
			RevisionHistory: []csaf.Revision{{Date: current, Number: "1", Summary: "Made of the OpenVEX document " + doc.ID + ", version " + strconv.FormatInt(doc.Version, 10)}},
		},
	}
	out := &csaf.Advisory{Document: d, ProductTree: w.tree}
	for _, name := range w.order {
		out.Vulnerabilities = append(out.Vulnerabilities, w.flaws[name].vulnerability())
	}
	return out, nil
}

type writer struct {
	doc   *Document
	tree  *csaf.ProductTree
	ids   map[string]string // product id by what the product is called
	flaws map[string]*entry
	order []string
}

// entry is a vulnerability with the newest statement of each product.
type entry struct {
	names    Vulnerability
	products []string
	newest   map[string]said
}

// said is a statement with its time.
type said struct {
	*Statement
	at csaf.Date
}

func (w *writer) statement(s *Statement) error {
	switch {
	case len(s.Products) == 0:
		return ErrNoProducts
	case s.Status == NotAffected && s.Justification == "" && s.ImpactStatement == "", s.Status == Affected && s.ActionStatement == "":
		return ErrNoReason
	}
	e := w.flaws[s.Vulnerability.Name]
	if e == nil {
		e = &entry{names: s.Vulnerability, newest: map[string]said{}}
		w.flaws[s.Vulnerability.Name] = e
		w.order = append(w.order, s.Vulnerability.Name)
	}
	if e.names.Description == "" {
		e.names.Description = s.Vulnerability.Description
	}
	now := said{s, or(s.LastUpdated, or(s.Timestamp, w.doc.Timestamp))}
	for i := range s.Products {
		for _, id := range w.product(&s.Products[i]) {
			was, ok := e.newest[id]
			if !ok {
				e.products = append(e.products, id)
			} else if before(now.at, was.at) {
				continue
			}
			e.newest[id] = now
		}
	}
	return nil
}

func before(a, b csaf.Date) bool {
	x, err := a.Time()
	y, err2 := b.Time()
	return err == nil && err2 == nil && x.Before(y)
}

// product returns the ids of a product: its own, or those of its parts in it.
func (w *writer) product(p *Product) []string {
	whole := w.component(Component{p.ID, p.Identifiers, p.Hashes})
	if len(p.Subcomponents) == 0 {
		return []string{whole}
	}
	var out []string
	for _, c := range p.Subcomponents {
		part := w.component(c)
		name := part + " in " + whole
		id, ok := w.ids[name]
		if !ok {
			id = w.next(name)
			w.tree.Relationships = append(w.tree.Relationships, csaf.Relationship{
				Category: "default_component_of", ProductReference: part, RelatesTo: whole,
				FullProductName: csaf.FullProductName{Name: nameOf(c.ID, c.Identifiers) + " as part of " + nameOf(p.ID, p.Identifiers), ProductID: id},
			})
		}
		out = append(out, id)
	}
	return out
}

func (w *writer) next(name string) string {
	id := "CSAFPID-" + strconv.Itoa(len(w.ids)+1)
	w.ids[name] = id
	return id
}

// component adds a product once.
func (w *writer) component(c Component) string {
	name := nameOf(c.ID, c.Identifiers)
	if id, ok := w.ids["of "+name]; ok {
		return id
	}
	id := w.next("of " + name)
	h := &csaf.IdentificationHelper{}
	for _, s := range []string{identifier(c.Identifiers, 0), c.ID} {
		if p, err := purl.Parse(s); err == nil && h.PURL == "" {
			h.PURL = p.String()
		}
	}
	if s := identifier(c.Identifiers, 1); cpe23RE.MatchString(s) {
		h.CPE = s
	} else if s := identifier(c.Identifiers, 2); cpe22RE.MatchString(s) {
		h.CPE = s
	}
	if !csaf.Formats()["cpe"].Match(h.CPE) {
		h.CPE = ""
	}
	if h.PURL == "" && h.CPE == "" {
		h = nil
	}
	w.tree.FullProductNames = append(w.tree.FullProductNames, csaf.FullProductName{Name: name, ProductID: id, Helper: h})
	return id
}

func identifier(i *Identifiers, n int) string {
	if i == nil {
		return ""
	}
	return [...]string{i.PURL, i.CPE23, i.CPE22}[n]
}

// vulnerability is the entry as CSAF says it.
func (e *entry) vulnerability() csaf.Vulnerability {
	v := csaf.Vulnerability{ProductStatus: &csaf.ProductStatus{}}
	for _, n := range append([]string{e.names.Name}, e.names.Aliases...) {
		if cveRE.MatchString(n) && v.CVE == "" {
			v.CVE = n
		} else if !slices.ContainsFunc(v.IDs, func(x csaf.VulnerabilityID) bool { return x.Text == n }) && n != v.CVE {
			v.IDs = append(v.IDs, csaf.VulnerabilityID{SystemName: system(n), Text: n})
		}
	}
	text := cmp.Or(e.names.Description, "The vulnerability "+e.names.Name+".")
	v.Notes = []csaf.Note{{Category: "description", Text: text, Title: "Vulnerability description"}}
	flags, threats, fixes := map[string]int{}, map[string]int{}, map[string]int{}
	for _, id := range e.products {
		s := e.newest[id]
		switch s.Status {
		case NotAffected:
			v.ProductStatus.KnownNotAffected = append(v.ProductStatus.KnownNotAffected, id)
			if s.Justification != "" {
				i := slot(flags, s.Justification, &v.Flags, csaf.Flag{Label: s.Justification})
				v.Flags[i].ProductIDs = append(v.Flags[i].ProductIDs, id)
			}
			if s.ImpactStatement != "" {
				i := slot(threats, s.ImpactStatement, &v.Threats, csaf.Threat{Category: "impact", Details: s.ImpactStatement})
				v.Threats[i].ProductIDs = append(v.Threats[i].ProductIDs, id)
			}
		case Affected:
			v.ProductStatus.KnownAffected = append(v.ProductStatus.KnownAffected, id)
			key := s.ActionStatement + "\x00" + string(s.ActionTimestamp)
			i := slot(fixes, key, &v.Remediations, csaf.Remediation{Category: csaf.Mitigation, Details: s.ActionStatement, Date: s.ActionTimestamp})
			v.Remediations[i].ProductIDs = append(v.Remediations[i].ProductIDs, id)
		case Fixed:
			v.ProductStatus.Fixed = append(v.ProductStatus.Fixed, id)
		case UnderInvestigation:
			v.ProductStatus.UnderInvestigation = append(v.ProductStatus.UnderInvestigation, id)
		}
	}
	return v
}

// slot is the index of the item of a key, which is added when it is new.
func slot[T any](at map[string]int, key string, list *[]T, item T) int {
	i, ok := at[key]
	if !ok {
		i = len(*list)
		at[key] = i
		*list = append(*list, item)
	}
	return i
}

// system names the system of a vulnerability id by its beginning.
func system(id string) string {
	switch {
	case strings.HasPrefix(id, "GHSA-"):
		return "https://github.com/advisories"
	case strings.HasPrefix(id, "CVE-"):
		return "https://www.cve.org"
	}
	prefix, _, _ := strings.Cut(id, "-")
	return cmp.Or(prefix, "unknown")
}
