package cve_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/cve"
)

// A record is read strictly, then linted.
func ExampleLint() {
	record, problems := cve.Read([]byte(`{
  "dataType": "CVE_RECORD", "dataVersion": "5.2.0",
  "cveMetadata": {"cveId": "CVE-2024-12345", "assignerOrgId": "a0819718-46f1-4df5-94e2-005712e83aaa", "state": "PUBLISHED"},
  "containers": {"cna": {
    "providerMetadata": {"orgId": "a0819718-46f1-4df5-94e2-005712e83aaa"},
    "descriptions": [{"lang": "en", "value": "A flaw in the parser. "}],
    "affected": [{"packageURL": "pkg:pypi/parser", "versions": [{"version": "1.0 and earlier", "status": "affected"}]}],
    "references": [{"url": "https://example.org/advisory"}]
  }}
}`), cve.Limits{})
	fmt.Println(problems.Fatal())
	for _, f := range cve.Lint(record) {
		fmt.Println(f.Test, f.Pointer, f.Message)
	}
	// Output:
	// false
	// E004 /containers/cna/descriptions/0/value white space at an end
	// E007 /containers/cna/affected/0/versions/0/version "1.0 and earlier" is no version
}
