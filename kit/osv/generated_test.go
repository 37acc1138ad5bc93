package osv

import (
	"reflect"
	"testing"

	"github.com/tocsin-sec/tocsin/test/schema"
)

const fullRecord = `{"schema_version":"1.9.0","id":"x_1","modified":"2024-01-03T00:00:00Z","published":"2024-01-01T00:00:00Z","withdrawn":"2024-01-02T00:00:00Z","aliases":["CVE-2024-1"],"related":["CVE-2024-2"],"upstream":["CVE-2024-3"],"summary":"s","details":"d",
"affected":[{"package":{"ecosystem":"Go","name":"example.org/m","purl":"pkg:golang/example.org/m"},"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","source":"CNA"}],"ranges":[{"type":"SEMVER","repo":"https://example.org/r","events":[{"introduced":"0"},{"fixed":"1.0.0"}],"database_specific":{"a":1}},{"type":"GIT","repo":"https://example.org/r","events":[{"introduced":"0"},{"last_affected":"0123456789012345678901234567890123456789"},{"limit":"0123456789012345678901234567890123456788"}]}],"versions":["0.9.0"],"ecosystem_specific":{"b":[1]},"database_specific":{"c":null}}],
"references":[{"type":"FIX","url":"https://example.org/f"}],"credits":[{"name":"Ann","contact":["mailto:a@example.org"],"type":"FINDER"}],"database_specific":{"d":"e"}}`

func TestGeneratedRecordsHoldAgainstTheSchema(t *testing.T) {
	s := oracle(t)
	schema.Variants(t, s, []byte(fullRecord), 1000, func(doc any, data []byte) {
		r, problems := Read(data, Limits{})
		if len(problems) > 0 {
			t.Fatalf("%s: %v", data, problems)
		}
		out, err := Write(r)
		if err != nil {
			t.Fatal(err)
		}
		written := schema.Decode(t, out)
		if err := s.Validate(written); err != nil || !reflect.DeepEqual(doc, written) {
			t.Fatalf("%s is written as %s: %v", data, out, err)
		}
	})
}
