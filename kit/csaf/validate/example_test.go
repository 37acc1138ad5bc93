package validate_test

import (
	"context"
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

// advisory refers to a product that it does not define.
const advisory = `{
  "document": {
    "category": "csaf_base",
    "csaf_version": "2.0",
    "lang": "en",
    "publisher": {"category": "vendor", "name": "Example Company", "namespace": "https://example.com"},
    "title": "An example",
    "tracking": {
      "current_release_date": "2026-01-02T10:00:00Z",
      "id": "EX-2026-0001",
      "initial_release_date": "2026-01-02T10:00:00Z",
      "revision_history": [{"date": "2026-01-02T10:00:00Z", "number": "1", "summary": "Initial version."}],
      "status": "final",
      "version": "1"
    }
  },
  "vulnerabilities": [{"product_status": {"fixed": ["CSAFPID-0001"]}}]
}`

// A preset runs all its tests; Findings has their places in the document.
func Example() {
	v := validate.Validator{}
	report, err := v.Check(context.Background(), []byte(advisory), validate.Request{Presets: []string{"basic"}})
	if err != nil {
		fmt.Println(err) // no such preset or test
		return
	}
	fmt.Println("CSAF", report.Version, report.ID, "valid:", report.Valid())
	for _, f := range report.Findings() {
		fmt.Printf("%d:%d %s %s %s\n  %s\n", f.Line, f.Column, f.Severity, f.Test, f.Pointer, f.Message)
	}
	// Output:
	// CSAF 2.0 EX-2026-0001 valid: false
	// 17:53 error 6.1.1 /vulnerabilities/0/product_status/fixed/0
	//   the product id "CSAFPID-0001" is not defined
}

// Tests run by either of their names, and Result has the outcome of one.
func ExampleValidator_Check_tests() {
	v := validate.Validator{}
	report, err := v.Check(context.Background(), []byte(advisory), validate.Request{Tests: []string{"6.1.1", "optionalTest_6_2_3", "csaf_2_0_strict"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Results {
		fmt.Println(r.Name, r.State)
	}
	_, err = v.Check(context.Background(), []byte(advisory), validate.Request{Tests: []string{"6.1.99"}})
	fmt.Println(err)
	// Output:
	// csaf_2_0_strict passed
	// mandatoryTest_6_1_1 failed
	// optionalTest_6_2_3 passed
	// CSAF 2.0 has no test "6.1.99"
}

// Presets and Tests list what there is for a version of the standard.
func ExamplePresets() {
	fmt.Println(validate.Presets(validate.V21)[:7])
	fmt.Println(len(validate.Tests(validate.V20)), len(validate.Tests(validate.V21)), "with the schemas")
	// Output:
	// [schema mandatory recommended informative basic extended full]
	// 76 178 with the schemas
}
