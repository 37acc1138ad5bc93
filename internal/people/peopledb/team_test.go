package peopledb_test

import (
	"context"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

func TestJoiningTheTeam(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob, eve := s.person(t, "ann"), s.person(t, "bob"), s.person(t, "eve")
		p := s.project(t, ann)
		a, b, e := people.AsPerson(ann), people.AsPerson(bob), people.AsPerson(eve)
		m := &people.Members{Work: s.Work, Team: s.team, Directory: s.dir, Accounts: s.admin, Ring: s.ring}
		ask := func(sc people.Scope) string {
			t.Helper()
			s.later(time.Minute)
			if err := m.Ask(t.Context(), sc, p.ID, "I keep the package."); err != nil {
				t.Fatal(err)
			}
			v, err := m.View(t.Context(), a, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			return v.Joins[0].ID
		}
		want := func(fact string, err error, kind fault.Kind) {
			t.Helper()
			if !fault.Is(err, kind) {
				t.Errorf("%s: %v", fact, err)
			}
		}
		id := ask(b)
		want("asking twice", m.Ask(t.Context(), b, p.ID, "again"), fault.Conflict)
		want("a stranger vouches", m.Vouch(t.Context(), e, id, "x"), fault.NotFound)
		want("one vouches for himself", m.Vouch(t.Context(), b, id, "x"), fault.NotFound)
		want("a chair alone approves without a reason", m.Approve(t.Context(), a, id, ""), fault.Conflict)
		if err := m.Approve(t.Context(), a, id, "He has kept the package for ten years."); err != nil {
			t.Fatal(err)
		}
		if v, _ := m.View(t.Context(), b, p.ID); len(v.Mine) != 0 || len(v.Team) != 0 {
			t.Errorf("without the terms bob is in: %+v", v)
		}
		want("other terms than those in force", m.Accept(t.Context(), b, p.ID, 2), fault.Conflict)
		if err := m.Accept(t.Context(), b, p.ID, 1); err != nil {
			t.Fatal(err)
		}
		v, err := m.View(t.Context(), b, p.ID)
		if err != nil || len(v.Mine) != 1 || v.Mine[0] != people.TeamMember || len(v.Team) != 2 || v.Team[1].Terms != 1 {
			t.Fatalf("bob's view: %+v, %v", v, err)
		}
		// With two in the team the waiver of a voucher is over.
		id = ask(e)
		want("unvouched in a team of two", m.Approve(t.Context(), a, id, "fine"), fault.Conflict)
		if err := m.Vouch(t.Context(), a, id, "I met her."); err != nil {
			t.Fatal(err)
		}
		want("the voucher approves", m.Approve(t.Context(), a, id, ""), fault.Denied)
		want("a member approves", m.Approve(t.Context(), b, id, ""), fault.Denied)
		want("a member makes himself chair", m.SetRole(t.Context(), b, p.ID, bob, people.Chair, true), fault.Denied)
		if err := m.SetRole(t.Context(), a, p.ID, bob, people.Deputy, true); err != nil {
			t.Fatal(err)
		}
		if err := m.Approve(t.Context(), b, id, ""); err != nil {
			t.Fatal(err)
		}
		if err := m.Accept(t.Context(), e, p.ID, 1); err != nil {
			t.Fatal(err)
		}
		if v, _ := m.View(t.Context(), a, p.ID); len(v.Team) != 3 || v.Team[2].Word != "I met her." || v.Team[2].Voucher != ann {
			t.Errorf("the voucher's words are lost: %+v", v.Team)
		}
		// Duty.
		want("the last one goes off duty", m.Duty(t.Context(), a, p.ID, ann, false), fault.Conflict)
		want("a member puts another on duty", m.Duty(t.Context(), e, p.ID, bob, true), fault.Denied)
		if err := m.Duty(t.Context(), e, p.ID, eve, true); err != nil {
			t.Fatal(err)
		}
		if err := m.Duty(t.Context(), a, p.ID, ann, false); err != nil {
			t.Fatal(err)
		}
		// The last one on duty is removed: the chair takes over.
		want("a removal without a reason", m.Remove(t.Context(), b, p.ID, eve, ""), fault.Invalid)
		want("a member removes another", m.Remove(t.Context(), e, p.ID, bob, "x"), fault.Denied)
		if err := m.Remove(t.Context(), b, p.ID, eve, "She left the company."); err != nil {
			t.Fatal(err)
		}
		if v, _ := m.View(t.Context(), e, p.ID); len(v.Mine) != 0 || len(v.Team) != 0 {
			t.Errorf("eve is still in: %+v", v.Mine)
		}
		v, _ = m.View(t.Context(), a, p.ID)
		if !v.May(people.Moderator) || len(v.Team) != 2 {
			t.Errorf("nobody is on duty: %+v", v.Team)
		}
		want("the last chair leaves", m.Remove(t.Context(), a, p.ID, ann, "tired"), fault.Conflict)
		if err := m.Remove(t.Context(), b, p.ID, bob, "tired"); err != nil {
			t.Errorf("a deputy leaves: %v", err)
		}
		s.history(t, p.ID)
	})
}

// history checks that the record of a project's team says what happened.
func (s *site) history(t *testing.T, project people.ProjectID) {
	t.Helper()
	kinds := map[string]int{}
	s.View(t, func(ctx context.Context, v unit.View) error {
		lines, err := s.Ledger.Read(ctx, v, unit.Stream{Kind: "project", ID: string(project)}, 0, 1000)
		for _, l := range lines {
			kinds[l.Kind]++
		}
		return err
	})
	for kind, n := range map[string]int{"people.ledger.join_asked": 2, "people.ledger.join_vouched": 1, "people.ledger.join_approved": 2, "people.ledger.joined": 3, "people.ledger.terms_accepted": 3, "people.ledger.nominated": 1} {
		if kinds[kind] != n {
			t.Errorf("the ledger has %d of %s, want %d", kinds[kind], kind, n)
		}
	}
	s.View(t, func(ctx context.Context, v unit.View) error {
		all, err := s.store.Holders(ctx, v, people.AsJob("x", string(project)), string(project), true)
		ended := 0
		for _, g := range all {
			if !g.Ended.IsZero() {
				ended++
			}
		}
		if ended < 5 {
			t.Errorf("%d of %d grants ended; ending must keep them", ended, len(all))
		}
		return err
	})
}

func TestPublicTeamPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob := s.person(t, "ann"), s.person(t, "bob")
		p := s.project(t, ann)
		team := func(sc people.Scope) (out []people.Teammate) {
			s.View(t, func(ctx context.Context, v unit.View) (err error) {
				out, err = s.dir.Team(ctx, v, sc, p.ID)
				return err
			})
			return out
		}
		if err := s.admin.SaveProfile(t.Context(), people.AsPerson(ann), people.Profile{Name: "Ann", Public: true, About: "core"}); err != nil {
			t.Fatal(err)
		}
		if n := len(team(people.Anyone())); n != 0 {
			t.Errorf("%d are named before the project shows its team", n)
		}
		p.Public.TeamPage, p.Version = true, 1
		if err := s.projects.Save(t.Context(), people.AsPerson(ann), p); err != nil {
			t.Fatal(err)
		}
		for _, sc := range []people.Scope{people.Anyone(), people.AsPerson(bob), people.AsBearer("x")} {
			got := team(sc)
			if len(got) != 1 || got[0].Person.Name != "Ann" || got[0].Person.Email != "" || got[0].Terms != 0 && !sc.IsAnyone() {
				t.Errorf("%s sees %+v", sc.Actor(), got)
			}
		}
		if err := s.projects.Save(t.Context(), people.AsPerson(bob), p); !fault.Is(err, fault.NotFound) {
			t.Errorf("an outsider saves settings: %v", err)
		}
	})
}

func TestKeyring(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		p := s.project(t, ann)
		s.projects.PGP = fakePGP{}
		first, err := s.projects.MakeKey(t.Context(), people.AsPerson(ann), p.ID, people.PurposeDecrypt, false)
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.projects.PutKey(t.Context(), people.AsPerson(ann), p.ID, people.PurposeDecrypt, first.Secret, false)
		if err != nil {
			t.Fatal(err)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			cur, err := s.ring.Current(ctx, v, people.PurposeDecrypt, p.ID)
			if err != nil || cur.Fingerprint != second.Fingerprint || cur.Secret.Empty() {
				t.Errorf("current: %+v, %v", cur, err)
			}
			all, err := s.ring.All(ctx, v, people.PurposeDecrypt, p.ID)
			if err != nil || len(all) != 2 || all[1].Retired.IsZero() || all[1].Secret.Empty() {
				t.Errorf("all: %+v, %v", all, err)
			}
			pub, err := s.ring.Public(ctx, v, p.ID)
			if err != nil || len(pub) != 2 || !pub[0].Secret.Empty() {
				t.Errorf("public: %+v, %v", pub, err)
			}
			if err := s.projects.RetireKey(t.Context(), people.AsPerson(ann), p.ID, cur.ID); err != nil {
				t.Errorf("retire: %v", err)
			}
			return nil
		})
		s.View(t, func(ctx context.Context, v unit.View) error {
			if _, err := s.ring.Current(ctx, v, people.PurposeDecrypt, p.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("a retired key is current: %v", err)
			}
			return nil
		})
	})
}

// Who typed the address of an account's holder, who had accepted the terms as a guest of a
// case, had a member by approving him, and knew by it that there is an account.
func TestWhoIsEnteredByAnotherJoinsByHisOwnAct(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, bob := s.person(t, "ann"), s.person(t, "bob")
		p := s.project(t, ann)
		a, b := people.AsPerson(ann), people.AsPerson(bob)
		m := &people.Members{Work: s.Work, Team: s.team, Directory: s.dir, Accounts: s.admin, Ring: s.ring}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(m.Accept(t.Context(), b, p.ID, 1))
		s.later(time.Minute)
		must(m.Enter(t.Context(), a, p.ID, "bob@example.org", "Robert", "wrote us"))
		s.Drain(t)
		v, err := m.View(t.Context(), a, p.ID)
		must(err)
		j := v.Joins[0]
		if !j.Hidden() || j.Name != "Robert" || j.Address != "bob@example.org" || v.Names[bob] != "" {
			t.Errorf("the one who typed sees %+v and the names %v", j, v.Names)
		}
		must(m.Approve(t.Context(), a, j.ID, "The first besides me."))
		if v, _ = m.View(t.Context(), a, p.ID); len(v.Team) != 1 || v.Joins[0].State != people.Approved {
			t.Fatalf("approved, he is in without a word of his own: %+v", v.Team)
		}
		must(m.Accept(t.Context(), b, p.ID, 1))
		if v, _ = m.View(t.Context(), a, p.ID); len(v.Team) != 2 || v.Names[bob] == "" || v.Joins[0].Hidden() {
			t.Errorf("after his own act: %+v, %v", v.Team, v.Names)
		}
	})
}
