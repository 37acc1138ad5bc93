package caseworkdb_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// team is people.Team on the test's store: who leaves and who leads goes the way it does
// in the program.
func team(s *caseworktest.Site) *people.Team {
	return &people.Team{Joins: s.People, Persons: s.People, Grants: s.Grants, Agreements: &people.Agreements{Store: s.People},
		Post: &people.Post{Store: s.People, Domain: "tocsin.example"}}
}

func roleOn(t *testing.T, s *caseworktest.Site, sc people.Scope, id casework.CaseID) (r people.Role) {
	t.Helper()
	s.View(t, func(ctx context.Context, v unit.View) error {
		_, got, err := s.Cases.Get(ctx, v, sc, id)
		if err == nil {
			r = got
		} else if !isMissing(err) {
			t.Error(err)
		}
		return nil
	})
	return r
}

func TestWhoIsRemovedFromTheTeamLosesItsCases(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		shared := s.Open(t, "with the whole team")
		// A case that the deputy alone leads: the chair was taken off it.
		alone, _ := reported(t, s, mail(), desk.Claims{})
		for _, gone := range []people.Scope{s.Chair, s.Moderator} {
			must(t, s.Cases.Remove(t.Context(), s.Deputy, alone, caseworktest.PersonOf(gone), people.Lead, "conflict of interest"))
		}
		// His own report stays his.
		join(t, s, shared, s.Deputy, people.Reporter)
		lanterna, chair := s.Project, s.Chair
		s.Project = s.AddProject(t, "other")
		s.Chair = s.AddPerson(t, "their chair", people.Chair, people.TeamMember)
		other := s.Open(t, "of another project")
		join(t, s, other, s.Deputy, people.Observer)
		s.Project, s.Chair = lanterna, chair
		must(t, s.Cases.Invite(t.Context(), s.Deputy, casework.Invite{Case: alone, Person: caseworktest.PersonOf(s.Deputy), Role: people.Observer}))
		token := link(t, s)

		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return team(s).Remove(ctx, tx, s.Chair, s.Project, caseworktest.PersonOf(s.Deputy), "left his employer")
		})
		if got := roleOn(t, s, s.Deputy, shared); got != people.Reporter {
			t.Errorf("on his own report he is %q", got)
		}
		if got := roleOn(t, s, s.Deputy, alone); got != "" {
			t.Errorf("on the case that he led he is %q", got)
		}
		if got := roleOn(t, s, s.Deputy, other); got != people.Observer {
			t.Errorf("on another project's case he is %q", got)
		}
		if got := roleOn(t, s, s.Chair, alone); got != people.Lead {
			t.Errorf("on the case without a lead the chair is %q", got)
		}
		lines := s.Lines(t, s.Chair, alone)
		for _, want := range []string{"casework.ledger.takes_over", "casework.ledger.left_team", "casework.ledger.uninvited"} {
			if !slices.Contains(lines, want) {
				t.Errorf("the timeline lacks %s: %v", want, lines)
			}
		}
		if !slices.Contains(s.Lines(t, s.Chair, shared), "casework.ledger.left_team") {
			t.Error("the timeline of the shared case does not tell")
		}
		if _, err := s.Cases.Accept(t.Context(), s.Deputy, token, 0); !isMissing(err) {
			t.Errorf("his old invitation: %v", err)
		}
	})
}

func TestANewDeputyLeadsTheOpenCases(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		team1 := s.Open(t, "with the whole team")
		report, _ := reported(t, s, mail(), desk.Claims{})
		closed := s.Open(t, "closed")
		must(t, s.Cases.Advance(t.Context(), s.Chair, closed, 0, casework.Invalid, "no"))
		must(t, s.Cases.Advance(t.Context(), s.Chair, closed, 0, casework.Closed, "no"))
		if roleOn(t, s, s.Member, report) != "" {
			t.Fatal("a member is on a case whose team was not asked")
		}
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return team(s).SetRole(ctx, tx, s.Chair, s.Project, caseworktest.PersonOf(s.Member), people.Deputy, true)
		})
		for name, c := range map[string]struct {
			id   casework.CaseID
			want people.Role
			line string
		}{
			"a member became lead":         {team1, people.Lead, "casework.ledger.role"},
			"who was not on it is lead":    {report, people.Lead, "casework.ledger.joined"},
			"a closed case stays as it is": {closed, people.Member, ""},
		} {
			if got := roleOn(t, s, s.Member, c.id); got != c.want {
				t.Errorf("%s: %q", name, got)
			}
			if lines := s.Lines(t, s.Chair, c.id); c.line != "" && !slices.Contains(lines, c.line) {
				t.Errorf("%s: the timeline lacks %s", name, c.line)
			}
		}
	})
}

// A deputy who was made a plain member again stayed lead of every case.
func TestWhoLeadsByOfficeAloneLeadsAsLongAsTheOffice(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		who := caseworktest.PersonOf(s.Member)
		before := s.Open(t, "with the whole team, before")
		strange, _ := reported(t, s, mail(), desk.Claims{})
		set := func(on bool) {
			t.Helper()
			s.Do(t, func(ctx context.Context, tx unit.Tx) error {
				return team(s).SetRole(ctx, tx, s.Chair, s.Project, who, people.Deputy, on)
			})
		}
		set(true)
		during := s.Open(t, "with the whole team, as deputy")
		bare, err := s.Cases.Open(t.Context(), s.Chair, casework.Open{Project: s.Project, Title: "leads only", Reason: "found it"})
		must(t, err)
		own, err := s.Cases.Open(t.Context(), s.Member, casework.Open{Project: s.Project, Title: "his own", Reason: "found it"})
		must(t, err)
		alone, err := s.Cases.Open(t.Context(), s.Chair, casework.Open{Project: s.Project, Title: "alone", Reason: "found it"})
		must(t, err)
		named, err := s.Cases.Open(t.Context(), s.Chair, casework.Open{Project: s.Project, Title: "by name", Reason: "found it"})
		must(t, err)
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.Grants.GrantUnder(ctx, tx, s.Chair, string(named), s.Project, who, people.Lead)
		})
		for _, gone := range []people.Scope{s.Deputy, s.Chair} {
			must(t, s.Cases.Remove(t.Context(), s.Member, alone, caseworktest.PersonOf(gone), people.Lead, "conflict of interest"))
		}
		for _, id := range []casework.CaseID{before, strange, during, bare, own, alone, named} {
			if got := roleOn(t, s, s.Member, id); got != people.Lead {
				t.Fatalf("as deputy he is %q of %q", got, s.Case(t, s.Chair, id).Title)
			}
		}
		set(false)
		for fact, c := range map[string]struct {
			id   casework.CaseID
			want people.Role
			line string
		}{
			"what he was a member of before he is a member of again":   {before, people.Member, "casework.ledger.role"},
			"what he came to as deputy he loses":                       {strange, "", "casework.ledger.left_office"},
			"what the whole team was let into he is a member of":       {during, people.Member, "casework.ledger.role"},
			"what only leads were let into he loses":                   {bare, "", "casework.ledger.left_office"},
			"what he opened himself he leads":                          {own, people.Lead, ""},
			"what he led alone is the chair's":                         {alone, "", "casework.ledger.takes_over"},
			"what he was made lead of by name, as deputy, he leads on": {named, people.Lead, ""},
		} {
			if got := roleOn(t, s, s.Member, c.id); got != c.want {
				t.Errorf("%s: he is %q", fact, got)
			}
			if got := roleOn(t, s, s.Chair, c.id); got != people.Lead {
				t.Errorf("%s: the chair is %q", fact, got)
			}
			if lines := s.Lines(t, s.Chair, c.id); c.line != "" && !slices.Contains(lines, c.line) {
				t.Errorf("%s: the timeline lacks %s", fact, c.line)
			}
		}
	})
}
