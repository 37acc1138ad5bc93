package vex_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/vex"
)

const document = `{
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.com/vex/2024-1",
  "author": "Example Project",
  "timestamp": "2024-05-01T10:00:00Z",
  "version": 1,
  "statements": [
    {
      "vulnerability": {"name": "CVE-2024-1234"},
      "products": [{"@id": "pkg:npm/lantern@1.0.0"}],
      "status": "not_affected",
      "impact_statement": "The parser is not built in."
    }
  ]
}`

// Reading and checking a document.
func Example() {
	doc, problems := vex.Read([]byte(document), strictjson.Limits{})
	if problems.Fatal() {
		fmt.Println(problems)
		return
	}
	for _, f := range vex.Lint(doc) {
		fmt.Println(f)
	}
	// Output:
	// warning VEX-04 /statements/0: an impact_statement alone cannot be read by machines
}

// What is wrong is named with its place.
func ExampleRead() {
	_, problems := vex.Read([]byte(`{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/1", "author": "A", "timestamp": "today", "version": 1,
  "statements": [{"vulnerability": {"name": "V"}, "status": "affected"}]}`), strictjson.Limits{})
	for _, p := range problems {
		fmt.Println(p.Line, p.Pointer)
	}
	// Output:
	// 1 /timestamp
	// 2 /statements/0
}

// Writing statements as a CSAF document of the profile VEX.
func ExampleToCSAF() {
	doc, _ := vex.Read([]byte(document), strictjson.Limits{})
	advisory, err := vex.ToCSAF(doc, vex.Envelope{
		ID: "EX-2024-1", Title: "Is Lantern affected by CVE-2024-1234?",
		Publisher: csaf.Publisher{Category: "vendor", Name: "Example Project", Namespace: "https://example.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	v := advisory.Vulnerabilities[0]
	fmt.Println(advisory.Document.Category, v.CVE, v.ProductStatus.KnownNotAffected, v.Threats[0].Details)
	// Output:
	// csaf_vex CVE-2024-1234 [CSAFPID-1] The parser is not built in.
}

// Reading the statements out of a CSAF document.
func ExampleFromCSAF() {
	doc, _ := vex.Read([]byte(document), strictjson.Limits{})
	advisory, _ := vex.ToCSAF(doc, vex.Envelope{})
	for _, s := range vex.FromCSAF(advisory).Statements {
		fmt.Println(s.Vulnerability.Name, s.Status, s.Products[0].ID)
	}
	// Output:
	// CVE-2024-1234 not_affected pkg:npm/lantern@1.0.0
}
