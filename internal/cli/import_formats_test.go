package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/cli"
	"github.com/tocsin-sec/tocsin/kit/client"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

const osvBefore = `{"schema_version":"1.7.3","id":"GHSA-2222-3333-4444","modified":"2024-03-02T10:00:00Z","published":"2024-03-01T10:00:00Z",
 "aliases":["CVE-2024-31337"],"summary":"Stack overflow in the parser","details":"A deep document ends the process.","database_specific":{"severity":"HIGH"},
 "affected":[{"package":{"ecosystem":"npm","name":"lantern","purl":"pkg:npm/lantern"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.4.2"}]}]}]}`

const cveBefore = `{"dataType":"CVE_RECORD","dataVersion":"5.1",
 "cveMetadata":{"cveId":"CVE-2024-31338","assignerOrgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca","assignerShortName":"lanterna","state":"PUBLISHED","datePublished":"2024-04-01T10:00:00Z","dateUpdated":"2024-04-02T10:00:00Z"},
 "containers":{"cna":{"providerMetadata":{"orgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca","shortName":"lanterna","dateUpdated":"2024-04-02T10:00:00Z"},
  "title":"Endless loop in the wick","descriptions":[{"lang":"en","value":"A crafted wick never ends."}],
  "affected":[{"vendor":"Lanterna","product":"wick","defaultStatus":"unaffected","versions":[{"version":"1.0.0","status":"affected","lessThan":"1.4.2","versionType":"semver"}]}],
  "references":[{"url":"https://lanterna.example/wick"}],
  "metrics":[{"format":"CVSS","scenarios":[{"lang":"en","value":"GENERAL"}],"cvssV3_1":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H","baseScore":7.5,"baseSeverity":"HIGH"}}]}}}`

// TestDocumentsOfEveryFormatAreImportedToTheEnd: imported by the command, completed, approved
// by a second person, published, and read back from the public site with their own ids and
// dates.
func TestDocumentsOfEveryFormatAreImportedToTheEnd(t *testing.T) {
	s := newRealSite(t)
	s.deputy()
	var later, errs bytes.Buffer
	if code := cli.Main(t.Context(), cli.Env{Out: &later, Err: &errs}, []string{"convert", "--to", "csaf-2.1", filepath.Join("testdata", "lan-2024-0001.json")}); code != 0 {
		t.Fatal(errs.String())
	}
	for fact, x := range map[string]struct {
		raw, number, initial, current, says string
	}{
		"CSAF 2.1": {later.String(), "LAN-2024-0001", "2024-03-05T12:00:00Z", "2024-03-05T12:00:00Z", "A crafted archive stops lanternd."},
		"OSV":      {osvBefore, "GHSA-2222-3333-4444", "2024-03-01T10:00:00Z", "2024-03-02T10:00:00Z", "A deep document ends the process."},
		"CVE":      {cveBefore, "CVE-2024-31338", "2024-04-01T10:00:00Z", "2024-04-02T10:00:00Z", "A crafted wick never ends."},
	} {
		t.Run(fact, func(t *testing.T) {
			s.t = t
			file := filepath.Join(t.TempDir(), "before.json")
			must(t, os.WriteFile(file, []byte(x.raw), 0o600))
			code, _, errs := s.run("chair", "", "advisory", "import", "--project", "lanterna", file)
			if code == 0 || !strings.Contains(errs, "accept-loss") {
				t.Fatalf("a loss that nobody accepted: exit code %d, %s", code, errs)
			}
			var done []client.Imported
			s.into(&done, "chair", "advisory", "import", "--project", "lanterna", "--accept-loss", file)
			if len(done) != 1 || done[0].Number != x.number || done[0].Kept {
				t.Fatalf("imported: %+v", done)
			}
			id := done[0].ID
			s.complete(id)
			if code, _, _ := s.run("chair", "", "advisory", "publish", id); code == 0 {
				t.Error("it is published without an approval")
			}
			s.ok("deputy", "advisory", "approve", id)
			s.ok("chair", "advisory", "publish", id)
			must(t, s.app.Drain(t.Context()))
			var one client.Advisory
			s.into(&one, "chair", "advisory", "show", id)
			if one.State != "published" || one.Number != x.number {
				t.Fatalf("it is %+v", one)
			}
			raw := s.public("/csaf/lanterna/white/2024/" + strings.ToLower(x.number) + ".json")
			doc, problems := csaf.ReadAdvisory(raw, csaf.Limits{})
			if problems.Fatal() {
				t.Fatalf("%v in %.300s", problems, raw)
			}
			track := doc.Document.Tracking
			if track.ID != x.number || string(track.InitialReleaseDate) != x.initial || string(track.CurrentReleaseDate) != x.current || !strings.Contains(string(raw), x.says) {
				t.Errorf("%+v in\n%s", track, raw)
			}
			if page := s.public("/advisories/lanterna/" + strings.ToLower(x.number) + ".html"); !strings.Contains(string(page), x.says) {
				t.Errorf("the page is\n%s", page)
			}
			if code, _, errs := s.run("chair", "", "advisory", "import", "--project", "lanterna", "--accept-loss", file); code == 0 {
				t.Errorf("the same again is taken: %s", errs)
			}
		})
	}
}

// complete gives an import what its record asks for and the document did not say.
func (s *realSite) complete(id string) {
	s.t.Helper()
	c := &client.Client{URL: s.url, Token: client.Token(s.tokens["chair"])}
	a, err := c.Advisory(s.t.Context(), id)
	must(s.t, err)
	var r map[string]any
	must(s.t, json.Unmarshal(a.Record, &r))
	for _, p := range a.Problems {
		switch p.Path {
		case "assigned_by":
			r["assigned_by"] = "Example CNA"
		case "cvss31":
			r["cvss31"] = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
		case "branches.0.affected", "branches.1.affected": // CSAF's name says it in words
			r["branches"].([]any)[p.Path[9]-'0'].(map[string]any)["affected"] = "< 2.4.3"
		default:
			s.t.Errorf("a person has to complete %+v", p)
		}
	}
	must(s.t, c.Call(s.t.Context(), http.MethodPut, "/api/advisories/"+id+"/record", map[string]any{"base": a.Hash, "record": r}, nil))
}

// public reads a file of the site without signing in.
func (s *realSite) public(path string) []byte {
	s.t.Helper()
	answer, err := http.Get(s.url + path)
	must(s.t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	must(s.t, err)
	if answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s is %s: %.300s", path, answer.Status, raw)
	}
	return raw
}
