package caseworkdb_test

import (
	"context"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// link reads the last invitation's link out of the letter that carries it.
func link(t *testing.T, s *caseworktest.Site) string {
	t.Helper()
	var token string
	s.View(t, func(ctx context.Context, v unit.View) error {
		id, err := sqldb.One(ctx, v, sqldb.Value[string], `select d.id from people_delivery d order by d.created_at desc, d.id limit 1`)
		if err != nil {
			return err
		}
		_, l, err := s.People.LoadDelivery(ctx, v, people.AsJob(people.KindSend, id), id)
		token = l.Link
		return err
	})
	const prefix = "https://tocsin.example/invitations/"
	if len(token) < len(prefix) || token[:len(prefix)] != prefix {
		t.Fatalf("the letter's link is %q", token)
	}
	return token[len(prefix):]
}

func TestAnInvitedPersonSeesNothingBeforeTheTerms(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "secret")
		s.Terms(t, 1)
		guest := s.AddPerson(t, "guest")
		s.Clock.Advance(time.Minute)
		must(t, s.Cases.Invite(t.Context(), s.Chair, casework.Invite{Case: id, Address: "Guest@team.example", Role: people.Member}))
		token := link(t, s)
		s.View(t, func(ctx context.Context, v unit.View) error {
			if _, _, err := s.Cases.Get(ctx, v, guest, id); !isMissing(err) {
				t.Errorf("before the terms: %v", err)
			}
			i, err := s.Cases.Invitation(ctx, v, guest, token)
			if err != nil || i.Agreed || i.Terms.Version != 1 || i.Role != people.Member {
				t.Errorf("got %+v, %v", i, err)
			}
			if _, err := s.Cases.Invitation(ctx, v, s.Stranger, token); !isMissing(err) {
				t.Errorf("another account uses the link: %v", err)
			}
			if _, err := s.Cases.Invitation(ctx, v, guest, token+"x"); !isMissing(err) {
				t.Errorf("a wrong link: %v", err)
			}
			return nil
		})
		if _, err := s.Cases.Accept(t.Context(), guest, token, 7); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepting terms that were not read: %v", err)
		}
		got, err := s.Cases.Accept(t.Context(), guest, token, 1)
		if err != nil || got != id {
			t.Fatal(err)
		}
		if c := s.Case(t, guest, id); c.Title != "secret" {
			t.Error("the guest does not see the case")
		}
		if _, err := s.Cases.Accept(t.Context(), guest, token, 1); !isMissing(err) {
			t.Errorf("the link works twice: %v", err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			ps, err := s.Cases.Participants(ctx, v, s.Chair, id)
			for _, p := range ps {
				if p.Person == caseworktest.PersonOf(guest) && p.Terms != 1 {
					t.Errorf("got %+v", p)
				}
			}
			return err
		})
	})
}

func TestAnInvitationEnds(t *testing.T) {
	s := caseworktest.SQLite(t)
	id := s.Open(t, "secret")
	guest := s.AddPerson(t, "guest")
	invite := func() string {
		s.Clock.Advance(time.Minute)
		must(t, s.Cases.Invite(t.Context(), s.Chair, casework.Invite{Case: id, Address: "guest@team.example", Role: people.Observer}))
		return link(t, s)
	}
	a := invite()
	s.Clock.Advance(15 * 24 * time.Hour)
	if _, err := s.Cases.Accept(t.Context(), guest, a, 0); !isMissing(err) {
		t.Errorf("an expired link: %v", err)
	}
	b := invite()
	must(t, s.Cases.Decline(t.Context(), guest, b))
	if _, err := s.Cases.Accept(t.Context(), guest, b, 0); !isMissing(err) {
		t.Errorf("a declined link: %v", err)
	}
	c := invite()
	s.View(t, func(ctx context.Context, v unit.View) error {
		all, err := s.Cases.InvitesOf(ctx, v, s.Chair, id)
		if len(all) != 1 {
			t.Fatalf("%d invitations are open", len(all))
		}
		c = all[0].ID + " " + c
		return err
	})
	must(t, s.Cases.WithdrawInvite(t.Context(), s.Chair, id, c[:26]))
	if _, err := s.Cases.Accept(t.Context(), guest, c[27:], 0); !isMissing(err) {
		t.Errorf("a withdrawn link: %v", err)
	}
	d := invite()
	if _, err := s.Cases.Accept(t.Context(), guest, d, 0); err != nil {
		t.Errorf("without terms: %v", err)
	}
	if err := s.Cases.Invite(t.Context(), s.Chair, casework.Invite{Case: id, Address: "guest@team.example", Role: people.Observer}); !fault.Is(err, fault.Conflict) {
		t.Errorf("inviting who is there: %v", err)
	}
}

func TestTheLastLeadCannotGo(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "lead")
		chair, deputy := caseworktest.PersonOf(s.Chair), caseworktest.PersonOf(s.Deputy)
		must(t, s.Cases.ChangeRole(t.Context(), s.Chair, id, deputy, people.Lead, people.Member))
		if err := s.Cases.Remove(t.Context(), s.Chair, id, chair, people.Lead, "bye"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the last lead goes: %v", err)
		}
		if err := s.Cases.ChangeRole(t.Context(), s.Chair, id, chair, people.Lead, people.Observer); !fault.Is(err, fault.Conflict) {
			t.Errorf("the last lead steps down: %v", err)
		}
		must(t, s.Cases.Remove(t.Context(), s.Deputy, id, deputy, people.Member, "holiday"))
		s.View(t, func(ctx context.Context, v unit.View) error {
			if _, _, err := s.Cases.Get(ctx, v, s.Deputy, id); !isMissing(err) {
				t.Errorf("who went still sees the case: %v", err)
			}
			return nil
		})
		if err := s.Cases.Remove(t.Context(), s.Chair, id, deputy, people.Member, "again"); !isMissing(err) {
			t.Errorf("removing who is not there: %v", err)
		}
	})
}

func TestTeamMembersWithoutTheTermsAreInvitedNotAdmitted(t *testing.T) {
	s := caseworktest.SQLite(t)
	s.Terms(t, 1)
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		a := people.Acceptance{Project: s.Project, Person: caseworktest.PersonOf(s.Chair), Version: 1, At: tx.Now()}
		return s.People.AddAcceptance(ctx, tx, s.Chair, a)
	})
	id := s.Open(t, "terms")
	s.View(t, func(ctx context.Context, v unit.View) error {
		if _, _, err := s.Cases.Get(ctx, v, s.Deputy, id); !isMissing(err) {
			t.Errorf("the deputy without the terms: %v", err)
		}
		all, err := s.Cases.InvitesOf(ctx, v, s.Chair, id)
		if len(all) != 3 {
			t.Errorf("%d invited", len(all))
		}
		return err
	})
	if _, err := s.Cases.Open(t.Context(), s.Member, casework.Open{Project: s.Project, Title: "x", Reason: "y"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("opening without the terms: %v", err)
	}
}
