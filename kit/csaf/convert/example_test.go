package convert_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/convert"
)

const document = `{
  "document": {
    "category": "csaf_base",
    "csaf_version": "2.0",
    "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com"},
    "title": "EX-2024-1: A door stands open",
    "tracking": {
      "current_release_date": "2024-01-01T00:00:00Z",
      "id": "EX-2024-1",
      "initial_release_date": "2024-01-01T00:00:00Z",
      "revision_history": [{"date": "2024-01-01T00:00:00Z", "number": "1", "summary": "First."}],
      "status": "final",
      "version": "1"
    }
  }
}`

// Converting a document and seeing what was assumed.
func Example() {
	result, problems := convert.From([]byte(document), csaf.Limits{}, convert.Options{})
	if problems.Fatal() {
		fmt.Println(problems)
		return
	}
	for _, d := range result.Decisions {
		fmt.Println(d)
	}
	if _, err := result.Write(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(result.Document.Document.CSAFVersion, result.Document.Document.Title)
	// Output:
	// warning /document/distribution -> /document/distribution/tlp/label: no TLP label was given; the default TLP has been set, assumed "CLEAR"
	// 2.1 A door stands open
}
