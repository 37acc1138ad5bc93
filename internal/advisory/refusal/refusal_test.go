package refusal_test

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/advisory/refusal"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

func input() record.Input {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return record.Input{Number: "LAN-2026-NNNN", Site: "https://tocsin.example", Initial: at, Current: at, Texts: i18n.Default().Printer("en"),
		Project: people.Project{Slug: "lanterna", Name: "Lanterna", Series: "LAN", Addresses: []string{"security@lanterna.example"}, Langs: []string{"en"},
			Publisher: people.Publisher{Category: "vendor", Namespace: "https://lanterna.example"}},
		Content: record.Content{Change: "Initial version.", Record: record.Record{Title: "Lamp overflow", Summary: "A crafted lamp file overflows.", Impact: "Code runs.",
			CVE: "CVE-2026-31337", AssignedBy: "Example CNA", CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", TLP: "WHITE", Lang: "en",
			Branches: []record.Branch{{Product: "lanternd", Purl: "pkg:npm/lantern", Status: record.Fixed, Affected: "< 1.4.2", Fixed: "1.4.2"}}}}}
}

func TestOnlyWhatWouldBePublishedIsJudged(t *testing.T) {
	for _, x := range []struct {
		fact   string
		change func(*record.Input)
		want   []any // arguments of the refusal begin with these, nil for none
	}{
		{"a sound record", func(*record.Input) {}, nil},
		{"a number that is not taken yet, with an organisation", func(in *record.Input) { in.CNA.OrgID = "8254265b-2729-46b6-b9e3-3dfca2d5bfca" }, nil},
		{"nothing affected has no OSV record, rightly", func(in *record.Input) {
			in.Content.Record.Branches[0] = record.Branch{Product: "lanternd", Purl: "pkg:npm/lantern", Status: record.NotAffected, Justification: "component_not_present"}
		}, nil},
		{"a CVE record that its own format refuses", func(in *record.Input) { in.CNA.OrgID = "mitre" }, []any{"format", "CVE"}},
		{"the same for readers alone", func(in *record.Input) { in.CNA.OrgID, in.Content.Record.TLP = "mitre", "RED" }, nil},
		{"a fix below the first affected version", func(in *record.Input) {
			in.Content.Record.Branches[0].Affected, in.Content.Record.Branches[0].Fixed = ">= 2.0.0", "1.0.0"
		}, []any{"format", "OSV"}},
	} {
		in := input()
		x.change(&in)
		got, err := refusal.Of(in)
		if err != nil {
			t.Errorf("%s: %v", x.fact, err)
			continue
		}
		if (len(got) > 0) != (x.want != nil) || len(got) > 0 && (got[0].Args[0] != x.want[0] || got[0].Args[1] != x.want[1]) {
			t.Errorf("%s: %+v", x.fact, got)
		}
	}
}
