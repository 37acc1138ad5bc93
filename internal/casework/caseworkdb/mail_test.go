package caseworkdb_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// signed is a mail whose whole body a person's registered key signed.
func signed(from, subject string, by people.PersonID) (desk.Message, desk.MailForCase) {
	m := desk.Message{From: desk.Address{Mail: from}, Subject: subject, Text: "hello from " + from, MailID: subject + "@x.example",
		Signatures: []desk.Signature{{Whole: true, Result: desk.SigGood, Fingerprint: "AA", Person: string(by)}}}
	return m, desk.MailForCase{SignedBy: "AA", Person: by}
}

func TestMailEntersACaseOnlyWhenItIsAuthenticated(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		member := caseworktest.PersonOf(s.Chair)
		stranger := caseworktest.PersonOf(s.Stranger)
		obs := s.AddPerson(t, "obs")
		plain := func(m desk.Message, f desk.MailForCase) (desk.Message, desk.MailForCase) { return m, f }
		with := func(m desk.Message, f desk.MailForCase, change func(*desk.Message, *desk.MailForCase)) (desk.Message, desk.MailForCase) {
			change(&m, &f)
			return m, f
		}
		bare := func(address string) func() (desk.Message, desk.MailForCase) {
			return func() (desk.Message, desk.MailForCase) {
				m := desk.Message{From: desk.Address{Name: "Boss", Mail: "boss@team.example"}, Subject: "Re: Heap", Text: "more",
					Signatures: []desk.Signature{{Whole: true, Result: desk.SigGood, Fingerprint: "BB", Address: address, Project: string(s.Project)}}}
				return m, desk.MailForCase{SignedBy: "BB", KeyAddress: address, KeyProject: s.Project}
			}
		}
		unsigned := desk.Message{From: desk.Address{Mail: "rhea@research.example"}, Subject: "Re: Heap", Text: "more"}
		for name, c := range map[string]struct {
			mail  func() (desk.Message, desk.MailForCase)
			hold  casework.Hold
			trust casework.Trust
		}{
			"a participant's whole signature enters": {func() (desk.Message, desk.MailForCase) { return signed("chair@team.example", "a", member) }, casework.Posted, casework.Signed},
			"a stranger's signature waits":           {func() (desk.Message, desk.MailForCase) { return signed("s@s.example", "b", stranger) }, casework.Waiting, casework.Signed},
			"an observer's signature waits":          {func() (desk.Message, desk.MailForCase) { return signed("o@o.example", "c", caseworktest.PersonOf(obs)) }, casework.Waiting, casework.Signed},
			"the reporter's address alone waits":     {func() (desk.Message, desk.MailForCase) { return plain(unsigned, desk.MailForCase{}) }, casework.Waiting, casework.Unverified},
			"an aligned DKIM alone waits": {func() (desk.Message, desk.MailForCase) {
				return with(unsigned, desk.MailForCase{DKIMAligned: true}, func(m *desk.Message, _ *desk.MailForCase) {
					m.Auth.DKIM = []desk.DKIM{{Domain: "research.example", Result: "pass", Aligned: true}}
				})
			}, casework.Waiting, casework.Aligned},
			"the reporter's registered key enters without an account": {bare("Rhea@research.example"), casework.Posted, casework.Signed},
			"a registered key of another address waits":               {bare("eve@research.example"), casework.Waiting, casework.Signed},
			"a replayed signature by the reporter's key waits": {func() (desk.Message, desk.MailForCase) {
				m, f := bare("rhea@research.example")()
				m.Replayed, f.Replayed = true, true
				return m, f
			}, casework.Waiting, casework.Unverified},
			"a replayed signature waits": {func() (desk.Message, desk.MailForCase) {
				m, f := signed("chair@team.example", "d", member)
				m.Replayed, f.Replayed = true, true
				return m, f
			}, casework.Waiting, casework.Unverified},
		} {
			t.Run(name, func(t *testing.T) {
				id, _ := reported(t, s, mail(), desk.Claims{})
				join(t, s, id, obs, people.Observer)
				before := s.Case(t, s.Chair, id)
				m, f := c.mail()
				s.Deliver(t, id, m, f)
				items := s.Talk(t, s.Chair, id)
				got := items[len(items)-1]
				if got.Hold != c.hold || got.Trust != c.trust || got.Kind != casework.KindMail {
					t.Errorf("hold %s, trust %s", got.Hold, got.Trust)
				}
				if f.KeyAddress != "" && !f.Replayed && (got.Content.Address != f.KeyAddress || got.Content.From != "") {
					t.Errorf("a signed mail shows the address in its From line: %q %q", got.Content.From, got.Content.Address)
				}
				after := s.Case(t, s.Chair, id)
				if after.State != before.State || after.Facts != before.Facts || after.Clock != before.Clock {
					t.Error("a mail changed the case's state")
				}
				sees := len(s.Talk(t, obs, id))
				if (sees == 2) != (c.hold == casework.Posted) {
					t.Errorf("the observer sees %d items", sees)
				}
				if c.hold == casework.Waiting && got.Author != "" {
					t.Error("a waiting mail has an author")
				}
			})
		}
	})
}

func TestAlignedMailOfTheReporterEntersWhereTheProjectWantsIt(t *testing.T) {
	s := caseworktest.SQLite(t)
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.People.FindProject(ctx, tx, s.Chair, s.Project)
		if err != nil {
			return err
		}
		p.Policy.AlignedEnters = true
		return s.People.SaveProject(ctx, tx, s.Chair, p)
	})
	id, _ := reported(t, s, mail(), desk.Claims{})
	m := desk.Message{From: desk.Address{Mail: "Rhea@research.example"}, Text: "more", MailID: "two@research.example",
		Auth: desk.Auth{DKIM: []desk.DKIM{{Domain: "research.example", Result: "pass", Aligned: true}}}}
	s.Deliver(t, id, m, desk.MailForCase{DKIMAligned: true})
	m.From.Mail = "chair@team.example"
	s.Deliver(t, id, m, desk.MailForCase{DKIMAligned: true})
	items := s.Talk(t, s.Chair, id)
	if got := items[1]; got.Hold != casework.Posted || got.Trust != casework.Aligned || got.Author != "" {
		t.Errorf("the reporter's: %+v", got)
	}
	if got := items[2]; got.Hold != casework.Waiting {
		t.Error("a member's address alone speaks for the team")
	}
}

func TestAMembersSignedMailReachesTheReporterUnlessMarked(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, rep := reported(t, s, mail(), desk.Claims{})
	m, f := signed("chair@team.example", "Re: [internal] Heap", caseworktest.PersonOf(s.Chair))
	s.Deliver(t, id, m, f)
	m, f = signed("chair@team.example", "Re: Heap", caseworktest.PersonOf(s.Chair))
	s.Deliver(t, id, m, f)
	items := s.Talk(t, s.Chair, id)
	if items[1].Audience != casework.Team || items[1].Letter != "" {
		t.Errorf("the marked note: %+v", items[1])
	}
	if items[2].Audience != casework.Everyone || items[2].Letter == "" {
		t.Errorf("the reply: %+v", items[2])
	}
	if got := len(s.Talk(t, people.AsBearer(string(rep)), id)); got != 2 {
		t.Errorf("the reporter sees %d items", got)
	}
}

func TestBouncesAreFiled(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, _ := reported(t, s, mail(), desk.Claims{})
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "hello?"})
		items := s.Talk(t, s.Chair, id)
		letter := items[1].Letter
		s.Desk.Mails["b"] = desk.Message{ID: "b", Object: string(id), Subject: "Undelivered Mail", Text: "550 no such user"}
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.Cases.FollowBounce(ctx, tx, desk.Bounced{Message: "b", Object: string(id), Letter: letter, Failed: true})
		})
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.Cases.FollowFailed(ctx, tx, people.LetterFailed{Letter: letter, About: string(id)})
		})
		items = s.Talk(t, s.Chair, id)
		if len(items) != 3 || !items[1].Bounced || items[2].Kind != casework.KindBounce || items[2].Audience != casework.Team {
			t.Errorf("got %+v", items)
		}
		n := 0
		for _, k := range s.Lines(t, s.Chair, id) {
			if k == "casework.ledger.undelivered" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d entries for one letter", n)
		}
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			return s.Cases.FollowBounce(ctx, tx, desk.Bounced{Message: "b", Object: "no case", Failed: true})
		})
	})
}

// TestTheHoldUnderRandomMail delivers random mails and decides at random: what waits
// is seen by the team alone, what was decided stays decided, and nothing but an
// authenticated participant's mail enters by itself.
func TestTheHoldUnderRandomMail(t *testing.T) {
	s := caseworktest.SQLite(t)
	obs := s.AddPerson(t, "obs")
	rapid.Check(t, func(rt *rapid.T) {
		id := s.Open(t, "hold")
		join(t, s, id, obs, people.Observer)
		model := map[casework.ItemID]casework.Hold{}
		state := s.Case(t, s.Chair, id).State
		rt.Repeat(map[string]func(*rapid.T){
			"mail": func(rt *rapid.T) {
				who := rapid.SampledFrom([]people.Scope{s.Chair, s.Member, s.Stranger, obs}).Draw(rt, "who")
				m, f := signed("x@x.example", "s", caseworktest.PersonOf(who))
				if rapid.Bool().Draw(rt, "unsigned") {
					m.Signatures, f.SignedBy, f.Person = nil, "", ""
				}
				f.Replayed = rapid.Bool().Draw(rt, "replayed")
				m.Replayed = f.Replayed
				f.DKIMAligned = rapid.Bool().Draw(rt, "aligned")
				s.Deliver(t, id, m, f)
				items := s.Talk(t, s.Chair, id)
				got := items[len(items)-1]
				enters := f.SignedBy != "" && !f.Replayed && (caseworktest.PersonOf(who) == caseworktest.PersonOf(s.Chair) || caseworktest.PersonOf(who) == caseworktest.PersonOf(s.Member))
				if (got.Hold == casework.Posted) != enters {
					rt.Fatalf("hold %s for %+v", got.Hold, f)
				}
				model[got.ID] = got.Hold
			},
			"decide": func(rt *rapid.T) {
				items := s.Talk(t, s.Chair, id)
				i := rapid.SampledFrom(items).Draw(rt, "item")
				d := casework.Decide{Case: id, Item: i.ID, LetIn: rapid.Bool().Draw(rt, "in"), Team: rapid.Bool().Draw(rt, "team"), Reason: "looked at it"}
				err := s.Cases.DecideMail(t.Context(), s.Member, d)
				if i.Hold != casework.Waiting {
					if !fault.Is(err, fault.Conflict) {
						rt.Fatalf("decided twice: %v", err)
					}
					return
				}
				if err != nil {
					rt.Fatal(err)
				}
				if model[i.ID] = casework.Refused; d.LetIn {
					model[i.ID] = casework.Posted
				}
			},
			"": func(rt *rapid.T) {
				for _, i := range s.Talk(t, s.Chair, id) {
					if want, ok := model[i.ID]; ok && i.Hold != want {
						rt.Fatalf("%s is %s, not %s", i.ID, i.Hold, want)
					}
				}
				for _, i := range s.Talk(t, obs, id) {
					if i.Hold != casework.Posted || i.Audience != casework.Everyone {
						rt.Fatal("an observer sees what waits")
					}
				}
				if s.Case(t, s.Chair, id).State != state {
					rt.Fatal("a mail moved the case")
				}
			},
		})
	})
}

func TestALetInMailStaysShownAsUnverified(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, _ := reported(t, s, mail(), desk.Claims{})
		s.Deliver(t, id, desk.Message{From: desk.Address{Mail: "rhea@research.example"}, Text: "more", MailID: "two@research.example"}, desk.MailForCase{})
		items := s.Talk(t, s.Chair, id)
		must(t, s.Cases.DecideMail(t.Context(), s.Moderator, casework.Decide{Case: id, Item: items[1].ID, LetIn: true}))
		got := s.Talk(t, s.Chair, id)[1]
		if got.Hold != casework.Posted || got.Trust != casework.Unverified || got.Author != "" {
			t.Errorf("got %+v", got)
		}
		if c := s.Case(t, s.Chair, id); !slices.Contains(c.Thread.References, "two@research.example") {
			t.Error("the next reply does not follow the reporter's mail")
		}
		other := s.Open(t, "other")
		if err := s.Cases.DecideMail(t.Context(), s.Chair, casework.Decide{Case: other, Item: got.ID, LetIn: true}); !isMissing(err) {
			t.Errorf("an item of another case: %v", err)
		}
	})
}
