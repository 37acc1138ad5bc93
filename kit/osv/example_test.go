package osv_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/osv"
)

// A record is read strictly, then linted.
func ExampleLint() {
	record, problems := osv.Read([]byte(`{
  "schema_version": "1.9.0",
  "id": "GO-2024-0001",
  "modified": "2024-05-01T00:00:00Z",
  "affected": [{
    "package": {"ecosystem": "Go", "name": "example.org/mod"},
    "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.2.0"}, {"fixed": "1.2.0-rc.1"}]}]
  }]
}`), osv.Limits{})
	fmt.Println(problems.Fatal())
	for _, f := range osv.Lint(record) {
		fmt.Println(f.Test, f.Severity, f.Pointer, f.Message)
	}
	// Output:
	// false
	// RNG:101 error /affected/0/ranges/0/events/1/fixed fixed "1.2.0-rc.1" is not after introduced "1.2.0"
}
