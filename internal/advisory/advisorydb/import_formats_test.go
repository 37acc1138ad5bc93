package advisorydb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

const osvElsewhere = `{"schema_version":"1.7.3","id":"GHSA-2222-3333-4444","modified":"2024-03-02T10:00:00Z","published":"2024-03-01T10:00:00Z",
 "aliases":["CVE-2024-31337"],"summary":"Stack overflow in the parser","details":"A deep document ends the process.","database_specific":{"severity":"HIGH"},
 "affected":[{"package":{"ecosystem":"npm","name":"lantern","purl":"pkg:npm/lantern"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.4.2"}]}]}]}`

// TestARecordOfOSVKeepsItsIDAndDates: it is imported after its loss was accepted, approved
// by a second person, and published under its own id, dates and history, without letters.
func TestARecordOfOSVKeepsItsIDAndDates(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx, raw := t.Context(), []byte(osvElsewhere)
	var rec advisory.Record
	told, err := w.svc.CheckImport(ctx, w.chair, w.project.ID, raw)
	w.must(err)
	if told.Kept || len(told.Lost) == 0 || !strings.Contains(strings.Join(told.Lost, "\n"), "/database_specific") || len(told.Filled) == 0 {
		t.Errorf("%+v", told)
	}
	w.refused(second(w.svc.Import(ctx, w.chair, w.project.ID, raw, false)), fault.Conflict, "a loss that nobody accepted")
	done, err := w.svc.Import(ctx, w.chair, w.project.ID, raw, true)
	w.must(err)
	w.refused(second(w.svc.Import(ctx, w.chair, w.project.ID, raw, true)), fault.Conflict, "the same again")
	// What the record asks for and OSV does not say is completed by a person.
	w.View(t, func(ctx context.Context, v unit.View) error {
		a, err := w.svc.Get(ctx, v, w.chair, done.ID)
		w.must(err)
		r := a.Working.Content.Record
		for _, p := range r.Problems() {
			if p.Path != "assigned_by" && p.Path != "cvss31" {
				t.Errorf("%+v", p)
			}
		}
		rec = r
		return nil
	})
	rec.AssignedBy, rec.CVSS31 = "Example CNA", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	w.must(w.svc.Save(ctx, w.chair, done.ID, done.Hash, rec, ""))
	done.Hash = w.hash(done.ID)
	w.must(w.svc.Approve(ctx, w.deputy, done.ID, done.Hash, ""))
	w.must(w.svc.PublishNow(ctx, w.chair, done.ID, done.Hash))
	w.Drain(t)
	var a advisory.Advisory
	var public advisory.PublicDocument
	var file advisory.SiteFile
	w.View(t, func(ctx context.Context, v unit.View) error {
		if a, err = w.svc.Get(ctx, v, w.chair, done.ID); err != nil {
			return err
		}
		if file, err = w.svc.Site.File(ctx, v, people.Anyone(), "csaf/lanterna/white/2024/ghsa-2222-3333-4444.json"); err != nil {
			return err
		}
		public, err = w.svc.Site.DocumentByName(ctx, v, w.chair, w.project.ID, "ghsa-2222-3333-4444")
		return err
	})
	if a.State() != advisory.IsPublished || a.Steps[1].State != advisory.StepSkipped || a.Steps[2].State != advisory.StepSkipped {
		t.Fatalf("%s %+v %+v", a.State(), a.Failure, a.Steps)
	}
	doc, problems := csaf.ReadAdvisory(file.Bytes, csaf.Limits{})
	if problems.Fatal() {
		t.Fatal(problems)
	}
	track := doc.Document.Tracking
	if track.ID != "GHSA-2222-3333-4444" || string(track.InitialReleaseDate) != "2024-03-01T10:00:00Z" || string(track.CurrentReleaseDate) != "2024-03-02T10:00:00Z" ||
		track.Version != "2" || len(track.RevisionHistory) != 2 {
		t.Errorf("%+v", track)
	}
	if public.Member.ID != "x_GHSA-2222-3333-4444" {
		t.Errorf("its OSV record is %q", public.Member.ID)
	}
}

// TestBrokenDocumentsOfOtherFormatsAreRefusedWithPlaces: as those of CSAF 2.0 are.
func TestBrokenDocumentsOfOtherFormatsAreRefusedWithPlaces(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	for fact, raw := range map[string]string{
		"published after modified": strings.Replace(osvElsewhere, "2024-03-01", "2025-03-01", 1),
		"no such type of range":    strings.Replace(osvElsewhere, `"SEMVER"`, `"ANY"`, 1),
		"withdrawn record of CVE": `{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-1000","assignerOrgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca","state":"REJECTED"},
			"containers":{"cna":{"providerMetadata":{"orgId":"8254265b-2729-46b6-b9e3-3dfca2d5bfca"},"rejectedReasons":[{"lang":"en","value":"No flaw."}]}}}`,
	} {
		_, err := w.svc.Import(t.Context(), w.chair, w.project.ID, []byte(raw), true)
		w.refused(err, fault.Invalid, fact)
	}
}
