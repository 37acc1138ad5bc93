// Package csafvex makes a CSAF 2.0 document of the profile VEX (4.5): what the advisory says
// of each product, without scores, history of the flaw and acknowledgments.
//
// Its id is that of the advisory and "-VEX", since two documents of a publisher never
// share one; it refers to the advisory.
package csafvex

import (
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
)

// Make returns the document's bytes. It fails with fault.Invalid when the advisory is
// withdrawn or says nothing of any product, and when the document would break the schema
// or a mandatory test.
func Make(in record.Input) ([]byte, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return nil, err
	}
	if len(doc.Vulnerabilities) == 0 || doc.ProductTree == nil {
		return nil, fault.New(fault.Invalid, "advisory.emit.no_products", "format", "CSAF VEX")
	}
	out := vex(doc)
	raw, err := csaf.Write(out)
	if err != nil || in.Loose {
		return raw, err
	}
	if _, problems := csaf.ReadAdvisory(raw, csaf.Limits{}); problems.Fatal() {
		return nil, broken(problems[0].String())
	}
	if found := mandatory.Check(out); len(found) > 0 {
		return nil, broken(found[0].Test + " " + found[0].Pointer + " " + found[0].Message)
	}
	return raw, nil
}

func broken(problem string) error {
	return fault.New(fault.Invalid, "advisory.emit.broken", "format", "CSAF VEX", "problem", problem)
}

func vex(doc *csaf.Advisory) *csaf.Advisory {
	out := *doc
	d := doc.Document
	d.Category, d.Acknowledgments, d.AggregateSeverity = "csaf_vex", nil, nil
	id := d.Tracking.ID
	d.Tracking.ID, d.Tracking.Aliases = id+"-VEX", nil
	d.References = nil
	for _, r := range doc.Document.References {
		if r.Category == "self" {
			r.Category = "external"
		}
		d.References = append(d.References, r)
	}
	out.Document, out.Vulnerabilities = d, nil
	for _, v := range doc.Vulnerabilities {
		v.Scores, v.Acknowledgments = nil, nil
		if v.CVE == "" && len(v.IDs) == 0 {
			// 4.5 wants an id; the advisory's number is the one there is.
			v.IDs = []csaf.VulnerabilityID{{SystemName: d.Publisher.Name, Text: id}}
		}
		if s := v.ProductStatus; s != nil {
			// first_fixed is not a status of VEX; the same products are fixed as well.
			status := *s
			status.FirstFixed = nil
			v.ProductStatus = &status
		}
		out.Vulnerabilities = append(out.Vulnerabilities, v)
	}
	return &out
}
