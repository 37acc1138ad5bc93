package peopledb_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// A key that one project's moderator registered for an address spoke as its holder, and was
// written to, in every project of the site.
func TestAKeyOfAnOutsiderCountsInTheProjectThatRegisteredIt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		sc, job := people.AsPerson(s.person(t, "maria")), people.AsJob("desk.read", "r")
		const rhea = "rhea@research.example"
		if _, err := s.keys.UploadFor(t.Context(), sc, "other", "report1", rhea, []byte("KEY EE1 never")); err != nil {
			t.Fatal(err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			for project, want := range map[people.ProjectID]int{"other": 1, "lanterna": 0, "": 0} {
				a, err1 := s.store.KeysOf(ctx, v, job, project, "", rhea)
				b, err2 := s.store.KeysByHandle(ctx, v, job, []people.ProjectID{project}, []string{"EE1"})
				if err1 != nil || err2 != nil || len(a) != want || len(b) != want {
					t.Errorf("project %q finds %d by address and %d by handle, want %d (%v, %v)", project, len(a), len(b), want, err1, err2)
				}
			}
			return nil
		})
		var id string
		s.View(t, func(ctx context.Context, v unit.View) error {
			ks, err := s.store.KeysOf(ctx, v, job, "other", "", rhea)
			id = ks[0].ID
			return err
		})
		if err := s.keys.Remove(t.Context(), sc, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("anybody signed in removes it by its id: %v", err)
		}
	})
}

// The automatic answer carried the reporter's link in clear past his key, and nothing said of
// a letter how it had gone.
func TestALetterSaysWhetherItWentOutEncrypted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		p := s.project(t, ann)
		s.projects.PGP = fakePGP{}
		if err := s.projects.FirstKeys(t.Context(), people.AsJob("x"), p); err != nil {
			t.Fatal(err)
		}
		for _, project := range []people.ProjectID{p.ID, "other"} {
			address := map[people.ProjectID]string{p.ID: "rhea@research.example", "other": "eve@research.example"}[project]
			if _, err := s.keys.UploadFor(t.Context(), people.AsPerson(ann), project, "report1", address, []byte("KEY AA1 never")); err != nil {
				t.Fatal(err)
			}
		}
		s.Drain(t)
		s.smtp.got = nil
		encrypted := map[string]bool{"rhea": true, "rhea-private": true}
		var all []string
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			all = nil
			for _, who := range []string{"rhea", "eve", "nobody"} {
				for _, private := range []bool{false, true} {
					l := people.Letter{ID: who, Project: p.ID, Key: "x.reply", Body: "the canary sings", Private: private, Confidential: !private, To: []people.Recipient{{Address: who + "@research.example"}}}
					if private {
						l.ID += "-private"
					}
					all = append(all, l.ID)
					if err := s.post.Put(ctx, tx, people.AsJob("test"), l); err != nil {
						return err
					}
				}
			}
			return nil
		})
		check := func(when string) {
			t.Helper()
			s.View(t, func(ctx context.Context, v unit.View) error {
				got, err := s.store.SentEncrypted(ctx, v, people.AsBearer("r"), all)
				for _, id := range all {
					if got[id] != encrypted[id] {
						t.Errorf("%s, letter %s: encrypted %v", when, id, got[id])
					}
				}
				return err
			})
		}
		check("while it waits")
		s.Drain(t)
		check("when it is gone")
		if len(s.smtp.got) != len(all) {
			t.Fatalf("%d mails went out", len(s.smtp.got))
		}
		for _, m := range s.smtp.got {
			if got := strings.Contains(m.text, "BEGIN PGP MESSAGE"); got != strings.HasPrefix(m.to, "rhea") {
				t.Errorf("the mail to %s is encrypted: %v", m.to, got)
			}
		}
	})
}

// Letters about an embargo said when it ends in UTC, whoever read them where.
func TestTimesInLettersAreInTheReadersZone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob := s.person(t, "ann"), s.person(t, "bob")
		p := s.project(t, ann)
		p.Policy.Zone, p.Version = "Europe/Berlin", 1
		if err := s.projects.Save(t.Context(), people.AsPerson(ann), p); err != nil {
			t.Fatal(err)
		}
		if err := s.admin.SaveProfile(t.Context(), people.AsPerson(bob), people.Profile{Name: "Bob", Zone: "Asia/Shanghai"}); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		s.smtp.got = nil
		until := time.Date(2026, 12, 4, 13, 0, 0, 0, time.UTC)
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.post.Put(ctx, tx, people.AsJob("test"), people.Letter{Project: p.ID, Key: "x", Args: map[string]string{"until": span.Stamp(until)},
				To: []people.Recipient{{Person: ann}, {Person: bob}, {Address: "rhea@research.example"}}})
		})
		s.Drain(t)
		want := map[string]string{"ann@example.org": "14:00:00+01:00[Europe/Berlin]", "bob@example.org": "21:00:00+08:00[Asia/Shanghai]", "rhea@research.example": "14:00:00+01:00[Europe/Berlin]"}
		for _, m := range s.smtp.got {
			if !strings.Contains(strings.ReplaceAll(m.text, "=\r\n", ""), want[m.to]) {
				t.Errorf("to %s: %s", m.to, m.text)
			}
		}
		if len(s.smtp.got) != len(want) {
			t.Errorf("%d mails", len(s.smtp.got))
		}
	})
}
