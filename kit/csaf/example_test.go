package csaf_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/test20/mandatory"
)

// Every problem of a foreign document is named with its place.
func ExampleReadAdvisory() {
	_, problems := csaf.ReadAdvisory([]byte(`{
  "document": {
    "category": "csaf_base",
    "csaf_version": "2.1",
    "title": ""
  }
}`), csaf.Limits{})
	for _, p := range problems {
		if p.Code == csaf.Value {
			fmt.Println(p)
		}
	}
	// Output:
	// 4:21 /document/csaf_version: "2.1" is none of 2.0
	// 5:14 /document/title: an empty string
}

// A document is built from plain values, checked and written.
func ExampleWrite() {
	var tree csaf.Builder
	affected := tree.Add(csaf.TreeProduct{Vendor: "Lanterna", Product: "lanternd", Version: "vers:generic/<2.4.7", Range: true})
	fixed := tree.Add(csaf.TreeProduct{Vendor: "Lanterna", Product: "lanternd", Version: "2.4.7", PURL: "pkg:generic/lanternd@2.4.7"})
	date := csaf.Date("2026-03-16T14:00:00Z")
	doc := &csaf.Advisory{
		Document: csaf.Document{
			Category: "csaf_security_advisory", CSAFVersion: csaf.Version20, Title: "Heap overflow in the lamp parser",
			Publisher: csaf.Publisher{Category: "vendor", Name: "Lanterna", Namespace: "https://lanterna.example"},
			Tracking: csaf.Tracking{ID: "LAN-2026-0001", Status: csaf.Final, Version: "1", InitialReleaseDate: date, CurrentReleaseDate: date,
				RevisionHistory: []csaf.Revision{{Date: date, Number: "1", Summary: "Initial version."}}},
		},
		ProductTree: tree.Tree(),
		Vulnerabilities: []csaf.Vulnerability{{
			Notes:         []csaf.Note{{Category: "description", Text: "A crafted lamp file writes past a buffer."}},
			ProductStatus: &csaf.ProductStatus{KnownAffected: []string{affected}, Fixed: []string{fixed}},
		}},
	}
	raw, err := csaf.Write(doc)
	if err != nil {
		panic(err)
	}
	_, problems := csaf.ReadAdvisory(raw, csaf.Limits{})
	fmt.Println(csaf.Filename(doc.Document.Tracking.ID), len(problems), len(mandatory.Check(doc)))
	// Output: lan-2026-0001.json 0 0
}
