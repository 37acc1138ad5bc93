package csaf21_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// Every problem of a foreign document is named with its place.
func ExampleReadAdvisory() {
	_, problems := csaf21.ReadAdvisory([]byte(`{
  "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
  "document": {
    "category": "csaf_base",
    "csaf_version": "2.1",
    "distribution": {"tlp": {"label": "WHITE"}},
    "publisher": {"category": "vendor", "name": "Lanterna", "namespace": "https://lanterna.example", "motto": "light"},
    "title": "Heap overflow in the lamp parser"
  }
}`), csaf.Limits{})
	for _, p := range problems {
		fmt.Println(p.Code, p)
	}
	// Output:
	// missing 3:15 /document/tracking: the member "tracking" is missing
	// value 6:39 /document/distribution/tlp/label: "WHITE" is none of AMBER, AMBER+STRICT, CLEAR, GREEN, RED
	// forbidden 7:102 /document/publisher/motto: the standard does not know this member and forbids it
}

// A document is built from plain values and written.
func ExampleWrite() {
	var tree csaf21.Builder
	affected := tree.Add(csaf.TreeProduct{Vendor: "Lanterna", Product: "lanternd", Version: "2.4.6", PURL: "pkg:generic/lanternd@2.4.6"})
	date := csaf21.Date("2026-03-16T14:00:00Z")
	doc := &csaf21.Advisory{
		Schema: csaf21.SchemaURL,
		Document: csaf21.Document{
			Category: "csaf_security_advisory", CSAFVersion: csaf21.Version, Title: "Heap overflow in the lamp parser",
			Distribution: &csaf21.Distribution{TLP: &csaf21.TLP{Label: csaf21.Clear}},
			Publisher:    csaf21.Publisher{Category: "vendor", Name: "Lanterna", Namespace: "https://lanterna.example"},
			Tracking: csaf21.Tracking{ID: "LAN-2026-0001", Status: csaf.Final, Version: "1", InitialReleaseDate: date, CurrentReleaseDate: date,
				RevisionHistory: []csaf21.Revision{{Date: date, Number: "1", Summary: "Initial version."}}},
		},
		ProductTree: tree.Tree(),
		Vulnerabilities: []csaf21.Vulnerability{{
			CWEs:  []csaf21.CWE{{ID: "CWE-122", Name: "Heap-based Buffer Overflow", Version: "4.13"}},
			Notes: []csaf21.Note{{Category: "description", Text: "A crafted lamp file writes past a buffer."}},
			Metrics: []csaf21.Metric{{Products: []string{affected}, Content: csaf21.Content{CVSSv4: &csaf21.CVSSv4{
				Version: "4.0", VectorString: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", BaseScore: 8.6, BaseSeverity: "HIGH"}}}},
			ProductStatus: &csaf21.ProductStatus{KnownAffected: []string{affected}},
		}},
	}
	raw, err := csaf21.Write(doc)
	if err != nil {
		panic(err)
	}
	_, problems := csaf21.ReadAdvisory(raw, csaf.Limits{})
	fmt.Println(csaf.Filename(doc.Document.Tracking.ID), len(problems))
	// Output: lan-2026-0001.json 0
}
