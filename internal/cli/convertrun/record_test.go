package convertrun

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/cve"
)

const osvOfAFlaw = `{"schema_version":"1.7.3","id":"GHSA-aaaa-bbbb-cccc","modified":"2026-03-02T10:00:00Z","published":"2026-03-01T10:00:00Z",
 "aliases":["CVE-2026-31337"],"summary":"Stack overflow in the parser","details":"A deep document ends the process.",
 "affected":[{"package":{"ecosystem":"npm","name":"lantern","purl":"pkg:npm/lantern"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.4.2"}]}]}]}`

func TestACVERecordIsMadeOnlyUnderANamedOrganisation(t *testing.T) {
	for _, x := range []struct {
		fact, id, name string
		want           string // of the error, "" for none
	}{
		{"nobody named", "", "", "--cna-id"},
		{"no UUID", "mitre", "mitre", "is no UUID"},
		{"a name of one letter", "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "m", "2 to 32"},
		{"the UUID alone", "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "", ""},
		{"both", "8254265b-2729-46b6-b9e3-3dfca2d5bfca", "mitre", ""},
	} {
		by := Publisher{Name: "Lanterna", Namespace: "https://lanterna.example", OrgID: x.id, OrgName: x.name}
		r, err := Convert([]byte(osvOfAFlaw), "cve", by, time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC))
		if x.want != "" {
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%s: %v", x.fact, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", x.fact, err)
			continue
		}
		doc, problems := cve.Read(r.Out, cve.Limits{})
		if problems.Fatal() || doc.Metadata.AssignerOrgID != x.id || doc.Metadata.AssignerShortName != x.name || doc.Containers.CNA.Provider.OrgID != x.id || r.Open() {
			t.Errorf("%s: %v %v\n%s", x.fact, problems, r.Notes, r.Out)
		}
		if !json.Valid(r.Out) {
			t.Errorf("%s: %s", x.fact, r.Out)
		}
	}
}
