package record

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/rvisc"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Input is what a CSAF document is made from.
type Input struct {
	Content Content
	Number  string
	Project people.Project
	Site    string          // base URL, no slash at its end
	History []csaf.Revision // of what is published already
	Initial time.Time       // first publication; Current for a new one
	Current time.Time
	Texts   pubtree.Texts
	// CNA is the organisation under which the project publishes CVE records, empty for a
	// project that is no CNA.
	CNA CNA
	// Successor is what replaces a superseded advisory when it is one of this site.
	Successor *Successor
	// Loose leaves the checks out: a preview of what is not finished.
	Loose bool
}

// CNA is an organisation of the CVE programme, from the project's settings.
type CNA struct {
	OrgID     string // UUID
	ShortName string
}

// Document makes the CSAF 2.0 document. An imported one is what it was. It fails
// with fault.Invalid when the document would break the schema or a mandatory test
// of the standard, naming the first breach: nothing like that is ever signed.
func Document(in Input) (*csaf.Advisory, []byte, error) {
	var doc *csaf.Advisory
	switch {
	case in.Content.Source != nil:
		d, problems := csaf.ReadAdvisory(in.Content.Source, csaf.Limits{})
		if problems.Fatal() {
			return nil, nil, fmt.Errorf("read the imported document: %w", problems)
		}
		doc = d
	case in.Content.Withdrawn != "":
		doc = in.withdrawn()
	case in.Content.Superseded != nil:
		doc = in.superseded()
	default:
		doc = in.document()
	}
	raw, err := csaf.Write(doc)
	if err != nil || in.Loose || bytes.Equal(raw, in.Content.Source) {
		return doc, raw, err // what was read is what is written
	}
	if _, problems := csaf.ReadAdvisory(raw, csaf.Limits{}); problems.Fatal() {
		return nil, nil, fault.New(fault.Invalid, "advisory.fault.schema", "problem", problems[0].String())
	}
	if in.Content.Source == nil {
		if found := mandatory.Check(doc); len(found) > 0 {
			return nil, nil, fault.New(fault.Invalid, "advisory.fault.schema", "problem", found[0].Test+" "+found[0].Pointer+" "+found[0].Message)
		}
	}
	return doc, raw, nil
}

// frame is what every document of ours has.
func (in Input) frame(category, title string) *csaf.Advisory {
	r := in.Content.Record
	version := nextVersion(in.History)
	history := append(append([]csaf.Revision(nil), in.History...), csaf.Revision{Date: csaf.At(in.Current), Number: version, Summary: in.Content.Change})
	file := pubtree.Name(in.Number)
	tree := pubtree.Paths{Slug: in.Project.Slug}
	doc := &csaf.Advisory{Document: csaf.Document{
		Category:     category,
		CSAFVersion:  csaf.Version20,
		Lang:         r.Lang,
		Title:        title,
		Publisher:    pubtree.Publisher(in.Project, in.Site),
		Distribution: &csaf.Distribution{TLP: &csaf.TLP{Label: string(r.Level()), URL: "https://www.first.org/tlp/"}},
		References: []csaf.Reference{
			{Category: "self", Summary: in.Texts.T("advisory.doc.self"), URL: in.Site + "/" + tree.Document(r.Level(), in.Initial.UTC().Year(), file)},
		},
		Tracking: csaf.Tracking{
			ID: in.Number, Version: version, Status: csaf.Final, RevisionHistory: history,
			InitialReleaseDate: csaf.At(in.Initial), CurrentReleaseDate: csaf.At(in.Current),
			Generator: &csaf.Generator{Engine: csaf.Engine{Name: "Tocsin"}},
		},
	}}
	if r.Level().Free() { // others have no page
		doc.Document.References = append(doc.Document.References, csaf.Reference{Category: "self", Summary: in.Texts.T("advisory.doc.page"), URL: in.Site + "/" + tree.Page(file)})
	}
	if r.CVE != "" {
		doc.Document.Tracking.Aliases = []string{r.CVE}
	}
	return doc
}

// withdrawn makes the document that replaces a withdrawn one: title and reason, no
// statement about any product. CSAF 2.0 has no profile for it; this is the shape that
// 2.1 gave to csaf_withdrawn.
func (in Input) withdrawn() *csaf.Advisory {
	doc := in.frame("csaf_base", in.Texts.T("advisory.doc.withdrawn_title", "title", in.Content.Record.Title))
	doc.Document.Notes = []csaf.Note{{Category: "description", Title: in.Texts.T("advisory.doc.withdrawn"), Text: in.Content.Withdrawn}}
	return doc
}

// document makes a csaf_security_advisory (profile 4.4) of the record.
func (in Input) document() *csaf.Advisory {
	r := in.Content.Record
	doc := in.frame("csaf_security_advisory", r.Title)
	d := &doc.Document
	d.Notes = []csaf.Note{{Category: "summary", Title: in.Texts.T("advisory.doc.summary"), Text: r.Summary}}
	note := func(category, key, text string) {
		if strings.TrimSpace(text) != "" {
			d.Notes = append(d.Notes, csaf.Note{Category: category, Title: in.Texts.T(key), Text: text})
		}
	}
	note("details", "advisory.doc.details", r.Details)
	note("other", "advisory.doc.timeline", r.timeline())
	d.Acknowledgments = r.acknowledgments()
	for _, x := range r.References {
		d.References = append(d.References, csaf.Reference{Category: "external", Summary: x.Text, URL: x.URL})
	}
	vuln, tree := in.vulnerability()
	doc.ProductTree, doc.Vulnerabilities = tree, []csaf.Vulnerability{vuln}
	if s := r.Rating(); s != "" {
		d.AggregateSeverity = &csaf.AggregateSeverity{Text: s}
	}
	return doc
}

// Rating is the worse of the two ratings in one word, "" without a valid vector.
func (r Record) Rating() string {
	worst := -1.0
	for _, vector := range []string{r.CVSS31, r.CVSS40} {
		if s, err := severity.Parse(vector); err == nil {
			worst = max(worst, s.Score)
		}
	}
	if worst < 0 {
		return ""
	}
	return string(severity.Rate(worst))
}

func (r Record) timeline() string {
	lines := make([]string, len(r.Timeline))
	for i, m := range r.Timeline {
		lines[i] = m.At.UTC().Format("2006-01-02 15:04 MST") + ": " + m.Text
	}
	return strings.Join(lines, "\n")
}

func (r Record) acknowledgments() []csaf.Acknowledgment {
	var out []csaf.Acknowledgment
	for _, c := range r.Credits {
		a := csaf.Acknowledgment{Organization: c.Organization, Summary: c.For}
		if c.Name != "" {
			a.Names = []string{c.Name}
		}
		out = append(out, a)
	}
	return out
}

// vulnerability makes the one vulnerability and the product tree it speaks of.
func (in Input) vulnerability() (csaf.Vulnerability, *csaf.ProductTree) {
	r := in.Content.Record
	v := csaf.Vulnerability{CVE: r.CVE, Title: r.Title}
	if len(r.CWE) > 0 {
		// CSAF 2.0 has room for one weakness; the others go into a note.
		v.CWE = &csaf.CWE{ID: r.CWE[0].ID, Name: r.CWE[0].name()}
	}
	v.Notes = []csaf.Note{{Category: "description", Title: in.Texts.T("advisory.doc.impact"), Text: r.Impact}}
	for _, w := range r.CWE[min(1, len(r.CWE)):] {
		v.Notes = append(v.Notes, csaf.Note{Category: "other", Title: in.Texts.T("advisory.doc.weakness"), Text: w.ID + ": " + w.name()})
	}
	if s, err := severity.Parse40(r.CVSS40); err == nil {
		// CSAF 2.0 has no place for CVSS 4.0; a note is what others read.
		v.Notes = append(v.Notes, csaf.Note{Category: "other", Title: "CVSS v4.0", Text: fmt.Sprintf("%.1f %s %s", s.Score, s.Rating, s.Vector)})
	}
	if r.AssignedBy != "" {
		v.Notes = append(v.Notes, csaf.Note{Category: "other", Title: in.Texts.T("advisory.doc.assigned_by"), Text: r.AssignedBy})
	}
	for _, id := range r.Aliases {
		v.IDs = append(v.IDs, csaf.VulnerabilityID{SystemName: System(id), Text: id})
	}
	b := products{vendor: in.Project.Name, texts: in.Texts, vuln: &v}
	for _, x := range r.Branches {
		b.add(x)
	}
	b.finish(r)
	return v, b.tree.Tree()
}

func (w Weakness) name() string {
	if w.Name != "" {
		return w.Name
	}
	return CWEName(w.ID)
}

// System names the system of an id, as the CSAF registry of such systems (RVISC) does where
// the id is of one of them.
func System(id string) string {
	for _, s := range rvisc.Systems() {
		if s.Match(id) {
			return s.Name
		}
	}
	prefix, _, _ := strings.Cut(id, "-")
	return prefix
}

// products collects what the branches say into tree, status, remediations and flags.
type products struct {
	vendor   string
	texts    pubtree.Texts
	vuln     *csaf.Vulnerability
	tree     csaf.Builder
	status   csaf.ProductStatus
	affected []string
}

func (p *products) leaf(b Branch, version string, isRange bool) string {
	t := csaf.TreeProduct{Vendor: p.vendor, Product: b.Product, Branch: b.Name, Version: version, Range: isRange, PURL: b.Purl, CPE: b.CPE}
	if u, err := purl.Parse(b.Purl); err == nil && !isRange {
		t.PURL = u.Versioned(version)
	}
	if !isRange {
		t.CPE = CPEOf(b.CPE, version)
	}
	return p.tree.Add(t)
}

// Vers is a text with bounds in the notation of version ranges, as the leaves of the product
// tree have it.
func (b Branch) Vers(versions string) string {
	list, _, ok := ParseVersions(versions)
	kind := b.Type()
	if !ok {
		kind = "generic"
	}
	list = Ordered(list, kind)
	// A fixed version is never affected, even when the affected ones were written without
	// an end.
	if b.Status == Fixed && isVersion(b.Fixed) {
		if runs := Intervals(list); runs[len(runs)-1].To == "" && ok {
			list = append(list, Constraint{"<", b.Fixed})
		}
	}
	return inVers(list, kind)
}

// leaves adds the leaves of the versions in the words of the record.
func (p *products) leaves(b Branch, versions string) []string {
	list, bounds, ok := ParseVersions(versions)
	if bounds || !ok {
		return []string{p.leaf(b, b.Vers(versions), true)}
	}
	var ids []string
	for _, c := range list {
		ids = append(ids, p.leaf(b, c.Version, false))
	}
	return ids
}

func (p *products) add(b Branch) {
	switch b.Status {
	case Affected, Fixed:
		ids := p.leaves(b, b.Affected)
		p.affected = append(p.affected, ids...)
		p.status.KnownAffected = append(p.status.KnownAffected, ids...)
		p.remedy(b, ids)
	case NotAffected:
		ids := p.leaves(b, b.Covers)
		p.status.KnownNotAffected = append(p.status.KnownNotAffected, ids...)
		p.vuln.Flags = append(p.vuln.Flags, csaf.Flag{Label: b.Justification, ProductIDs: ids})
	case Investigating:
		p.status.UnderInvestigation = append(p.status.UnderInvestigation, p.leaves(b, b.Covers)...)
	}
}

// remedy says what to do about the affected versions of a branch.
func (p *products) remedy(b Branch, ids []string) {
	if b.Status == Fixed {
		fixed := p.leaf(b, b.Fixed, false)
		p.status.FirstFixed = append(p.status.FirstFixed, fixed)
		p.status.Fixed = append(p.status.Fixed, fixed)
		p.vuln.Remediations = append(p.vuln.Remediations, csaf.Remediation{Category: csaf.VendorFix,
			Details: p.texts.T("advisory.doc.fix", "version", b.Fixed, "branch", b.Label()), ProductIDs: ids, URL: b.FixURL})
		return
	}
	p.vuln.Remediations = append(p.vuln.Remediations, csaf.Remediation{Category: csaf.NoneAvailable,
		Details: p.texts.T("advisory.doc.no_fix", "branch", b.Label()), ProductIDs: ids})
}

// finish adds what is about all affected products together.
func (p *products) finish(r Record) {
	if w := strings.TrimSpace(r.Workarounds); w != "" && len(p.affected) > 0 {
		p.vuln.Remediations = append(p.vuln.Remediations, csaf.Remediation{Category: csaf.Workaround, Details: w, ProductIDs: p.affected})
	}
	if s, err := severity.Parse31(r.CVSS31); err == nil && len(p.affected) > 0 {
		p.vuln.Scores = []csaf.Score{{Products: p.affected, CVSSv3: &csaf.CVSSv3{Version: "3.1", VectorString: r.CVSS31,
			BaseScore: s.Base, BaseSeverity: csaf.Severity(s.Base)}}}
	}
	status := p.status
	p.vuln.ProductStatus = &status
}

// nextVersion counts on from the history: integers by one, semantic versions by
// one minor version. A new document begins with 1.
func nextVersion(history []csaf.Revision) string {
	if len(history) == 0 {
		return "1"
	}
	last := Newest(history).Number
	major, rest, semantic := strings.Cut(last, ".")
	if !semantic {
		n, err := strconv.Atoi(major)
		if err != nil {
			return last + "0"
		}
		return strconv.Itoa(n + 1)
	}
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	if err != nil {
		n = 0
	}
	return major + "." + strconv.Itoa(n+1) + ".0"
}

// Newest returns the revision with the latest date, the last of equals.
func Newest(history []csaf.Revision) csaf.Revision {
	var out csaf.Revision
	var at time.Time
	for _, r := range history {
		if t, err := r.Date.Time(); err == nil && !t.Before(at) {
			out, at = r, t
		}
	}
	return out
}
