// Package csaf21 makes a CSAF 2.1 document: the 2.0 document of package record converted
// after clause 18 of the standard, and then given what 2.1 has room for and 2.0 has not:
// all weaknesses, the CVSS 4.0 score, the profiles of withdrawn and superseded documents.
package csaf21

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/convert"
	format "github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/translation"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cwe"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Make returns the document's bytes. It fails with fault.Invalid when a person has to
// decide something before the document can be one of 2.1, and when it would break the
// schema or a mandatory test, naming the first breach.
func Make(in record.Input) ([]byte, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return nil, err
	}
	// The converter keeps the products of the score; withdrawn and superseded documents have no more.
	result := convert.Convert(doc, nil, convert.Options{QuietPublisher: true, Now: in.Current, Invalid: true})
	if in.Content.Source == nil {
		add(in, result.Document, doc)
	}
	raw, err := result.Write()
	if err != nil || in.Loose {
		return raw, err
	}
	v := validate.Validator{Now: in.Current}
	report, err := v.Check(context.Background(), raw, validate.Request{Presets: []string{"basic"}})
	if err != nil {
		return nil, err
	}
	if !report.Valid() {
		f := report.Findings()[0]
		return nil, fault.New(fault.Invalid, "advisory.emit.broken", "format", "CSAF 2.1", "problem", f.Test+" "+f.Pointer+" "+f.Message)
	}
	return raw, nil
}

// add gives the document what the conversion cannot know.
func add(in record.Input, out *format.Advisory, doc *csaf.Advisory) {
	if in.Content.Retired() {
		category, reasoning := "csaf_withdrawn", translation.ReasoningForWithdrawal
		if in.Content.Superseded != nil {
			category, reasoning = "csaf_superseded", translation.ReasoningForSupersession
		}
		retire(out, category, reasoning)
		return
	}
	if len(out.Vulnerabilities) == 0 {
		return
	}
	if out.ProductTree != nil {
		allVersions(out.ProductTree.Branches)
	}
	v, r := &out.Vulnerabilities[0], in.Content.Record
	// What 2.0 could only say in notes is data now.
	v.Notes = slices.DeleteFunc(v.Notes, func(n format.Note) bool {
		return n.Category == "other" && (n.Title == in.Texts.T("advisory.doc.weakness") || n.Title == "CVSS v4.0")
	})
	v.Remediations = consistent(v.Remediations)
	v.CWEs = weaknesses(r, in.Current)
	if s, err := severity.Parse40(r.CVSS40); err == nil {
		if products := doc.Vulnerabilities[0].ProductStatus.KnownAffected; len(products) > 0 {
			score(v, products, &format.CVSSv4{Version: "4.0", VectorString: r.CVSS40, BaseScore: s.Score, BaseSeverity: strings.ToUpper(string(s.Rating))})
		}
	}
}

// allVersions writes "all versions" as 2.1 wants it, whatever the type (6.1.50).
func allVersions(list []format.Branch) {
	for i := range list {
		if b := &list[i]; b.Category == csaf.BranchVersionRange && strings.HasPrefix(b.Name, "vers:") && strings.HasSuffix(b.Name, "/*") {
			b.Name = "vers:all/*"
		}
		allVersions(list[i].Branches)
	}
}

// score joins the CVSS 4.0 score with that of 3.1: they are of the same products.
func score(v *format.Vulnerability, products []string, s *format.CVSSv4) {
	if len(v.Metrics) > 0 {
		v.Metrics[0].Content.CVSSv4 = s
		return
	}
	v.Metrics = []format.Metric{{Content: format.Content{CVSSv4: s}, Products: products}}
}

// consistent takes products out of "none available" for which there is a workaround: 2.0
// says both, 2.1 holds that for a contradiction (6.1.35).
func consistent(list []format.Remediation) []format.Remediation {
	helped := map[string]bool{}
	for _, r := range list {
		if r.Category == csaf.Workaround {
			for _, id := range r.ProductIDs {
				helped[id] = true
			}
		}
	}
	var out []format.Remediation
	for _, r := range list {
		if r.Category == csaf.NoneAvailable {
			r.ProductIDs = slices.DeleteFunc(slices.Clone(r.ProductIDs), func(id string) bool { return helped[id] })
			if len(r.ProductIDs) == 0 {
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// weaknesses are all of the record, in the newest version of CWE on that day that has
// them, else in the newest that is known.
func weaknesses(r record.Record, day time.Time) []format.CWE {
	var out []format.CWE
	for _, w := range r.CWE {
		version := cwe.NewestOn(day)
		found, ok := cwe.FindIn(version, w.ID)
		if !ok {
			version = cwe.Newest()
			if found, ok = cwe.FindIn(version, w.ID); !ok {
				continue
			}
		}
		out = append(out, format.CWE{ID: w.ID, Name: found.Name, Version: version})
	}
	return out
}

// retire gives the document the profile of CSAF 2.1, 4.7 or 4.8, when the standard lets it:
// it was there before, and there is a title for the reason in its language.
func retire(out *format.Advisory, category string, reasoning translation.Term) {
	title, ok := translation.Of(out.Document.Lang, reasoning)
	if !ok || len(out.Document.Tracking.RevisionHistory) < 2 {
		return
	}
	out.Document.Category = category
	for i := range out.Document.Notes {
		if out.Document.Notes[i].Category == "description" {
			out.Document.Notes[i].Title = title
		}
	}
}
