package reading_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// own is a record that all formats can say.
func own() record.Record {
	return record.Record{
		Title: "Heap overflow in the lamp parser", Summary: "A crafted lamp file writes past a buffer.", Impact: "Code of the attacker runs.", Details: "More.",
		Branches: []record.Branch{
			{Product: "lanternd", Purl: "pkg:npm/lanternd", CPE: "cpe:2.3:a:lanterna:lanternd:*:*:*:*:*:*:*:*", Name: "stable-2", Status: record.Fixed, Affected: ">= 2.0.0, < 2.4.7", Fixed: "2.4.7", FixURL: "https://lanterna.example/c/1"},
			{Product: "lanternd", Purl: "pkg:npm/lanternd", Name: "main", Status: record.NotAffected, Covers: ">= 4.0.0, < 5.0.0", Justification: "vulnerable_code_not_present"},
			{Product: "wick", Name: "old", Status: record.Affected, Affected: "0.9.0, 0.9.1"},
			{Product: "wick", Name: "new", Status: record.Investigating},
		},
		Workarounds: "Do not open lamp files.", CWE: []record.Weakness{{ID: "CWE-787", Name: "Out-of-bounds Write"}},
		CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", CVE: "CVE-2026-31337", Aliases: []string{"GHSA-2222-3333-4444"},
		Credits:    []record.Credit{{Name: "Mira Okafor", Organization: "Nightwatch", For: "reporting it"}},
		References: []record.Reference{{URL: "https://lanterna.example/lamps", Text: "The lamp format"}}, TLP: "WHITE", Lang: "en",
	}
}

func document(t testing.TB, format string, r record.Record) []byte {
	t.Helper()
	in := input(reading.Result{Content: record.Content{Record: r, Change: "Initial version."}, Number: "LAN-2026-0001",
		Initial: time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC), Current: time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)})
	in.Loose = false
	f, _ := emit.Find(format)
	raw, err := f.Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestProductsOfOurOwnDocumentsComeBack(t *testing.T) {
	for _, format := range []string{"csaf-2.0", "csaf-2.1"} {
		res, err := reading.FromCSAF(document(t, format, own()))
		if err != nil {
			t.Fatal(err)
		}
		got, want := res.Content.Record, own()
		for i := range got.Branches {
			// The notation of the ranges is another one, with the same meaning.
			got.Branches[i].Affected = strings.NewReplacer(">=", ">= ", "<2", "< 2").Replace(got.Branches[i].Affected)
			got.Branches[i].Covers = strings.NewReplacer(">=", ">= ", "<5", "< 5").Replace(got.Branches[i].Covers)
			if got.Branches[i].Covers == "*" {
				got.Branches[i].Covers = "" // both say all
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v\nlost %v", format, got, want, res.Lost)
		}
		if res.Number != "LAN-2026-0001" || res.Content.Change != "Initial version." || res.Initial.IsZero() {
			t.Errorf("%s: %+v", format, res)
		}
	}
}

func TestARecordComesBackFromOSVAndCVEAsFarAsTheyHoldIt(t *testing.T) {
	res, err := reading.FromOSV(document(t, "osv", own()))
	if err != nil {
		t.Fatal(err)
	}
	r := res.Content.Record
	if r.Title != own().Title || r.CVE != "CVE-2026-31337" || !slices.Equal(r.Aliases, own().Aliases) || r.CVSS31 != own().CVSS31 || len(r.CWE) != 1 ||
		r.Branches[0].Affected != ">= 2.0.0, < 2.4.7" || r.Branches[0].Fixed != "2.4.7" || r.Branches[0].Name != "stable-2" || r.Branches[0].Purl != "pkg:npm/lanternd" {
		t.Errorf("OSV: %+v\n%v", r, res.Lost)
	}
	res, err = reading.FromCVE(document(t, "cve", own()))
	if err != nil {
		t.Fatal(err)
	}
	r = res.Content.Record
	b := r.Branches[0]
	if r.Title != own().Title || r.CVE != "CVE-2026-31337" || r.CVSS31 != own().CVSS31 || b.Affected != ">= 2.0.0, < 2.4.7" || b.Fixed != "2.4.7" ||
		b.CPE != own().Branches[0].CPE || r.Branches[1].Status != record.NotAffected || r.Branches[1].Covers != ">= 4.0.0, < 5.0.0" || r.Workarounds != own().Workarounds {
		t.Errorf("CVE: %+v\n%v", r, res.Lost)
	}
}

func TestEveryCVERecordComesBack(t *testing.T) {
	lost := map[string]int{}
	for name, data := range map[string][]byte{
		"ours": document(t, "cve", own()), "full": []byte(fullCVE),
		"rejected": []byte(`{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-12345","assignerOrgId":"a0819718-46f1-4df5-94e2-005712e83aaa","state":"REJECTED"},"containers":{"cna":{"providerMetadata":{"orgId":"a0819718-46f1-4df5-94e2-005712e83aaa"},"rejectedReasons":[{"lang":"en","value":"not a flaw"}]}}}`),
	} {
		res, err := reading.FromCVE(data)
		if err != nil {
			t.Fatal(err)
		}
		kept(t, name, data, make1(t, "cve", res), res.Lost, lost)
	}
	tell(t, 3, lost)
}

// fullCVE has every part of a record.
const fullCVE = `{"dataType":"CVE_RECORD","dataVersion":"5.1.1","cveMetadata":{"cveId":"CVE-2024-12345","assignerOrgId":"a0819718-46f1-4df5-94e2-005712e83aaa","assignerShortName":"example","requesterUserId":"a0819718-46f1-4df5-94e2-005712e83aaa","dateUpdated":"2024-05-02T10:00:00.000Z","serial":1,"dateReserved":"2024-05-01T10:00:00","datePublished":"2024-05-02T10:00:00Z","state":"PUBLISHED"},
"containers":{"cna":{"providerMetadata":{"orgId":"a0819718-46f1-4df5-94e2-005712e83aaa","shortName":"example","dateUpdated":"2024-05-02T10:00:00Z"},"dateAssigned":"2024-05-01T10:00:00Z","datePublic":"2024-05-02T10:00:00Z","title":"A flaw","descriptions":[{"lang":"en","value":"A flaw in the parser of Example.","supportingMedia":[{"type":"text/html","base64":false,"value":"<p>A flaw</p>"}]},{"lang":"de","value":"Ein Fehler."}],
"affected":[{"vendor":"Example","product":"Parser","collectionURL":"https://pypi.org","packageName":"parser","cpes":["cpe:2.3:a:example:parser:*:*:*:*:*:*:*:*"],"modules":["m"],"programFiles":["a.c"],"platforms":["Linux","BSD"],"repo":"https://example.org/r","defaultStatus":"unaffected","versions":[{"version":"1.0.0","status":"affected","versionType":"semver","lessThan":"1.2.0","changes":[{"at":"1.1.0","status":"unaffected"}]},{"version":"2.0.0","status":"affected"},{"version":"3.0.0","status":"affected","lessThanOrEqual":"3.1.0","versionType":"semver"},{"version":"4.0.0","status":"affected","lessThan":"*","versionType":"semver"},{"version":"all of them","status":"affected"}]},{"vendor":"Example","product":"Other","defaultStatus":"affected"},{"vendor":"Example","product":"Third","defaultStatus":"unknown"}],
"problemTypes":[{"descriptions":[{"lang":"en","description":"XSS","cweId":"CWE-79","type":"CWE","references":[{"url":"https://example.org/cwe"}]}]}],"references":[{"url":"https://example.org/a","name":"A","tags":["vendor-advisory","patch","x_mine"]}],"impacts":[{"capecId":"CAPEC-10","descriptions":[{"lang":"en","value":"impact"}]}],
"metrics":[{"format":"CVSS","scenarios":[{"lang":"en","value":"GENERAL"}],"cvssV3_1":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL","attackVector":"NETWORK"}},{"cvssV4_0":{"version":"4.0","vectorString":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N","baseScore":9.3,"baseSeverity":"CRITICAL"}},{"cvssV2_0":{"version":"2.0","vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P","baseScore":7.5}}],
"workarounds":[{"lang":"en","value":"w"}],"solutions":[{"lang":"en","value":"s"}],"exploits":[{"lang":"en","value":"e"}],"timeline":[{"time":"2024-05-01T10:00:00Z","lang":"en","value":"found"}],"credits":[{"lang":"en","value":"Ann","type":"finder"}],"source":{"discovery":"UNKNOWN"},"tags":["disputed"],"x_generator":{"engine":"Tocsin"}},
"adp":[{"providerMetadata":{"orgId":"a0819718-46f1-4df5-94e2-005712e83aaa"},"title":"ADP"}]}}`

func TestWhatIsLostIsNamedWithPlaceAndReason(t *testing.T) {
	res, err := reading.FromCVE([]byte(fullCVE))
	if err != nil {
		t.Fatal(err)
	}
	for pointer, reason := range map[string]string{
		"/containers/adp":                    "what others add is not the advisory's",
		"/containers/cna/descriptions/1":     "the record is in one language and holds one text of each kind",
		"/containers/cna/affected/0/modules": "the record has no place for it",
		"/containers/cna/affected/0/vendor":  "who makes the products is the project",
		"/containers/cna/metrics/2":          "the record holds one vector of CVSS 3.1 and one of 4.0",
		"/containers/cna/impacts":            "the record has no place for it",
	} {
		if !slices.Contains(res.Lost, reading.Lost{Pointer: pointer, Reason: reason}) {
			t.Errorf("%s is not lost because %q: %v", pointer, reason, res.Lost)
		}
	}
}

func TestBrokenDocumentsAreErrors(t *testing.T) {
	for name, read := range readers() {
		for _, data := range []string{"", "{", "null", "[]", `{"id":1}`, `{"document":{}}`, "\xff", strings.Repeat(`{"a":`, 10_000)} {
			_, err := read([]byte(data))
			if problems := (strictjson.Problems)(nil); !errors.As(err, &problems) {
				t.Errorf("%s of %.20q: %v", name, data, err)
			}
		}
	}
}

func readers() map[string]func([]byte) (reading.Result, error) {
	return map[string]func([]byte) (reading.Result, error){"osv": reading.FromOSV, "csaf": reading.FromCSAF, "cve": reading.FromCVE}
}

// holds asks of what was read that it can be made into a document again, whatever it was.
func holds(t *testing.T, res reading.Result, err error) {
	if err != nil {
		return
	}
	for _, l := range res.Lost {
		if l.Pointer == "" || l.Reason == "" {
			t.Errorf("a loss without place or reason: %q", l)
		}
	}
	_ = res.Content.Problems()
	for _, f := range emit.Formats() {
		_, _ = f.Make(input(res)) // may refuse, never panics
	}
}

func FuzzFromOSV(f *testing.F) {
	f.Add(document(f, "osv", own()))
	f.Add([]byte(`{"id":"x_1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Maven","name":"a:b"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"last_affected":"1"}]}],"versions":["1"]},{"ranges":[{"type":"GIT","repo":"https://example.org/r","events":[{"introduced":"0"},{"fixed":"0123456789012345678901234567890123456789"}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := reading.FromOSV(data)
		holds(t, res, err)
	})
}

func FuzzFromCSAF(f *testing.F) {
	f.Add(document(f, "csaf-2.0", own()))
	f.Add(document(f, "csaf-2.1", own()))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := reading.FromCSAF(data)
		holds(t, res, err)
	})
}

func FuzzFromCVE(f *testing.F) {
	f.Add(document(f, "cve", own()))
	f.Add([]byte(fullCVE))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := reading.FromCVE(data)
		holds(t, res, err)
	})
}
