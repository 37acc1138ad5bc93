package check_test

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// A document is checked without saying what it is.
func ExampleChecker_Check() {
	record := []byte(`{
  "schema_version": "1.7.0",
  "id": "x_EX-2026-1",
  "published": "2026-02-01T00:00:00Z",
  "modified": "2026-01-01T00:00:00Z",
  "affected": [{"package": {"ecosystem": "PyPI", "name": "lantern"}, "versions": ["1.0"]}]
}`)
	report, err := (&check.Checker{}).Check(context.Background(), record, check.Request{})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.What, report.ID, report.Valid())
	for _, f := range report.Findings {
		fmt.Printf("%d:%d %s %s %s: %s\n", f.Line, f.Column, f.Severity, f.Rule, f.Pointer, f.Message)
	}
	// Output:
	// OSV record x_EX-2026-1 false
	// 4:16 error REC:101 /published: published 2026-02-01T00:00:00Z is after modified 2026-01-01T00:00:00Z
}

// A file that is none of the formats is named as what it is.
func ExampleChecker_Check_anotherFormat() {
	page := []byte("<!DOCTYPE html><title>404 Not Found</title>")
	report, err := (&check.Checker{}).Check(context.Background(), page, check.Request{})
	if err != nil {
		panic(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Rule, f.Message)
	}
	// Output: format this is an HTML page, perhaps the error page of a web server
}

// Only some tests are run, by either of their names.
func ExampleRequest() {
	doc := []byte(`{"document": {"csaf_version": "2.0"}}`)
	report, err := (&check.Checker{}).Check(context.Background(), doc, check.Request{Tests: []string{"6.2.12", "optionalTest_6_2_10"}})
	if err != nil {
		panic(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Rule, f.Title)
	}
	// Output:
	// 6.2.10 Missing TLP label
	// 6.2.12 Missing Document Language
}

// Detect says what a document is, also when it is broken further down.
func ExampleDetect() {
	fmt.Println(check.Detect([]byte(`{"document": {"csaf_version": "2.1", "title": "cut o`)))
	fmt.Println(check.Detect([]byte(`{"bomFormat": "CycloneDX"}`)))
	// Output:
	// csaf-2.1 CSAF 2.1 advisory
	//  a CycloneDX document, which is not checked here
}
