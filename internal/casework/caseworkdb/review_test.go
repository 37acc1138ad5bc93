package caseworkdb_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// look opens the case as its page does and returns the ledger's lines about what sc has
// seen so far.
func look(t *testing.T, s *caseworktest.Site, sc people.Scope, id casework.CaseID) int {
	t.Helper()
	if _, _, _, err := s.Cases.View(t.Context(), sc, id); err != nil {
		t.Fatal(err)
	}
	n := 0
	s.View(t, func(ctx context.Context, v unit.View) error {
		ls, err := s.Cases.History(ctx, v, s.Chair, id, 0, 500)
		for _, l := range ls {
			if l.Kind == "casework.ledger.seen" && l.Actor == sc.Actor() {
				n++
			}
		}
		return err
	})
	return n
}

func unread(t *testing.T, s *caseworktest.Site, sc people.Scope) (n int) {
	t.Helper()
	s.View(t, func(ctx context.Context, v unit.View) error {
		p, err := s.Cases.List(ctx, v, sc, casework.Query{})
		for _, r := range p.Rows {
			n += r.Unread
		}
		return err
	})
	return n
}

// A mail that waited kept its number when it was let in. An observer whose mark had
// passed that number read it without a line in the record, and it never showed as unread.
func TestAMailThatIsLetInIsUnreadForWhoCameByBefore(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, _ := reported(t, s, mail(), desk.Claims{})
		observer := s.AddPerson(t, "observer")
		join(t, s, id, observer, people.Observer)
		s.Deliver(t, id, desk.Message{From: desk.Address{Mail: "rhea@research.example"}, Text: "held"}, desk.MailForCase{})
		before := look(t, s, observer, id)
		if n := unread(t, s, observer); n != 0 {
			t.Fatalf("%d unread before", n)
		}
		held := s.Talk(t, s.Chair, id)[1]
		must(t, s.Cases.DecideMail(t.Context(), s.Chair, casework.Decide{Case: id, Item: held.ID, LetIn: true}))
		if n := unread(t, s, observer); n != 1 {
			t.Errorf("%d unread after it was let in", n)
		}
		if got := look(t, s, observer, id); got != before+1 {
			t.Errorf("%d lines say what the observer has seen, not %d", got, before+1)
		}
	})
}

// The mark of an observer passes the notes that he does not see. Made a member he read
// them all, and the record did not say so.
func TestWhoComesToTheTeamHasNotSeenItsNotes(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		ways := map[string]func(id casework.CaseID, who people.PersonID, sc people.Scope){
			"by a change of role": func(id casework.CaseID, who people.PersonID, _ people.Scope) {
				must(t, s.Cases.ChangeRole(t.Context(), s.Chair, id, who, people.Observer, people.Member))
			},
			"by an invitation": func(id casework.CaseID, who people.PersonID, sc people.Scope) {
				s.Clock.Advance(time.Minute)
				must(t, s.Cases.Invite(t.Context(), s.Chair, casework.Invite{Case: id, Person: who, Role: people.Lead}))
				_, err := s.Cases.Accept(t.Context(), sc, link(t, s), 0)
				must(t, err)
			},
			"as the project's deputy": func(_ casework.CaseID, who people.PersonID, _ people.Scope) {
				s.Do(t, func(ctx context.Context, tx unit.Tx) error {
					return s.Roster.Led(ctx, tx, people.TeamLed{Project: s.Project, Person: who})
				})
			},
		}
		for name, way := range ways {
			t.Run(name, func(t *testing.T) {
				id := s.Open(t, "notes")
				sc := s.AddPerson(t, "guest "+name)
				join(t, s, id, sc, people.Observer)
				post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "between us", Note: true})
				before := look(t, s, sc, id)
				way(id, caseworktest.PersonOf(sc), sc)
				if got := look(t, s, sc, id); got != before+1 {
					t.Errorf("%d lines say what he has seen, not %d", got, before+1)
				}
				if got := look(t, s, sc, id); got != before+1 {
					t.Error("looking again wrote another line")
				}
			})
		}
	})
}

// A hit showed a piece of an item that its reader had never opened: whoever searched
// could read a case without a line in the record.
func TestASearchShowsNoWordsThatNobodyNotedAsSeen(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "search")
		post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "the giraffe is in the kitchen"})
		find := func() casework.Hit {
			t.Helper()
			var f casework.Found
			s.View(t, func(ctx context.Context, v unit.View) (err error) {
				f, err = s.Cases.Search(ctx, v, s.Member, "giraffe", casework.Cursor{})
				return err
			})
			if len(f.Hits) != 1 {
				t.Fatalf("%d hits", len(f.Hits))
			}
			return f.Hits[0]
		}
		if h := find(); !h.Unread || h.Item.Content != (casework.Content{}) {
			t.Errorf("before he opened the case: %+v", h)
		}
		look(t, s, s.Member, id)
		if h := find(); h.Unread || h.Item.Content.Text == "" {
			t.Errorf("afterwards: %+v", h)
		}
	})
}

// Somebody with two invitations who was removed came back by the other one.
func TestWhoIsRemovedHasNoWayBackByAnOldInvitation(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "removed")
		guest := s.AddPerson(t, "guest")
		invite := func(r people.Role) string {
			s.Clock.Advance(time.Minute)
			must(t, s.Cases.Invite(t.Context(), s.Chair, casework.Invite{Case: id, Person: caseworktest.PersonOf(guest), Role: r}))
			return link(t, s)
		}
		first, second := invite(people.Observer), invite(people.Member)
		_, err := s.Cases.Accept(t.Context(), guest, first, 0)
		must(t, err)
		must(t, s.Cases.Remove(t.Context(), s.Chair, id, caseworktest.PersonOf(guest), people.Observer, "told a journalist"))
		if _, err := s.Cases.Accept(t.Context(), guest, second, 0); !isMissing(err) {
			t.Errorf("he is back: %v", err)
		}
		if got := roleOn(t, s, guest, id); got != "" {
			t.Errorf("he is %q", got)
		}
	})
}

// The first signature of anybody in a report's thread made its owner the reporter, and
// replies to a signed report went to whatever stood in its From line.
func TestTheReporterIsWhoSignedTheReport(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		rhea, eve := s.AddPerson(t, "rhea"), s.AddPerson(t, "eve")
		by := func(sc people.Scope, from string) desk.Message {
			m := desk.Message{From: desk.Address{Name: "R", Mail: from}, Subject: "Heap", Text: "x"}
			if p := caseworktest.PersonOf(sc); p != "" {
				m.Signatures = []desk.Signature{{Whole: true, Result: desk.SigGood, Fingerprint: "AA", Person: string(p)}}
			}
			return m
		}
		bare := by(people.Scope{}, "mallory@evil.example")
		bare.Signatures = []desk.Signature{{Whole: true, Result: desk.SigGood, Fingerprint: "BB", Address: "rhea@research.example"}}
		for name, c := range map[string]struct {
			mails  []desk.Message
			person people.Scope
			mail   string
		}{
			"the signer of the first mail, at his own address":       {[]desk.Message{by(rhea, "mallory@evil.example")}, rhea, "rhea@team.example"},
			"the holder of a bare key, at the key's address":         {[]desk.Message{bare}, people.Scope{}, "rhea@research.example"},
			"not somebody else who signed later":                     {[]desk.Message{by(people.Scope{}, "anon@mail.example"), by(eve, "eve@team.example")}, people.Scope{}, "anon@mail.example"},
			"the holder of the first mail's address who signs later": {[]desk.Message{by(people.Scope{}, "Rhea@team.example"), by(rhea, "x@y.example")}, rhea, "rhea@team.example"},
		} {
			t.Run(name, func(t *testing.T) {
				rep := s.Desk.Hold(s.Clock.Now(), c.mails[0], desk.Claims{})
				for n, m := range c.mails[1:] {
					m.ID, m.Object, m.Inbound, m.At = desk.MessageID(fmt.Sprint(name, n)), string(rep), true, s.Clock.Now().Add(time.Minute)
					s.Desk.Mails[m.ID] = m
				}
				id, err := s.Cases.OpenFromReport(t.Context(), s.Moderator, casework.OpenFromReport{Report: rep, Reason: "real"})
				must(t, err)
				if r := s.Case(t, s.Chair, id).Reporter; r.Person != caseworktest.PersonOf(c.person) || r.Mail != c.mail {
					t.Errorf("the reporter is %+v", r)
				}
				want := people.Role("")
				if c.person.MayWrite() {
					want = people.Reporter
				}
				if got := roleOn(t, s, rhea, id); got != want {
					t.Errorf("Rhea is %q", got)
				}
				if got := roleOn(t, s, eve, id); got != "" {
					t.Errorf("Eve is %q", got)
				}
			})
		}
	})
}

// The key of an account that an administrator had shut still spoke in its cases.
func TestAShutAccountsSignatureWaits(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, _ := reported(t, s, mail(), desk.Claims{})
	join(t, s, id, s.Member, people.Member)
	s.Do(t, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.People.FindPerson(ctx, tx, people.AsJob("test"), caseworktest.PersonOf(s.Member))
		if err != nil {
			return err
		}
		p.State = people.Disabled
		return s.People.SavePerson(ctx, tx, people.AsJob("test"), p)
	})
	m, f := signed("member@team.example", "Re: Heap", caseworktest.PersonOf(s.Member))
	s.Deliver(t, id, m, f)
	if items := s.Talk(t, s.Chair, id); items[1].Hold != casework.Waiting {
		t.Errorf("it is %s", items[1].Hold)
	}
}

// A page of 200 lines of the stream was filtered afterwards: a reporter saw what happened
// to be among the first ones, no way led to the rest, and the numbers counted what
// was hidden.
func TestTheReportersTimelineIsWholeAndCountsOnlyItself(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, rep := reported(t, s, mail(), desk.Claims{})
		for n := range 3 {
			post(t, s, s.Chair, casework.PostMessage{Case: id, Text: "between us", Note: true})
			must(t, s.Cases.Assess(t.Context(), s.Chair, id, 0, casework.Assessment{Title: fmt.Sprint("title ", n)}))
		}
		read := func(after int64, limit int) (kinds []string, last int64) {
			s.View(t, func(ctx context.Context, v unit.View) error {
				ls, err := s.Cases.History(ctx, v, people.AsBearer(string(rep)), id, after, limit)
				for n, l := range ls {
					if l.Seq != after+int64(n)+1 {
						t.Errorf("line %d after %d has the number %d", n, after, l.Seq)
					}
					kinds, last = append(kinds, l.Kind), l.Seq
				}
				return err
			})
			return kinds, last
		}
		whole, _ := read(0, 100)
		if n := len(slices.DeleteFunc(slices.Clone(whole), func(k string) bool { return k != "casework.ledger.titled" })); n != 3 || slices.Contains(whole, "casework.ledger.noted") {
			t.Errorf("the reporter reads %v", whole)
		}
		var pages []string
		for after := int64(0); ; {
			page, last := read(after, 2)
			if len(page) == 0 {
				break
			}
			pages, after = append(pages, page...), last
		}
		if !slices.Equal(pages, whole) {
			t.Errorf("page by page it is %v, at once %v", pages, whole)
		}
	})
}

// The id of the report stood as the author of what its bearer wrote.
func TestWhatABearerWritesHasNoAccountAsItsAuthor(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, rep := reported(t, s, mail(), desk.Claims{})
	post(t, s, people.AsBearer(string(rep)), casework.PostMessage{Case: id, Text: "one more thing"})
	if got := s.Talk(t, s.Chair, id)[1].Author; got != "" {
		t.Errorf("the author is %q", got)
	}
}

// Each repetition of a claim wrote to every lead.
func TestAClaimIsMadeOnceUntilItIsAnswered(t *testing.T) {
	s := caseworktest.SQLite(t)
	id, rep := reported(t, s, mail(), desk.Claims{})
	bearer := people.AsBearer(string(rep))
	must(t, s.Cases.ClaimFact(t.Context(), bearer, id, casework.IsPublic, "a blog"))
	letters := s.Letters(t)
	if err := s.Cases.ClaimFact(t.Context(), bearer, id, casework.IsPublic, "a blog!"); !fault.Is(err, fault.Conflict) || s.Letters(t) != letters {
		t.Errorf("again: %v, %d letters", err, s.Letters(t)-letters)
	}
	must(t, s.Cases.ClaimFact(t.Context(), bearer, id, casework.IsExploited, "a tweet"))
	s.View(t, func(ctx context.Context, v unit.View) error {
		all, err := s.Cases.ClaimsOn(ctx, v, s.Chair, id)
		if len(all) != 2 {
			t.Errorf("%d claims", len(all))
		}
		return err
	})
}

func TestATokenThatOnlyReadsDeclinesNothing(t *testing.T) {
	s := caseworktest.SQLite(t)
	id := s.Open(t, "token")
	guest := s.AddPerson(t, "guest")
	s.Clock.Advance(time.Minute)
	must(t, s.Cases.Invite(t.Context(), s.Chair, casework.Invite{Case: id, Person: caseworktest.PersonOf(guest), Role: people.Observer}))
	token := link(t, s)
	if err := s.Cases.Decline(t.Context(), guest.ReadOnly(), token); !fault.Is(err, fault.Denied) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Cases.Accept(t.Context(), guest, token, 0); err != nil {
		t.Errorf("the invitation is gone: %v", err)
	}
}
