package advisorydb_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisoryweb"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// sources are the tables that the tests of this package stand on.
func sources() []sqldb.Source {
	return []sqldb.Source{peopledb.Migrations(), advisorydb.Migrations()}
}

// world is a project with a chair, a deputy and a member, one case under embargo,
// and an observer and a stranger. Casework and embargo are stood in for by two values:
// their own tests are elsewhere.
type world struct {
	*sqldbtest.Env
	svc      *advisory.Service
	people   *peopledb.Store
	project  people.Project
	caseID   string
	cases    []string   // further cases
	mu       sync.Mutex // guards over where a test has two goroutines
	until    time.Time
	over     bool
	needed   []record.Branch
	says     []record.Branch // what the case says of branches
	lead     people.Scope
	member   people.Scope
	chair    people.Scope
	deputy   people.Scope
	observer people.Scope
	stranger people.Scope
	key      pgp.Key
	also     []pgp.Key // further keys that the metadata names
	letters  []people.Letter
	done     bool // the case was closed
	refuse   bool // the smarthost refuses list mails
	noKey    bool // the project has no signing key
	t        testing.TB
}

const site = "https://security.lanterna.example"

func newWorld(t testing.TB, e *sqldbtest.Env) *world {
	t.Helper()
	w := &world{Env: e, t: t, caseID: ident.New(), people: &peopledb.Store{Seal: e.Seal, Ring: e.Ring}}
	now := e.Clock.Now()
	w.until = now.Add(14 * 24 * time.Hour)
	var err error
	if w.key, err = pgp.Generate("Lanterna security", "security@lanterna.example", now.Add(-time.Hour), 0); err != nil {
		t.Fatal(err)
	}
	w.project = people.Project{ID: people.ProjectID(ident.New()), Slug: "lanterna", Name: "Lanterna", Series: "LAN", Created: now,
		Addresses: []string{"security@lanterna.example"}, Policy: people.DefaultPolicy(), Langs: []string{"en"},
		Lists:     people.Lists{Dev: "devel@lists.lanterna.example", Announce: "announce@lists.lanterna.example"},
		Publisher: people.Publisher{Namespace: "https://lanterna.example", Category: "vendor"}}
	e.Do(t, func(ctx context.Context, tx unit.Tx) error {
		return w.people.AddProject(ctx, tx, people.AsJob("test", string(w.project.ID)), w.project)
	})
	w.lead, w.member = w.person(people.Lead), w.person(people.Member)
	w.observer, w.stranger = w.person(people.Observer), w.person("")
	w.chair, w.deputy = w.person(people.Chair), w.person(people.Deputy)
	w.svc = &advisory.Service{
		Work: e.Work, Store: &advisorydb.Store{Seal: e.Seal}, Site: advisorydb.Site{Seal: e.Seal}, Cases: w, Embargoes: w,
		Roles: &people.Grants{Store: w.people, Terms: w.people}, Projects: &people.Directory{Persons: w.people, Projects: w.people},
		Series: &people.Series{Store: w.people, Projects: w.people}, Keys: w, Post: w, Mail: w.people,
		Render: advisoryweb.Renderer{Catalog: i18n.Default()}, URL: site,
	}
	e.Handle(jobs.Handler{Kind: advisory.KindStage, Run: w.svc.StageJob, Dead: w.svc.Died},
		jobs.Handler{Kind: advisory.KindPublish, Run: w.svc.Publish, Dead: w.svc.Died},
		jobs.Handler{Kind: advisory.KindBatch, Run: w.svc.Batch}, jobs.Handler{Kind: advisory.KindAlert, Run: w.svc.Alert}, jobs.Handler{Kind: advisory.KindStep, Run: w.svc.Step},
		jobs.Handler{Kind: advisory.KindSite, Run: w.svc.Refresh}, jobs.Handler{Kind: people.KindSend, Run: w.deliver})
	return w
}

// person makes an account with a role on the case or the project.
func (w *world) person(r people.Role) people.Scope {
	w.t.Helper()
	id := people.PersonID(ident.New())
	job := people.AsJob("test", w.caseID, string(w.project.ID))
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		p := people.Person{ID: id, Name: "P " + string(r), Email: string(id) + "@lanterna.example", State: people.Active, Created: tx.Now()}
		if err := w.people.AddPerson(ctx, tx, job, p); err != nil {
			return err
		}
		object := w.caseID
		if r.OnProject() {
			object = string(w.project.ID)
		}
		if r == "" {
			return nil
		}
		return w.people.AddGrant(ctx, tx, job, people.Grant{Object: object, Holder: id, Role: r, By: "test", Since: tx.Now()})
	})
	return people.AsPerson(id)
}

// Case implements advisory.Cases.
func (w *world) Case(_ context.Context, _ unit.View, _ people.Scope, id string) (advisory.CaseView, error) {
	if id != w.caseID && !slices.Contains(w.cases, id) {
		return advisory.CaseView{}, fault.Missing()
	}
	return advisory.CaseView{Project: w.project.ID, Needed: w.needed, Done: w.done, Record: advisory.Record{Title: "from the case", Branches: w.says}}, nil
}

// Lock implements advisory.Cases: the project's row stands for that of the case.
func (w *world) Lock(ctx context.Context, tx unit.Tx, _ people.Scope, _ string) error {
	_, err := sqldb.One(ctx, tx, sqldb.Value[string], `select id from people_project where id = ?`+sqldb.Of(tx).Lock(), w.project.ID)
	return err
}

// Until implements advisory.Embargoes.
func (w *world) Until(context.Context, unit.View, people.Scope, string) (time.Time, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.until, w.over, nil
}

// Signing implements advisory.Keys with a real OpenPGP key.
func (w *world) Signing(_ context.Context, v unit.View, _ people.ProjectID) (advisory.SigningKey, error) {
	if w.noKey {
		return nil, fault.Missing()
	}
	return signer{w.key, v.Now()}, nil
}

// Public implements advisory.Keys.
func (w *world) Public(context.Context, unit.View, people.ProjectID) ([]advisory.PublicKey, error) {
	if w.noKey {
		return nil, nil
	}
	armored, err := w.key.Armored()
	out := []advisory.PublicKey{{Fingerprint: w.key.Fingerprint, Armored: []byte(armored), Signs: true, InUse: true, Encrypts: true}}
	for i := range w.also {
		armored, errAlso := w.also[i].Armored()
		out, err = append(out, advisory.PublicKey{Fingerprint: w.also[i].Fingerprint, Armored: []byte(armored), Signs: true, InUse: true}), errors.Join(err, errAlso)
	}
	return out, err
}

type signer struct {
	key pgp.Key
	now time.Time
}

func (s signer) Fingerprints() []string { return []string{s.key.Fingerprint} }
func (s signer) Sign(_ context.Context, data []byte) ([]byte, error) {
	return pgp.Signer{Key: s.key, Now: s.now}.Sign(bytes.NewReader(data))
}
func (s signer) Clearsign(_ context.Context, text []byte) ([]byte, error) {
	return pgp.Signer{Key: s.key, Now: s.now, Text: true}.Clearsign(text)
}
func (s signer) Verify(data, signature []byte) error {
	v, err := pgp.VerifyDetached(context.Background(), bytes.NewReader(data), signature, []pgp.Key{s.key}, s.now)
	if err == nil && !v.Valid {
		err = errors.New("not valid")
	}
	return err
}

// Put implements advisory.Post: the real one, remembering what it was given.
func (w *world) Put(ctx context.Context, tx unit.Tx, sc people.Scope, l people.Letter) error {
	w.letters = append(w.letters, l)
	return (&people.Post{Store: w.people}).Put(ctx, tx, sc, l)
}

// deliver is a smarthost that takes or refuses everything.
func (w *world) deliver(ctx context.Context, j unit.Running) error {
	sc := people.AsJob(j.Kind, j.Subject)
	return w.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		d, l, err := w.people.LoadDelivery(ctx, tx, sc, j.Args["delivery"])
		if err != nil {
			return err
		}
		d.State, d.Done = people.Sent, tx.Now()
		if w.refuse && l.Key == "advisory.mail" {
			d.State, d.Problem, d.Code = people.Failed, "people.delivery.refused", "550"
		}
		return w.people.SaveDelivery(ctx, tx, sc, d)
	})
}

// a is the advisory as a member sees it.
func (w *world) a(id advisory.ID) advisory.Advisory {
	w.t.Helper()
	var a advisory.Advisory
	w.View(w.t, func(ctx context.Context, v unit.View) (err error) {
		for _, sc := range []people.Scope{w.lead, w.chair} {
			if a, err = w.svc.Get(ctx, v, sc, id); err == nil {
				return nil
			}
		}
		return err
	})
	return a
}

func (w *world) hash(id advisory.ID) string {
	a := w.a(id)
	if a.Working == nil {
		return ""
	}
	return a.Working.Hash
}

// must fails the test on an error.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused wants a fault of the kind.
func (w *world) refused(err error, k fault.Kind, what string) {
	w.t.Helper()
	if !fault.Is(err, k) {
		w.t.Errorf("%s: got %v", what, err)
	}
}

// run moves the clock forward step by step and drains, so that jobs with a time run
// in their order.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	for end := w.Clock.Now().Add(d); w.Clock.Now().Before(end); {
		w.Clock.Advance(min(5*time.Second, end.Sub(w.Clock.Now())))
		w.Drain(w.t)
	}
}

// file is a file of the tree, "" when it is not there.
func (w *world) file(path string) string {
	w.t.Helper()
	var out string
	w.View(w.t, func(ctx context.Context, v unit.View) error {
		f, err := w.svc.Site.File(ctx, v, people.Anyone(), path)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		out = string(f.Bytes)
		return err
	})
	return out
}

// end lifts the ban, as embargo does when its date is reached.
func (w *world) end() {
	w.t.Helper()
	w.over = true
	w.Do(w.t, func(ctx context.Context, tx unit.Tx) error {
		return w.svc.EmbargoEnded(ctx, tx, embargo.Ended{Case: casework.CaseID(w.caseID), Until: w.until, At: tx.Now()})
	})
	w.Drain(w.t)
}

// ready is a record without problems.
func ready() advisory.Record {
	return advisory.Record{
		Title: "Heap overflow in the lamp parser", Summary: "A crafted lamp file writes past a buffer.", Impact: "Whoever can send a lamp file runs code as lanternd.",
		Branches: []record.Branch{
			{Product: "lanternd", Purl: "pkg:generic/lanternd", Name: "stable-2", Status: record.Fixed, Affected: ">= 2.0.0, < 2.4.7", Fixed: "2.4.7", FixURL: "https://git.lanterna.example/c/1"},
			{Product: "lanternd", Purl: "pkg:generic/lanternd", Name: "stable-1", Status: record.NotAffected, Justification: "vulnerable_code_not_present"},
			{Product: "lanternd", Purl: "pkg:generic/lanternd", Name: "old", Status: record.Affected, Affected: "0.9.0, 0.9.1", Waiver: "end of life"},
		},
		Workarounds: "Do not open lamp files of strangers.", CWE: []record.Weakness{{ID: "CWE-787"}, {ID: "CWE-190"}},
		CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", CVSS40: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
		CVE: "CVE-2026-31337", AssignedBy: "Example CNA", Credits: []record.Credit{{Name: "Mira Okafor", Organization: "Nightwatch", For: "reporting it"}},
		References: []record.Reference{{URL: "https://lanterna.example/lamps", Text: "The lamp format"}},
		Timeline:   []record.Moment{{At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), Text: "Reported"}},
		TLP:        "WHITE", Lang: "en",
	}
}

// approved drafts, writes and approves an advisory.
func (w *world) approved() advisory.ID {
	w.t.Helper()
	id, err := w.svc.Draft(w.t.Context(), w.lead, w.caseID)
	w.must(err)
	w.must(w.svc.Save(w.t.Context(), w.lead, id, w.hash(id), ready(), ""))
	w.must(w.svc.Approve(w.t.Context(), w.member, id, w.hash(id), ""))
	return id
}

// armed arms it a quarter of an hour before the end of the embargo.
func (w *world) armed() advisory.ID {
	w.t.Helper()
	id := w.approved()
	w.Clock.Set(w.until.Add(-15 * time.Minute))
	w.must(w.svc.Arm(w.t.Context(), w.member, id, w.hash(id)))
	return id
}

func count(s, sub string) int { return strings.Count(s, sub) }
