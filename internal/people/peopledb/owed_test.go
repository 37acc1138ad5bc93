package peopledb_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// New terms bind the team and who holds a role on a case under them: until they accept,
// they owe, and a confidential letter comes to them without its content.
func TestNewTermsAreOwed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob, eve := s.person(t, "ann"), s.person(t, "bob"), s.person(t, "eve")
		p := s.project(t, ann)
		err := s.do(t, func(ctx context.Context, tx unit.Tx) error {
			if err := s.team.Agreements.Accept(ctx, tx, people.AsPerson(bob), p.ID, 1); err != nil {
				return err
			}
			job := people.AsJob("test", "case1", "case2")
			if err := s.grants.GrantUnder(ctx, tx, job, "case1", p.ID, bob, people.Observer); err != nil {
				return err
			}
			return s.grants.Grant(ctx, tx, job, "case2", eve, people.Reporter) // nobody's terms
		})
		if err != nil {
			t.Fatal(err)
		}
		owes := func() (out []people.PersonID) {
			s.View(t, func(ctx context.Context, v unit.View) error {
				for _, who := range []people.PersonID{ann, bob, eve} {
					owed, err := s.store.Owed(ctx, v, people.AsPerson(who), who)
					if err != nil {
						return err
					}
					if len(owed) == 1 && owed[0].Project == p.ID && owed[0].Version == 2 {
						out = append(out, who)
					}
				}
				return nil
			})
			return out
		}
		if got := owes(); len(got) != 0 {
			t.Errorf("before the change %v owe", got)
		}
		s.mailTo(t, "")
		if err := s.projects.SetTerms(t.Context(), people.AsPerson(ann), p.ID, "Tell really nobody."); err != nil {
			t.Fatal(err)
		}
		if got := owes(); !slices.Equal(got, []people.PersonID{ann, bob}) {
			t.Errorf("after the change %v owe, want ann and bob", got)
		}
		if got := strings.Join(s.mailTo(t, "bob@example.org"), ""); !strings.Contains(got, "people.letter.terms.subject") {
			t.Errorf("bob is not told: %q", got)
		}
		secret := people.Letter{Project: p.ID, Confidential: true, Key: "x.news", Body: "the secret", To: []people.Recipient{{Person: bob}}, Link: "https://t.example/"}
		s.put(t, secret)
		if got := strings.Join(s.mailTo(t, "bob@example.org"), ""); strings.Contains(got, "the secret") || !strings.Contains(got, "people.letter.notice.terms") {
			t.Errorf("a letter to who owes: %q", got)
		}
		if err := s.do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.team.Accept(ctx, tx, people.AsPerson(bob), p.ID, 2)
		}); err != nil {
			t.Fatal(err)
		}
		if got := owes(); !slices.Equal(got, []people.PersonID{ann}) {
			t.Errorf("after bob accepted %v owe", got)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			all, err := s.store.AcceptanceHistory(ctx, v, people.AsPerson(ann), p.ID)
			if err != nil || len(all) != 3 {
				t.Errorf("the record has %d lines, want 3 (%v)", len(all), err)
			}
			if all, err = s.store.AcceptanceHistory(ctx, v, people.AsPerson(eve), p.ID); err != nil || len(all) != 0 {
				t.Errorf("an outsider reads %d lines (%v)", len(all), err)
			}
			return nil
		})
	})
}
