package record

import (
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// FromDocument reads a document into the record as far as the record can hold it, and
// names what it cannot.
func FromDocument(doc *csaf.Advisory) (Record, []string) {
	d := doc.Document
	r := Record{Title: d.Title, TLP: csaf.White, Lang: "en"}
	if d.Distribution != nil && d.Distribution.TLP != nil {
		r.TLP = d.Distribution.TLP.Label
	}
	if d.Lang != "" {
		r.Lang = strings.ToLower(d.Lang[:min(2, len(d.Lang))])
	}
	var lost []string
	for _, n := range d.Notes {
		switch {
		case n.Category == "summary" && r.Summary == "":
			r.Summary = n.Text
		case n.Category == "details" && r.Details == "":
			r.Details = n.Text
		case n.Category == "description" && r.Summary == "":
			r.Summary = n.Text
		default:
			lost = append(lost, "/document/notes: "+n.Category+" "+n.Title)
		}
	}
	for _, x := range d.References {
		if x.Category != "self" {
			r.References = append(r.References, Reference{URL: x.URL, Text: x.Summary})
		}
	}
	for _, a := range d.Acknowledgments {
		names := a.Names
		if len(names) == 0 {
			names = []string{""}
		}
		for _, n := range names {
			r.Credits = append(r.Credits, Credit{Name: n, Organization: a.Organization, For: a.Summary})
		}
	}
	if len(doc.Vulnerabilities) > 1 {
		lost = append(lost, "/vulnerabilities: "+strconv.Itoa(len(doc.Vulnerabilities))+", the record holds one")
	}
	if len(doc.Vulnerabilities) > 0 {
		fromVulnerability(&r, doc.Vulnerabilities[0], doc.ProductTree)
	}
	return r, lost
}

func fromVulnerability(r *Record, v csaf.Vulnerability, tree *csaf.ProductTree) {
	r.CVE = v.CVE
	if v.CWE != nil {
		r.CWE = []Weakness{{v.CWE.ID, v.CWE.Name}}
	}
	for _, s := range v.Scores {
		if s.CVSSv3 != nil && s.CVSSv3.Version == "3.1" && r.CVSS31 == "" {
			r.CVSS31 = s.CVSSv3.VectorString
		}
	}
	for _, n := range v.Notes {
		if r.Impact == "" {
			r.Impact = n.Text
		}
	}
	for _, x := range v.Remediations {
		if (x.Category == csaf.Workaround || x.Category == csaf.Mitigation) && r.Workarounds == "" {
			r.Workarounds = x.Details
		}
	}
	names := map[string]string{}
	tree.Products(func(_ string, p *csaf.FullProductName) { names[p.ProductID] = p.Name })
	if v.ProductStatus == nil {
		return
	}
	// Product names go in as they are; the person who corrects splits them.
	for _, id := range v.ProductStatus.KnownAffected {
		r.Branches = append(r.Branches, Branch{Product: names[id], Status: Affected})
	}
}

// Summary is the text that lists and feeds show of a document.
func Summary(doc *csaf.Advisory) string {
	for _, want := range []string{"summary", "description", "general", "details"} {
		for _, n := range doc.Document.Notes {
			if n.Category == want {
				return clip(n.Text)
			}
		}
	}
	return ""
}

// clip shortens a summary for lists, at a word.
func clip(s string) string {
	const longest = 400
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= longest {
		return s
	}
	s = strings.ToValidUTF8(s[:longest], "")
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s + " …"
}

// Rating is the word for the worst CVSS 3 score of a document, else its own word.
func Rating(doc *csaf.Advisory) string {
	worst := -1.0
	for _, v := range doc.Vulnerabilities {
		for _, s := range v.Scores {
			if s.CVSSv3 != nil {
				worst = max(worst, s.CVSSv3.BaseScore)
			}
		}
	}
	if worst >= 0 {
		return strings.ToLower(csaf.Severity(worst))
	}
	if a := doc.Document.AggregateSeverity; a != nil {
		return strings.ToLower(a.Text)
	}
	return ""
}

// CVEs are the CVE ids of a document.
func CVEs(doc *csaf.Advisory) []string {
	var out []string
	for _, v := range doc.Vulnerabilities {
		if v.CVE != "" {
			out = append(out, v.CVE)
		}
	}
	return out
}
