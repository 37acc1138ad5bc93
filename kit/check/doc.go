// Package check finds out what a security document is, reads it with the strict reader
// of its format, runs the tests or the linter of that format, and gives one report.
//
//	report, err := (&check.Checker{}).Check(ctx, data, check.Request{})
//	if err != nil {
//		return err // the request names a preset or test that no format has
//	}
//	for _, f := range report.Findings {
//		fmt.Printf("%d:%d %s %s %s: %s\n", f.Line, f.Column, f.Severity, f.Rule, f.Pointer, f.Message)
//	}
//	if !report.Valid() { ... }
//
// # Formats
//
// Known are advisories, provider metadata, aggregators and ROLIE documents of CSAF 2.0
// and 2.1 (tests of section 6 for advisories, the JSON schemas for the others), OSV
// records (schema and the rules of osv-linter and ours), CVE records 5.x and CNA
// containers (schema and the rules of cvelint), and OpenVEX documents. Detect says what
// a document is; Request.Format decides instead where somebody knows better.
//
// What is none of them is named as what it is: an HTML page, a compressed file, a
// document of another format, a text that is no JSON. A byte order mark or UTF-16 is
// an error, and the document is checked all the same. A document that ends too early
// is recognised by its beginning.
//
// # Rules
//
// Findings have the number of the test or rule that they break, as its standard or
// linter gives it: "6.1.27.4", "REC:101", "E005", "VEX-03". Breaches of a JSON schema
// have the names that Rules lists: csaf_2_0, SCH:001, cve_schema and so on. What
// concerns the bytes has the rule "encoding", "json" or "format".
//
// Presets are those of csaf/validate: schema, basic, extended, full and the others. For
// formats whose rules come from a linter, basic are the schema and its errors, extended
// and full its warnings as well. A test that a format does not have is not run there.
//
// # Bounds
//
// Bytes, depth and memory are those of Checker.Limits; time grows with the length of
// the document. A report holds at most 5000 findings and counts the others. Nothing in
// here uses the network but what csaf/validate does with its Fetcher; nothing is kept.
package check
