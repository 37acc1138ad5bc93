package advisorydb_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/test/shared"
)

const (
	docPath  = "csaf/lanterna/white/2026/lan-2026-0001.json"
	pagePath = "advisories/lanterna/lan-2026-0001.html"
	textPath = "advisories/lanterna/lan-2026-0001.txt"
)

func TestArmedAdvisoryIsPublishedWhenTheEmbargoEnds(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		id := w.armed()
		w.run(14 * time.Minute)
		a := w.a(id)
		if a.State() != advisory.IsStaged || a.Number != "LAN-2026-0001" {
			t.Fatalf("five minutes before the end: %s, %q", a.State(), a.Number)
		}
		if w.file(docPath) != "" {
			t.Fatal("the document is public before the end")
		}
		w.Clock.Set(w.until)
		w.end()
		if a = w.a(id); a.State() != advisory.IsPublished {
			t.Fatalf("after the end: %s", a.State())
		}
		doc, problems := csaf.ReadAdvisory([]byte(w.file(docPath)), csaf.Limits{})
		if len(problems) > 0 {
			t.Fatalf("the published document: %v", problems)
		}
		if at, _ := doc.Document.Tracking.CurrentReleaseDate.Time(); !at.Equal(w.until) {
			t.Errorf("released at %s, the embargo ended at %s", at, w.until)
		}
		for path, want := range map[string]string{
			"csaf/lanterna/white/index.txt":                       "2026/lan-2026-0001.json\n",
			"csaf/lanterna/white/changes.csv":                     `"2026/lan-2026-0001.json","` + string(csaf.At(w.until)) + `"`,
			"csaf/lanterna/white/feed-tlp-white.json":             "lan-2026-0001.json.asc",
			"csaf/lanterna/provider-metadata.json":                "csaf_trusted_provider",
			".well-known/csaf/provider-metadata.json":             w.key.Fingerprint,
			"csaf/lanterna/service.json":                          "feed-tlp-white.json",
			"advisories/lanterna/atom.xml":                        "LAN-2026-0001: Heap overflow",
			pagePath:                                              "Mira Okafor (Nightwatch)",
			textPath:                                              "Mira Okafor (Nightwatch)",
			".well-known/security.txt":                            "CSAF: " + site + "/.well-known/csaf/provider-metadata.json",
			"csaf/lanterna/openpgp/" + w.key.Fingerprint + ".asc": "BEGIN PGP PUBLIC KEY BLOCK",
		} {
			if !strings.Contains(w.file(path), want) {
				t.Errorf("%s lacks %q:\n%s", path, want, w.file(path))
			}
		}
		w.run(time.Minute)
		w.stepsAre(id, advisory.StepDone, advisory.StepDone, advisory.StepDone)
		w.mailsAre("devel@lists.lanterna.example", "announce@lists.lanterna.example")
		verify(t, w, docPath, pagePath, textPath)
	})
}

func (w *world) stepsAre(id advisory.ID, want ...advisory.StepState) {
	w.t.Helper()
	for i, s := range w.a(id).Steps {
		if s.State != want[i] {
			w.t.Errorf("step %s is %s (%s %v), want %s", s.Kind, s.State, s.Problem, s.Args, want[i])
		}
	}
}

func (w *world) mailsAre(want ...string) {
	w.t.Helper()
	var got []string
	for _, l := range w.letters {
		if l.Key == "advisory.mail" {
			got = append(got, l.To[0].Address)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		w.t.Errorf("list mails to %v, want %v", got, want)
	}
}

// verify checks the signatures and security.txt with GnuPG.
func verify(t *testing.T, w *world, paths ...string) {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		shared.Missing(t, "gpg")
	}
	home := filepath.Join(t.TempDir(), "g")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	gpg := func(args ...string) {
		t.Helper()
		cmd := exec.Command("gpg", append([]string{"--homedir", home, "--batch", "--no-autostart", "--trust-model", "always",
			"--ignore-time-conflict", "--ignore-valid-from"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("gpg %v: %v\n%s", args, err, out)
		}
	}
	put := func(name, text string) string {
		p := filepath.Join(home, filepath.Base(name))
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	armored, err := w.key.Armored()
	w.must(err)
	gpg("--import", put("key.asc", armored))
	for _, p := range paths {
		gpg("--verify", put(p+".asc", w.file(p+".asc")), put(p, w.file(p)))
	}
	gpg("--verify", put("security.txt", w.file(".well-known/security.txt")))
}

func TestOnlyApprovedTextIsPublishedAndEditsVoidEverything(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	id := w.armed()
	w.run(12 * time.Minute)
	r := ready()
	r.Summary = "Not approved by anybody."
	w.must(w.svc.Save(ctx, w.member, id, w.hash(id), r, ""))
	if a := w.a(id); a.State() != advisory.Drafting || a.Stage != nil || a.Approval != nil || a.Confirmed != nil || a.Number == "" {
		t.Errorf("after an edit: %+v", a)
	}
	w.Clock.Set(w.until)
	w.end()
	if a := w.a(id); len(a.Published) > 0 || a.Overdue.IsZero() {
		t.Fatalf("an unapproved text: published %v, overdue %s", a.Published, a.Overdue)
	}
	for _, p := range []string{docPath, pagePath, textPath, "csaf/lanterna/white/index.txt"} {
		if w.file(p) != "" {
			t.Errorf("%s is public", p)
		}
	}
	w.refused(w.svc.Approve(ctx, w.member, id, w.hash(id), ""), fault.Denied, "the author approves")
	w.must(w.svc.Approve(ctx, w.lead, id, w.hash(id), ""))
	w.must(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)))
	w.Drain(t)
	if !strings.Contains(w.file(docPath), "Not approved by anybody.") {
		t.Error("the approved text is not public")
	}
}

func TestUnarmedEndAlertsLeadAndDeputiesUntilDecided(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		id := w.approved()
		w.Clock.Set(w.until)
		w.end()
		alerts := func() (n int, to []people.PersonID) {
			for _, l := range w.letters {
				if l.Key == "advisory.alert" {
					n++
					to = nil
					for _, r := range l.To {
						to = append(to, r.Person)
					}
				}
			}
			return n, to
		}
		n, to := alerts()
		if n != 1 || len(to) != 3 {
			t.Fatalf("%d alerts to %v, want one to lead, chair and deputy", n, to)
		}
		w.Clock.Advance(4 * time.Hour)
		w.Drain(t)
		if n, _ = alerts(); n != 2 {
			t.Errorf("%d alerts after four hours", n)
		}
		w.must(w.svc.HoldBack(t.Context(), w.member, id, "the fix broke the build"))
		w.Clock.Advance(4 * time.Hour)
		w.Drain(t)
		w.Clock.Advance(4 * time.Hour)
		w.Drain(t)
		if n, _ = alerts(); n != 3 {
			t.Errorf("%d alerts while held", n)
		}
		w.refused(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)), fault.Conflict, "publish while held")
		w.must(w.svc.Release(t.Context(), w.deputyOnCase(), id))
		w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
		w.Drain(t)
		if a := w.a(id); a.State() != advisory.IsPublished {
			t.Fatalf("after the decision: %s", a.State())
		}
		n, _ = alerts()
		w.Clock.Advance(48 * time.Hour)
		w.Drain(t)
		if m, _ := alerts(); m != n {
			t.Errorf("alerted %d times after the publication", m-n)
		}
	})
}

// deputyOnCase gives the deputy a role on the case: project roles alone show no case.
func (w *world) deputyOnCase() people.Scope {
	id, _ := w.deputy.Person()
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		return w.people.AddGrant(ctx, tx, people.AsJob("test", w.caseID), people.Grant{Object: w.caseID, Holder: id, Role: people.Member, By: "test", Since: tx.Now()})
	})
	return w.deputy
}

func TestGuardsBeforeAndAtTheEnd(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	id := w.approved()
	w.needed = []record.Branch{{Product: "lanternd", Name: "stable-3"}}
	w.refused(w.svc.Arm(ctx, w.lead, id, w.hash(id)), fault.Conflict, "arm with a maintained branch left out")
	w.needed = nil
	w.must(w.svc.Arm(ctx, w.lead, id, w.hash(id)))
	w.refused(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)), fault.Conflict, "publish under embargo")
	w.refused(w.svc.Arm(ctx, w.lead, id, strings.Repeat("0", 64)), fault.Conflict, "arm another revision")
	w.refused(w.svc.Approve(ctx, w.observer, id, w.hash(id), ""), fault.NotFound, "an observer approves")
	w.refused(w.svc.Approve(ctx, w.stranger, id, w.hash(id), ""), fault.NotFound, "a stranger approves")
	w.refused(w.svc.Arm(ctx, w.lead.ReadOnly(), id, w.hash(id)), fault.Denied, "a read-only token arms")
	// Armed two weeks ahead: the confirmation is too old at the end.
	w.Clock.Set(w.until)
	w.end()
	if a := w.a(id); len(a.Published) > 0 || a.Overdue.IsZero() {
		t.Fatalf("published with an old confirmation: %s", a.State())
	}
	w.must(w.svc.Confirm(ctx, w.member, id, w.hash(id)))
	w.must(w.svc.PublishNow(ctx, w.member, id, w.hash(id)))
	w.Drain(t)
	if a := w.a(id); a.State() != advisory.IsPublished {
		t.Errorf("after a fresh confirmation: %s", a.State())
	}
}

func TestHoldKeepsTheNumberAndAbandoningLeavesAGap(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	id := w.armed()
	w.run(12 * time.Minute)
	w.must(w.svc.HoldBack(ctx, w.member, id, "a patch is wrong"))
	w.Clock.Set(w.until)
	w.end()
	if a := w.a(id); len(a.Published) > 0 || a.Number != "LAN-2026-0001" {
		t.Fatalf("held: %s %q", a.State(), a.Number)
	}
	w.must(w.svc.Abandon(ctx, w.lead, id, "it was no problem after all"))
	w.View(t, func(ctx context.Context, v unit.View) error {
		gaps, err := w.svc.Site.Gaps(ctx, v, people.Anyone(), w.project.ID)
		if len(gaps) != 1 || gaps[0] != "LAN-2026-0001" {
			t.Errorf("gaps %v", gaps)
		}
		return err
	})
	id2 := w.approved()
	w.must(w.svc.PublishNow(ctx, w.lead, id2, w.hash(id2)))
	w.Drain(t)
	if a := w.a(id2); a.Number != "LAN-2026-0002" || a.State() != advisory.IsPublished {
		t.Errorf("the next one is %q, %s", a.Number, a.State())
	}
}

// A number that was given up was told of within the embargo, could come back by an import,
// and nothing held that the series goes past it.
func TestAnAbandonedNumberIsADocumentedGapAndNeverUsedAgain(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	id := w.armed()
	w.run(12 * time.Minute)
	const number = "LAN-2026-0001"
	if a := w.a(id); a.Number != number {
		t.Fatalf("staged as %q", a.Number)
	}
	w.must(w.svc.Abandon(ctx, w.lead, id, "it was no problem after all"))
	home := func() string { return newFace(w).get("", "/advisories/"+w.project.Slug, 200) }
	if strings.Contains(home(), number) {
		t.Error("the number is told of while the embargo runs")
	}
	taken := bytes.ReplaceAll(brokenFile(t), []byte(idOf(t, brokenFile(t))), []byte(number))
	w.refused(second(w.svc.Import(ctx, w.chair, w.project.ID, taken, false)), fault.Conflict, "an import of the number")
	w.Clock.Set(w.until)
	w.end()
	if !strings.Contains(home(), number) {
		t.Error("the gap is not documented once the embargo is over")
	}
	w.refused(second(w.svc.Import(ctx, w.chair, w.project.ID, taken, false)), fault.Conflict, "an import of the documented gap")
	var next advisory.ID // the end of the embargo made a draft for the case
	w.View(t, func(ctx context.Context, v unit.View) error {
		all, err := w.svc.OfCase(ctx, v, w.lead, w.caseID)
		for _, a := range all {
			if a.ID != id {
				next = a.ID
			}
		}
		return err
	})
	w.must(w.svc.Save(ctx, w.lead, next, w.hash(next), ready(), ""))
	w.must(w.svc.Approve(ctx, w.member, next, w.hash(next), ""))
	w.must(w.svc.PublishNow(ctx, w.lead, next, w.hash(next)))
	w.Drain(t)
	if a := w.a(next); a.Number != "LAN-2026-0002" || a.State() != advisory.IsPublished {
		t.Errorf("the next one is %q, %s", a.Number, a.State())
	}
	if w.file("csaf/lanterna/white/2026/lan-2026-0001.json") != "" {
		t.Error("something was published under the number")
	}
}

// idOf is the tracking id of a document, as it stands in its text.
func idOf(t *testing.T, raw []byte) string {
	t.Helper()
	doc, problems := csaf.ReadAdvisory(raw, csaf.Limits{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return doc.Document.Tracking.ID
}

func TestCorrectionAndWithdrawalAreNewRevisions(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	w.over = true
	id := w.approved()
	w.must(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)))
	w.run(30 * time.Second)
	first := w.file(docPath)
	w.Clock.Advance(24 * time.Hour)
	r := ready()
	r.Summary = "A crafted lamp file writes past a buffer on the heap."
	w.must(w.svc.Save(ctx, w.member, id, "", r, "Says where the buffer is."))
	if a := w.a(id); a.State() != advisory.Correcting {
		t.Errorf("a correction in work: %s", a.State())
	}
	w.refused(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)), fault.Conflict, "an unapproved correction")
	w.must(w.svc.Approve(ctx, w.lead, id, w.hash(id), ""))
	w.must(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)))
	w.run(30 * time.Second)
	doc, _ := csaf.ReadAdvisory([]byte(w.file(docPath)), csaf.Limits{})
	h := doc.Document.Tracking.RevisionHistory
	if doc.Document.Tracking.Version != "2" || len(h) != 2 || h[1].Summary != "Says where the buffer is." || first == w.file(docPath) {
		t.Errorf("version %s, history %v", doc.Document.Tracking.Version, h)
	}
	if got := w.file("csaf/lanterna/white/changes.csv"); count(got, "\n") != 1 || !strings.Contains(got, string(doc.Document.Tracking.CurrentReleaseDate)) {
		t.Errorf("changes.csv: %q", got)
	}
	for _, p := range []string{pagePath, textPath} {
		if !strings.Contains(strings.Join(strings.Fields(w.file(p)), " "), "Revised in version 2") || !strings.Contains(w.file(p), "Says where the buffer is.") {
			t.Errorf("%s does not say what changed", p)
		}
	}
	id1 := between(w.file("advisories/lanterna/atom.xml"), "<entry>", "</id>")
	w.Clock.Advance(24 * time.Hour)
	w.must(w.svc.Withdraw(ctx, w.lead, id, "It is no flaw: the buffer is never reached."))
	w.must(w.svc.Approve(ctx, w.member, id, w.hash(id), ""))
	w.must(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)))
	w.run(30 * time.Second)
	if a := w.a(id); a.State() != advisory.IsWithdrawn {
		t.Fatalf("withdrawn: %s", a.State())
	}
	for _, p := range []string{docPath, pagePath, textPath} {
		if !strings.Contains(w.file(p), "the buffer is never reached") {
			t.Errorf("%s does not say why", p)
		}
	}
	if id3 := between(w.file("advisories/lanterna/atom.xml"), "<id>https://security.lanterna.example/advisories/lanterna/lan", "</id>"); !strings.Contains(id1, id3) || id3 == "" {
		t.Errorf("the entry's id changed: %q, %q", id1, id3)
	}
	doc, _ = csaf.ReadAdvisory([]byte(w.file(docPath)), csaf.Limits{})
	feed, _ := csaf.ReadFeed([]byte(w.file("csaf/lanterna/white/feed-tlp-white.json")), csaf.Limits{})
	now := doc.Document.Tracking.CurrentReleaseDate
	if e := feed.Feed.Entry; len(e) != 1 || e[0].Updated != now || e[0].Published != doc.Document.Tracking.InitialReleaseDate || feed.Feed.Updated != now || e[0].ID != "LAN-2026-0001" {
		t.Errorf("the feed after the withdrawal: %+v", feed.Feed)
	}
	w.refused(w.svc.Withdraw(ctx, w.lead, id, "again"), fault.Conflict, "a second withdrawal")
	verify(t, w, docPath, pagePath, textPath)
}

// between returns what stands between two marks, "" when they are not there.
func between(s, from, to string) string {
	_, rest, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	out, _, _ := strings.Cut(rest, to)
	return out
}

func TestListMailsGoOneAfterTheOtherAndAreRetried(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	w.over, w.refuse = true, true
	id := w.approved()
	w.must(w.svc.PublishNow(ctx, w.lead, id, w.hash(id)))
	w.run(20 * time.Second)
	w.stepsAre(id, advisory.StepDone, advisory.StepFailed, advisory.StepWaiting)
	w.mailsAre("devel@lists.lanterna.example")
	w.refuse = false
	w.must(w.svc.RetryStep(ctx, w.member, id))
	w.run(20 * time.Second)
	w.stepsAre(id, advisory.StepDone, advisory.StepDone, advisory.StepDone)
	w.mailsAre("devel@lists.lanterna.example", "devel@lists.lanterna.example", "announce@lists.lanterna.example")
}

func TestTeamOfOneApprovesWithAReason(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	me, _ := w.chair.Person()
	w.Do(t, func(ctx context.Context, tx unit.Tx) error {
		sc := people.AsJob("test", w.caseID, string(w.project.ID))
		for _, g := range []struct {
			sc   people.Scope
			r    people.Role
			from string
		}{{w.lead, people.Lead, w.caseID}, {w.member, people.Member, w.caseID}, {w.deputy, people.Deputy, string(w.project.ID)}} {
			id, _ := g.sc.Person()
			if _, err := w.people.EndGrant(ctx, tx, sc, people.Grant{Object: g.from, Holder: id, Role: g.r, Ended: tx.Now()}); err != nil {
				return err
			}
		}
		return w.people.AddGrant(ctx, tx, sc, people.Grant{Object: w.caseID, Holder: me, Role: people.Lead, By: "test", Since: tx.Now()})
	})
	w.lead = w.chair
	id, err := w.svc.Draft(ctx, w.chair, w.caseID)
	w.must(err)
	w.must(w.svc.Save(ctx, w.chair, id, w.hash(id), ready(), ""))
	w.refused(w.svc.Approve(ctx, w.chair, id, w.hash(id), " "), fault.Invalid, "alone without a reason")
	w.must(w.svc.Approve(ctx, w.chair, id, w.hash(id), "nobody else is in the team"))
	if a := w.a(id); a.Approval == nil || a.Approval.Waiver == "" {
		t.Errorf("approval %+v", a.Approval)
	}
}

func TestImportKeepsIDAndDatesAndSendsNoMail(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	ctx := t.Context()
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/cisa/OT/white/2019/icsa-19-0*.json"))
	w.must(err)
	raw, err := os.ReadFile(files[0])
	w.must(err)
	w.refused(second(w.svc.Import(ctx, w.stranger, w.project.ID, raw, false)), fault.NotFound, "a stranger imports")
	done, err := w.svc.Import(ctx, w.chair, w.project.ID, raw, false)
	w.must(err)
	w.refused(second(w.svc.Import(ctx, w.deputy, w.project.ID, raw, false)), fault.Conflict, "the same again")
	w.refused(w.svc.PublishNow(ctx, w.deputy, done.ID, done.Hash), fault.Conflict, "publish before approval")
	w.refused(w.svc.Approve(ctx, w.chair, done.ID, done.Hash, ""), fault.Denied, "the importer approves")
	w.must(w.svc.Approve(ctx, w.deputy, done.ID, done.Hash, ""))
	w.must(w.svc.PublishNow(ctx, w.deputy, done.ID, done.Hash))
	w.run(20 * time.Second)
	before, _ := csaf.ReadAdvisory(raw, csaf.Limits{})
	path := "csaf/lanterna/white/2019/" + csaf.Filename(before.Document.Tracking.ID)
	after, problems := csaf.ReadAdvisory([]byte(w.file(path)), csaf.Limits{})
	if len(problems) > 0 || after.Document.Tracking.ID != done.Number || after.Document.Tracking.CurrentReleaseDate != before.Document.Tracking.CurrentReleaseDate {
		t.Errorf("%s: %v", path, problems)
	}
	w.stepsAre(done.ID, advisory.StepDone, advisory.StepSkipped, advisory.StepSkipped)
	w.mailsAre()
	w.refused(second(w.svc.Import(ctx, w.chair, w.project.ID, []byte(`{"document": {}}`), false)), fault.Invalid, "no CSAF")
}

func second[T any](_ T, err error) error { return err }

func TestFlipIsAllOrNothing(t *testing.T) {
	sqldbtest.Each(t, sources(), func(t *testing.T, e *sqldbtest.Env) {
		w := newWorld(t, e)
		w.over = true
		id := w.approved()
		// The last thing that the flip does fails: nothing of it may be seen.
		w.Work.Flow = broken{}
		w.must(w.svc.PublishNow(t.Context(), w.lead, id, w.hash(id)))
		w.Drain(t)
		for _, p := range []string{docPath, docPath + ".asc", pagePath, "csaf/lanterna/white/index.txt", "csaf/lanterna/white/feed-tlp-white.json"} {
			if w.file(p) != "" {
				t.Errorf("%s is public after a failed flip", p)
			}
		}
		w.Work.Flow = nil
		w.Clock.Advance(time.Hour)
		w.Drain(t)
		a := w.a(id)
		if a.State() != advisory.IsPublished || a.Number != "LAN-2026-0001" || len(a.Published) != 1 {
			t.Fatalf("after the failure went away: %s %q", a.State(), a.Number)
		}
		// Every file of the publication came with one generation.
		w.View(t, func(ctx context.Context, v unit.View) error {
			n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(distinct from_generation) from advisory_site where path like 'csaf/lanterna/white/%' or path like 'advisories/lanterna/%'`)
			if n != 1 {
				t.Errorf("%d generations", n)
			}
			return err
		})
	})
}

// broken is a flow whose follower of a publication fails.
type broken struct{}

func (broken) Emit(_ context.Context, _ unit.Tx, f unit.Fact) error {
	if f.FactName() == "advisory.published" {
		return fault.New(fault.Unavailable, "test.broken")
	}
	return nil
}

func TestSecurityTxtIsSignedAndRenewed(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	refresh := func() string {
		w.must(w.svc.Refresh(t.Context(), unit.Running{}))
		return w.file(".well-known/security.txt")
	}
	first := refresh()
	for _, want := range []string{"BEGIN PGP SIGNED MESSAGE", "Contact: mailto:security@lanterna.example", "Expires: ", "Encryption: " + site, "Policy: ", "Preferred-Languages: en", "Canonical: " + site + "/.well-known/security.txt"} {
		if !strings.Contains(first, want) {
			t.Errorf("security.txt lacks %q", want)
		}
	}
	w.Clock.Advance(100 * 24 * time.Hour)
	if refresh() != first {
		t.Error("renewed long before its end")
	}
	w.Clock.Advance(30 * 24 * time.Hour)
	if refresh() == first {
		t.Error("not renewed before its end")
	}
	// A key of later signs anew, although no other line changed.
	now := w.Clock.Now()
	var err error
	w.key, err = pgp.Generate("Lanterna security", "security@lanterna.example", now.Add(-time.Hour), 0)
	w.must(err)
	if !strings.Contains(refresh(), "# Signed with OpenPGP key "+w.key.Fingerprint) {
		t.Error("still signed with the old key")
	}
}

// TestSecurityTxtOfSeveralProjects: RFC 9116 has one file for a host; everybody who
// takes reports there is in it.
func TestSecurityTxtOfSeveralProjects(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	other := w.project
	other.ID, other.Slug, other.Name, other.Series, other.Created = people.ProjectID(ident.New()), "candela", "Candela", "CAN", w.project.Created.Add(time.Hour)
	other.Addresses, other.Langs = []string{"security@candela.example"}, []string{"fi", "en"}
	w.Do(t, func(ctx context.Context, tx unit.Tx) error {
		return w.people.AddProject(ctx, tx, people.AsJob("test", string(other.ID)), other)
	})
	w.must(w.svc.Refresh(t.Context(), unit.Running{}))
	text := w.file(".well-known/security.txt")
	var contacts []string
	once := map[string]int{}
	for l := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(l), ": ")
		if !ok {
			continue
		}
		once[name]++
		if name == "Contact" {
			contacts = append(contacts, value)
		}
	}
	want := []string{site + "/reporting", site + "/report/lanterna", "mailto:security@lanterna.example", site + "/report/candela", "mailto:security@candela.example"}
	if !slices.Equal(contacts, want) {
		t.Errorf("contacts %v, want %v", contacts, want)
	}
	if once["Expires"] != 1 || once["Preferred-Languages"] != 1 || once["Policy"] != 2 || once["CSAF"] != 2 || once["Canonical"] != 1 {
		t.Errorf("fields %v", once)
	}
	if !strings.Contains(text, "Preferred-Languages: en, fi") || strings.Index(text, "/.well-known/csaf/provider-metadata.json") > strings.Index(text, "/csaf/candela/provider-metadata.json") {
		t.Errorf("got\n%s", text)
	}
}

func TestProblemsAreBesideTheirFields(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*advisory.Record)
		path   string
	}{
		"no title":                      {func(r *advisory.Record) { r.Title = " " }, "title"},
		"a vector with a wrong value":   {func(r *advisory.Record) { r.CVSS31 = "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }, "cvss31"},
		"no CVE id and no reason":       {func(r *advisory.Record) { r.CVE = "" }, "no_cve"},
		"nobody assigned the CVE id":    {func(r *advisory.Record) { r.AssignedBy = "" }, "assigned_by"},
		"a purl with a version":         {func(r *advisory.Record) { r.Branches[0].Purl = "pkg:generic/x@1" }, "branches.0.purl"},
		"fixed without a version":       {func(r *advisory.Record) { r.Branches[0].Fixed = "" }, "branches.0.fixed"},
		"not affected without a reason": {func(r *advisory.Record) { r.Branches[1].Justification = "" }, "branches.1.justification"},
		"versions nobody understands":   {func(r *advisory.Record) { r.Branches[2].Affected = "all the old ones" }, "branches.2.affected"},
		"a branch twice":                {func(r *advisory.Record) { r.Branches[1].Name = "stable-2" }, "branches.1.name"},
		"a weakness by a wrong name":    {func(r *advisory.Record) { r.CWE[0].Name = "Oops" }, "cwe.0.id"},
		"a label that CSAF 2.0 has not": {func(r *advisory.Record) { r.TLP = "AMBER+STRICT" }, "tlp"},
		"a reference to a script":       {func(r *advisory.Record) { r.References[0].URL = "javascript:alert(1)" }, "references.0.url"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ready()
			if ps := r.Problems(); len(ps) > 0 {
				t.Fatalf("the record has problems before: %v", ps)
			}
			c.change(&r)
			ps := r.Problems()
			if len(ps) != 1 || ps[0].Path != c.path {
				t.Errorf("got %v, want one at %s", ps, c.path)
			}
		})
	}
}

func TestEndOfAnEmbargoWithoutAnAdvisoryAlertsToo(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	w.Clock.Set(w.until)
	w.end()
	var all []advisory.Advisory
	w.View(t, func(ctx context.Context, v unit.View) (err error) {
		all, err = w.svc.OfCase(ctx, v, w.lead, w.caseID)
		return err
	})
	if len(all) != 1 || all[0].Overdue.IsZero() || all[0].Alerts != 1 || all[0].State() != advisory.Drafting {
		t.Fatalf("%+v", all)
	}
	w.View(t, func(ctx context.Context, v unit.View) error {
		seen, err := w.svc.OfCase(ctx, v, w.observer, w.caseID)
		if len(seen) != 0 {
			t.Error("an observer sees the draft")
		}
		return err
	})
}

func TestMovedEmbargoIsStagedAgainForTheNewDate(t *testing.T) {
	w := newWorld(t, sqldbtest.SQLite(t, sources()))
	id := w.armed()
	w.run(12 * time.Minute)
	old := w.until
	w.until = old.Add(24 * time.Hour)
	w.Do(t, func(ctx context.Context, tx unit.Tx) error {
		return w.svc.EmbargoMoved(ctx, tx, embargo.Changed{Case: casework.CaseID(w.caseID), Until: w.until})
	})
	w.Clock.Set(w.until.Add(-4 * time.Minute))
	w.Drain(t)
	if a := w.a(id); a.Stage == nil || !a.Stage.For.Equal(w.until) || a.Number != "LAN-2026-0001" {
		t.Fatalf("staged for %+v, want %s", a.Stage, w.until)
	}
	w.Clock.Set(w.until)
	w.end()
	doc, _ := csaf.ReadAdvisory([]byte(w.file(docPath)), csaf.Limits{})
	if at, _ := doc.Document.Tracking.InitialReleaseDate.Time(); !at.Equal(w.until) {
		t.Errorf("released at %s, want %s", at, w.until)
	}
}
