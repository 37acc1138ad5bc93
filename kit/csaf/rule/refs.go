package rule

import (
	"slices"
	"strconv"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// Where says what part of a document refers to products or groups.
type Where uint8

// The parts that refer to products or groups.
const (
	Nowhere        Where = iota
	OfDocumentNote       // document.notes, 2.1
	OfGroup              // product_tree.product_groups: its members
	OfRelationship       // product_reference and relates_to_product_reference, 2.0
	OfPath               // beginning_product_reference, 2.1
	OfSubpath            // next_product_reference, 2.1
	OfExploitation       // first_known_exploitation_dates, 2.1
	OfFlag               // flags
	OfID                 // ids, 2.1
	OfInvolvement        // involvements, 2.1
	OfScore              // scores of 2.0, metrics of 2.1
	OfNote               // notes of a vulnerability, 2.1
	OfStatus             // product_status
	OfRemediation        // remediations
	OfThreat             // threats
)

// Status is one of the lists of product_status.
type Status uint8

// The lists of product_status in the order of the document.
const (
	NoStatus Status = iota
	FirstAffected
	FirstFixed
	Fixed
	KnownAffected
	KnownNotAffected
	LastAffected
	Recommended
	UnderInvestigation
	StatusUnknown // "unknown" of 2.1
)

// Name is the list's name in the document.
func (s Status) Name() string {
	return [...]string{"", "first_affected", "first_fixed", "fixed", "known_affected", "known_not_affected",
		"last_affected", "recommended", "under_investigation", "unknown"}[s]
}

// Family is the group of contradicting lists that a list belongs to (3.2.3.9 of 2.0,
// 3.2.4.12 of 2.1).
type Family uint8

// The groups of lists that contradict each other. Recommended belongs to none.
const (
	NoFamily Family = iota
	Affected
	NotAffected
	FixedFamily
	Investigated
	UnknownFamily
)

// Family returns the list's group.
func (s Status) Family() Family {
	switch s {
	case FirstAffected, KnownAffected, LastAffected:
		return Affected
	case KnownNotAffected:
		return NotAffected
	case FirstFixed, Fixed:
		return FixedFamily
	case UnderInvestigation:
		return Investigated
	case StatusUnknown:
		return UnknownFamily
	}
	return NoFamily
}

// String names the group for messages.
func (f Family) String() string {
	return [...]string{"in no group", "affected", "not affected", "fixed", "under investigation", "unknown"}[f]
}

// Refs is one list of references to products or groups, or one single reference.
type Refs struct {
	Place
	Where         Where
	Status        Status // of OfStatus
	Vulnerability int    // index, -1 outside of vulnerabilities
	Item          int    // index in the list that Where names
	IDs           []string
	Numbers       []int32 // of product ids, see Env.Number
	single        bool
}

// At is the JSON pointer of the reference IDs[i].
func (r *Refs) At(i int) string {
	if r.single {
		return r.Pointer()
	}
	return r.Pointer() + "/" + strconv.Itoa(i)
}

// Group is one product group.
type Group struct {
	Place
	ID      string
	Members []string // product ids
}

// ProductRefs returns every list of references to product ids, in the order of the
// document's parts: notes, product tree, vulnerabilities.
func (e *Env) ProductRefs() []Refs {
	e.refs()
	return e.productRefs
}

// GroupRefs returns every list of references to product group ids.
func (e *Env) GroupRefs() []Refs {
	e.refs()
	return e.groupRefs
}

// Groups returns the product groups in the order of the document.
func (e *Env) Groups() []Group {
	if !e.groupsDone {
		e.groupsDone = true
		var list []csaf.ProductGroup
		switch {
		case e.doc20 != nil && e.doc20.ProductTree != nil:
			list = e.doc20.ProductTree.ProductGroups
		case e.doc21 != nil && e.doc21.ProductTree != nil:
			list = e.doc21.ProductTree.ProductGroups
		}
		e.groupByID = make(map[string]int32, len(list))
		for i, g := range list {
			e.groups = append(e.groups, Group{place("/product_tree/product_groups/%", i, 0, 0), g.GroupID, g.ProductIDs})
			if _, ok := e.groupByID[g.GroupID]; !ok {
				e.groupByID[g.GroupID] = int32(i)
			}
		}
	}
	return e.groups
}

// Group returns the first group with that id.
func (e *Env) Group(id string) (*Group, bool) {
	e.Groups()
	if i, ok := e.groupByID[id]; ok {
		return &e.groups[i], true
	}
	return nil, false
}

// Expand appends the products and the members of the groups to list; ids may repeat.
// Groups that are not defined have no members.
func (e *Env) Expand(list, products, groups []string) []string {
	list = append(list, products...)
	for _, id := range groups {
		if g, ok := e.Group(id); ok {
			list = append(list, g.Members...)
		}
	}
	return list
}

// refs makes the indexes of references.
func (e *Env) refs() {
	if e.refsDone {
		return
	}
	e.refsDone = true
	for i := range e.Groups() {
		e.productList(OfGroup, "/product_tree/product_groups/%/product_ids", -1, i, e.groups[i].Members)
	}
	if e.doc20 != nil {
		e.refs20(e.doc20)
	}
	if e.doc21 != nil {
		e.refs21(e.doc21)
	}
	e.numberAll()
}

// productList adds one list of product ids. Its pattern has a % for the vulnerability,
// if there is one, and one for the item.
func (e *Env) productList(w Where, pattern string, vulnerability, item int, ids []string) {
	if ids != nil {
		e.productRefs = append(e.productRefs, refsAt(w, pattern, vulnerability, item, ids))
	}
}

func refsAt(w Where, pattern string, vulnerability, item int, ids []string) Refs {
	r := Refs{Place: place(pattern, vulnerability, item, 0), Where: w, Vulnerability: vulnerability, Item: item, IDs: ids}
	if vulnerability < 0 {
		r.Place = place(pattern, item, 0, 0)
	}
	return r
}

// both adds the product ids and the group ids of one item.
func (e *Env) both(w Where, products, groups string, vulnerability, item int, productIDs, groupIDs []string) {
	e.productList(w, products, vulnerability, item, productIDs)
	if groupIDs != nil {
		e.groupRefs = append(e.groupRefs, refsAt(w, groups, vulnerability, item, groupIDs))
	}
}

// one adds a single reference of the product tree.
func (e *Env) one(w Where, at Place, item int, id string) {
	e.singles = append(e.singles, id)
	n := len(e.singles)
	e.productRefs = append(e.productRefs, Refs{Place: at, Where: w, Vulnerability: -1, Item: item, IDs: e.singles[n-1 : n : n], single: true})
}

// status adds one list of product_status.
func (e *Env) status(vulnerability int, s Status, ids []string) {
	if ids != nil {
		pattern := statusPatterns[s]
		e.productRefs = append(e.productRefs, Refs{Place: place(pattern, vulnerability, 0, 0), Where: OfStatus, Status: s, Vulnerability: vulnerability, IDs: ids})
	}
}

var statusPatterns = [...]string{
	FirstAffected:      "/vulnerabilities/%/product_status/first_affected",
	FirstFixed:         "/vulnerabilities/%/product_status/first_fixed",
	Fixed:              "/vulnerabilities/%/product_status/fixed",
	KnownAffected:      "/vulnerabilities/%/product_status/known_affected",
	KnownNotAffected:   "/vulnerabilities/%/product_status/known_not_affected",
	LastAffected:       "/vulnerabilities/%/product_status/last_affected",
	Recommended:        "/vulnerabilities/%/product_status/recommended",
	UnderInvestigation: "/vulnerabilities/%/product_status/under_investigation",
	StatusUnknown:      "/vulnerabilities/%/product_status/unknown",
}

func (e *Env) refs20(doc *csaf.Advisory) {
	e.productRefs = slices.Grow(e.productRefs, 4*len(doc.Vulnerabilities))
	if t := doc.ProductTree; t != nil {
		for i := range t.Relationships {
			r := &t.Relationships[i]
			e.one(OfRelationship, place("/product_tree/relationships/%/product_reference", i, 0, 0), i, r.ProductReference)
			e.one(OfRelationship, place("/product_tree/relationships/%/relates_to_product_reference", i, 0, 0), i, r.RelatesTo)
		}
	}
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		e.flags(i, v.Flags)
		if s := v.ProductStatus; s != nil {
			e.statuses(i, s.FirstAffected, s.FirstFixed, s.Fixed, s.KnownAffected, s.KnownNotAffected, s.LastAffected, s.Recommended, s.UnderInvestigation)
		}
		for j := range v.Remediations {
			r := &v.Remediations[j]
			e.both(OfRemediation, "/vulnerabilities/%/remediations/%/product_ids", "/vulnerabilities/%/remediations/%/group_ids", i, j, r.ProductIDs, r.GroupIDs)
		}
		for j := range v.Scores {
			e.productList(OfScore, "/vulnerabilities/%/scores/%/products", i, j, v.Scores[j].Products)
		}
		e.threats(i, v.Threats)
	}
}

func (e *Env) flags(vulnerability int, list []csaf.Flag) {
	for j := range list {
		f := &list[j]
		e.both(OfFlag, "/vulnerabilities/%/flags/%/product_ids", "/vulnerabilities/%/flags/%/group_ids", vulnerability, j, f.ProductIDs, f.GroupIDs)
	}
}

func (e *Env) threats(vulnerability int, list []csaf.Threat) {
	for j := range list {
		t := &list[j]
		e.both(OfThreat, "/vulnerabilities/%/threats/%/product_ids", "/vulnerabilities/%/threats/%/group_ids", vulnerability, j, t.ProductIDs, t.GroupIDs)
	}
}

// statuses adds the lists of a product_status, given in their order.
func (e *Env) statuses(vulnerability int, lists ...[]string) {
	for i, ids := range lists {
		e.status(vulnerability, Status(i+1), ids)
	}
}

func (e *Env) refs21(doc *csaf21.Advisory) {
	e.productRefs = slices.Grow(e.productRefs, 4*len(doc.Vulnerabilities))
	for i := range doc.Document.Notes {
		n := &doc.Document.Notes[i]
		e.both(OfDocumentNote, "/document/notes/%/product_ids", "/document/notes/%/group_ids", -1, i, n.ProductIDs, n.GroupIDs)
	}
	if t := doc.ProductTree; t != nil {
		for i := range t.ProductPaths {
			p := &t.ProductPaths[i]
			e.one(OfPath, place("/product_tree/product_paths/%/beginning_product_reference", i, 0, 0), i, p.Beginning)
			for j := range p.Subpaths {
				e.one(OfSubpath, place("/product_tree/product_paths/%/subpaths/%/next_product_reference", i, j, 0), i, p.Subpaths[j].Next)
			}
		}
	}
	for i := range doc.Vulnerabilities {
		e.vulnerability21(i, &doc.Vulnerabilities[i])
	}
}

func (e *Env) vulnerability21(i int, v *csaf21.Vulnerability) {
	for j := range v.FirstKnownExploitationDates {
		x := &v.FirstKnownExploitationDates[j]
		e.both(OfExploitation, "/vulnerabilities/%/first_known_exploitation_dates/%/product_ids", "/vulnerabilities/%/first_known_exploitation_dates/%/group_ids", i, j, x.ProductIDs, x.GroupIDs)
	}
	e.flags(i, v.Flags)
	for j := range v.IDs {
		x := &v.IDs[j]
		e.both(OfID, "/vulnerabilities/%/ids/%/product_ids", "/vulnerabilities/%/ids/%/group_ids", i, j, x.ProductIDs, x.GroupIDs)
	}
	for j := range v.Involvements {
		x := &v.Involvements[j]
		e.both(OfInvolvement, "/vulnerabilities/%/involvements/%/product_ids", "/vulnerabilities/%/involvements/%/group_ids", i, j, x.ProductIDs, x.GroupIDs)
	}
	for j := range v.Metrics {
		e.productList(OfScore, "/vulnerabilities/%/metrics/%/products", i, j, v.Metrics[j].Products)
	}
	for j := range v.Notes {
		x := &v.Notes[j]
		e.both(OfNote, "/vulnerabilities/%/notes/%/product_ids", "/vulnerabilities/%/notes/%/group_ids", i, j, x.ProductIDs, x.GroupIDs)
	}
	if s := v.ProductStatus; s != nil {
		e.statuses(i, s.FirstAffected, s.FirstFixed, s.Fixed, s.KnownAffected, s.KnownNotAffected, s.LastAffected, s.Recommended, s.UnderInvestigation, s.Unknown)
	}
	for j := range v.Remediations {
		r := &v.Remediations[j]
		e.both(OfRemediation, "/vulnerabilities/%/remediations/%/product_ids", "/vulnerabilities/%/remediations/%/group_ids", i, j, r.ProductIDs, r.GroupIDs)
	}
	e.threats(i, v.Threats)
}
