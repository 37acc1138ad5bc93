package cvedb_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

// taken opens a case with an id of the pool.
func taken(t *testing.T, s *site) (casework.CaseID, cve.Number) {
	t.Helper()
	s.setup(t, 1, 3)
	s.Drain(t)
	id := s.Open(t, "flaw")
	n, err := s.CVE.Take(t.Context(), s.Chair, id, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	return id, n
}

func TestAPublicationARevisionAndAWithdrawal(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id, n := taken(t, s)
		if s.Server.State(n.CVE) != "RESERVED" {
			t.Fatal("something was published")
		}
		s.publish(t, id, "adv", n.CVE, "A flaw.", false)
		s.Drain(t)
		if got := s.one(t, id); got.State != cve.Published || got.PublishedAt.IsZero() || got.Todo != cve.Nothing || s.Server.State(n.CVE) != "PUBLISHED" {
			t.Fatalf("%+v", got)
		}
		s.publish(t, id, "adv", n.CVE, "A worse flaw.", false)
		s.Drain(t)
		if !contains(s.Server.Container(n.CVE), "A worse flaw.") {
			t.Errorf("%s", s.Server.Container(n.CVE))
		}
		s.publish(t, id, "adv", n.CVE, "Withdrawn.", true)
		s.Drain(t)
		if got := s.one(t, id); got.AskReject.IsZero() || s.Server.State(n.CVE) != "PUBLISHED" {
			t.Fatalf("nobody decided, and yet: %+v, %s", got, s.Server.State(n.CVE))
		}
		if err := s.CVE.Reject(t.Context(), s.Chair, id, n.ID, cve.Rejection{Reason: "Not a security problem."}); err != nil {
			t.Fatal(err)
		}
		if got := s.one(t, id); got.State != cve.Published {
			t.Error("rejected before the CVE Services know")
		}
		s.Drain(t)
		if got := s.one(t, id); got.State != cve.Rejected || s.Server.State(n.CVE) != "REJECTED" || !contains(s.Server.Container(n.CVE), "Not a security problem.") {
			t.Errorf("%+v, %s", got, s.Server.Container(n.CVE))
		}
		lines := s.Lines(t, s.Chair, id)
		for _, kind := range []string{"cve.ledger.taken", "cve.ledger.published", "cve.ledger.to_reject", "cve.ledger.rejected"} {
			if !slices.Contains(lines, kind) {
				t.Errorf("%s is not in the ledger", kind)
			}
		}
	})
}

func TestAWriteThatWasKilledBeforeItsReadBackIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id, n := taken(t, s)
		s.publish(t, id, "adv", n.CVE, "A flaw.", false)
		follow := unit.Job{Kind: cve.KindFollow, Args: map[string]string{"project": string(s.Project), "case": string(id), "advisory": "adv"}}
		if err := s.CVE.Follow(t.Context(), unit.Running{Job: follow, Fence: noFence{}}); err != nil {
			t.Fatal(err)
		}
		write := unit.Job{Kind: cve.KindWrite, Args: map[string]string{"project": string(s.Project), "case": string(id), "number": string(n.ID)}}
		s.kill(1)
		s.killed(t, s.CVE.Write, write)
		if got := s.one(t, id); got.State != cve.Assigned || s.Server.State(n.CVE) != "PUBLISHED" {
			t.Fatalf("%s, %s", got.State, s.Server.State(n.CVE))
		}
		s.Drain(t) // another job: the killed one has the number for some minutes
		if got := s.one(t, id); got.State != cve.Assigned {
			t.Fatal("two writers at once")
		}
		s.Clock.Advance(11 * time.Minute)
		s.Drain(t)
		if got := s.one(t, id); got.State != cve.Published || s.Server.Count("cveCnaCreateSingle") != 1 || s.Server.Count("cveCnaUpdateSingle") != 0 {
			t.Errorf("%s after %d and %d writes", got.State, s.Server.Count("cveCnaCreateSingle"), s.Server.Count("cveCnaUpdateSingle"))
		}
	})
}

func TestTheStateWaitsForStatusAndReadBack(t *testing.T) {
	cases := map[string]struct {
		fault   cveservices.Fault
		bend    func(map[string]any)
		problem string
		heals   bool
	}{
		"401":                {fault: cveservices.Fault{Kind: cveservices.Status, Status: 401}, problem: "cve.problem.key"},
		"403":                {fault: cveservices.Fault{Kind: cveservices.Status, Status: 403}, problem: "cve.problem.forbidden"},
		"400":                {fault: cveservices.Fault{Kind: cveservices.Status, Status: 400}, problem: "cve.problem.invalid"},
		"429":                {fault: cveservices.Fault{Kind: cveservices.Status, Status: 429}, problem: "cve.problem.busy", heals: true},
		"500":                {fault: cveservices.Fault{Kind: cveservices.Status, Status: 500}, problem: "cve.problem.unclear", heals: true},
		"cut":                {fault: cveservices.Fault{Kind: cveservices.Cut}, problem: "cve.problem.unclear", heals: true},
		"another record":     {bend: func(c map[string]any) { delete(c, "references") }, problem: "cve.problem.different"},
		"the answer is lost": {fault: cveservices.Fault{Kind: cveservices.Lost}},
		"garbage":            {fault: cveservices.Fault{Kind: cveservices.Garbage}},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			s := sqlite(t)
			id, n := taken(t, s)
			if k.fault.Kind != cveservices.None {
				k.fault.Op = "cveCnaCreateSingle"
				s.Server.Fail(k.fault)
			}
			s.Server.Bend(k.bend)
			s.publish(t, id, "adv", n.CVE, "A flaw.", false)
			before := s.letters(t)
			s.Drain(t)
			got := s.one(t, id)
			if k.problem == "" {
				if got.State != cve.Published || got.Problem != "" {
					t.Errorf("%+v", got)
				}
				return
			}
			if got.State != cve.Assigned || got.Problem != k.problem || got.Detail == "" || s.letters(t) == before {
				t.Fatalf("%s, %q: %s", got.State, got.Problem, got.Detail)
			}
			s.Server.Bend(nil)
			if k.heals {
				s.Clock.Advance(time.Hour)
			} else if err := s.CVE.Again(t.Context(), s.Chair, id, n.ID); err != nil {
				t.Fatal(err)
			}
			s.Drain(t)
			if got := s.one(t, id); got.State != cve.Published || got.Problem != "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestADisputedNumberCarriesItsTag(t *testing.T) {
	s := sqlite(t)
	id, n := taken(t, s)
	if err := s.CVE.Contest(t.Context(), s.Chair, id, n.ID, "The vendor", "Works as documented."); !fault.Is(err, fault.Conflict) {
		t.Errorf("disputed before it is published: %v", err)
	}
	s.publish(t, id, "adv", n.CVE, "A flaw.", false)
	s.Drain(t)
	if err := s.CVE.Contest(t.Context(), s.Chair, id, n.ID, "The vendor", "Works as documented."); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	if got := s.one(t, id); got.State != cve.Disputed || got.Todo != cve.Nothing || len(got.Disputes) != 1 || got.Disputes[0].Reason != "Works as documented." {
		t.Errorf("%+v", got)
	}
	if tags, _ := member(t, s.Server.Container(n.CVE), "tags").([]any); len(tags) != 1 || tags[0] != "disputed" {
		t.Errorf("%s", s.Server.Container(n.CVE))
	}
	s.publish(t, id, "adv", n.CVE, "A flaw, revised.", false)
	s.Drain(t)
	if got := s.one(t, id); got.State != cve.Disputed || member(t, s.Server.Container(n.CVE), "tags") == nil {
		t.Error("a revision ends the dispute")
	}
	if err := s.CVE.Settle(t.Context(), s.Chair, id, n.ID, "The vendor agrees."); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	if got := s.one(t, id); got.State != cve.Published || got.Disputes[0].Settled == "" || member(t, s.Server.Container(n.CVE), "tags") != nil {
		t.Errorf("%+v", got)
	}
}

func TestOfTwoIDsForOneFlawOneIsKept(t *testing.T) {
	s := sqlite(t)
	id, first := taken(t, s)
	if _, err := s.CVE.Take(t.Context(), s.Chair, id, 0, false); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second id without a word: %v", err)
	}
	typed, err := s.CVE.Enter(t.Context(), s.Member, id, cve.Entry{CVE: "cve-2026-7777", AssignedBy: "Red Hat", Another: true})
	if err != nil {
		t.Fatal(err)
	}
	s.View(t, func(ctx context.Context, v unit.View) error {
		if name, _, err := s.CVE.Standing(ctx, v, s.Chair, id); name != "" || err != nil {
			t.Errorf("with two ids the advisory begins with %q, %v", name, err)
		}
		return nil
	})
	if err := s.CVE.Reject(t.Context(), s.Chair, id, first.ID, cve.Rejection{Reason: "Twice.", Kept: first.ID}); !fault.Is(err, fault.Invalid) {
		t.Errorf("kept and rejected: %v", err)
	}
	if err := s.CVE.Reject(t.Context(), s.Chair, id, typed, cve.Rejection{Reason: "Twice.", Kept: first.ID}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nobody is to reject it: %v", err)
	}
	if err := s.CVE.Reject(t.Context(), s.Chair, id, first.ID, cve.Rejection{Reason: "Twice.", Kept: typed}); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	if c := s.Server.Container(first.CVE); s.Server.State(first.CVE) != "REJECTED" || !contains(c, "CVE-2026-7777") {
		t.Errorf("%s %s", s.Server.State(first.CVE), c)
	}
	s.View(t, func(ctx context.Context, v unit.View) error {
		if name, by, err := s.CVE.Standing(ctx, v, s.Chair, id); name != "CVE-2026-7777" || by != "Red Hat" || err != nil {
			t.Errorf("the advisory begins with %q by %q, %v", name, by, err)
		}
		return nil
	})
}

func TestTheOtherWayRoundItIsATask(t *testing.T) {
	s := sqlite(t)
	id, first := taken(t, s)
	typed, err := s.CVE.Enter(t.Context(), s.Member, id, cve.Entry{CVE: "CVE-2026-7777", AssignedBy: "Red Hat", Another: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CVE.Reject(t.Context(), s.Chair, id, typed, cve.Rejection{Reason: "Twice.", Kept: first.ID, Rejecter: "Red Hat"}); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	if got := s.numbers(t, id)[1]; got.State != cve.Assigned || got.Rejecter != "Red Hat" || got.ReplacedBy != first.CVE {
		t.Errorf("%+v", got)
	}
	if err := s.CVE.Done(t.Context(), s.Chair, id, first.ID, cve.Rejected); !fault.Is(err, fault.Conflict) {
		t.Errorf("ours is done by hand: %v", err)
	}
	if err := s.CVE.Done(t.Context(), s.Chair, id, typed, cve.Rejected); err != nil {
		t.Fatal(err)
	}
	if got := s.numbers(t, id)[1]; got.State != cve.Rejected {
		t.Errorf("%+v", got)
	}
}

func TestARequestIsATaskWithADate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := s.Open(t, "secret title")
		// Else its leads are reminded of the assessment too.
		if err := s.Cases.Advance(t.Context(), s.Chair, id, 0, casework.Valid, "seen"); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		due := s.Clock.Now().Add(48 * time.Hour)
		if _, err := s.CVE.Take(t.Context(), s.Chair, id, 0, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken without a pool: %v", err)
		}
		if _, err := s.CVE.Request(t.Context(), s.Chair, id, cve.Ask{Outside: true, Text: "x", Due: due}); !fault.Is(err, fault.Invalid) {
			t.Errorf("asked of nobody: %v", err)
		}
		if _, err := s.CVE.Request(t.Context(), s.Chair, id, cve.Ask{Member: caseworktest.PersonOf(s.Stranger), Due: due}); !fault.Is(err, fault.Invalid) {
			t.Errorf("asked of a stranger: %v", err)
		}
		before := s.letters(t)
		req, err := s.CVE.Request(t.Context(), s.Chair, id, cve.Ask{Member: caseworktest.PersonOf(s.Member), Due: due})
		if err != nil || s.letters(t)-before != 1 {
			t.Fatalf("%d letters, %v", s.letters(t)-before, err)
		}
		s.Clock.Set(due)
		s.Drain(t)
		if n := s.letters(t) - before; n != 5 { // the team: chair, deputy, member, moderator
			t.Errorf("%d letters at the date", n)
		}
		if _, err := s.CVE.Enter(t.Context(), s.Member, id, cve.Entry{Request: req, CVE: "CVE-26-1", AssignedBy: "Fedora"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("no id: %v", err)
		}
		if _, err := s.CVE.Enter(t.Context(), s.Member, id, cve.Entry{Request: req, CVE: "CVE-2026-4242", AssignedBy: "Jane of Fedora", At: due.Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		n := s.one(t, id)
		if n.State != cve.Assigned || n.CVE != "CVE-2026-4242" || n.AssignedBy != "Jane of Fedora" || n.EnteredBy != caseworktest.PersonOf(s.Member) || !n.AssignedAt.Equal(due.Add(-time.Hour)) {
			t.Errorf("%+v", n)
		}
		s.Clock.Advance(30 * 24 * time.Hour)
		s.Drain(t)
		if got := s.letters(t) - before; got != 5+2*4 { // two letters about the end of the embargo
			t.Errorf("%d letters: reminded of what is done", got)
		}
		other := s.Open(t, "other flaw")
		if _, err := s.CVE.Enter(t.Context(), s.Member, other, cve.Entry{CVE: "CVE-2026-4242", AssignedBy: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("one id for two flaws: %v", err)
		}
		if err := s.CVE.Done(t.Context(), s.Member, id, n.ID, cve.Published); err != nil {
			t.Error(err)
		}
	})
}

func TestALetterToAnotherCNAHasThePersonsTextAndNothingOfTheCase(t *testing.T) {
	s := sqlite(t)
	set := s.read(t)
	set.OutsideName, set.OutsideMail, set.OutsideForm = "MITRE", "cve@cna.example", "https://cveform.example/"
	if err := s.CVE.Change(t.Context(), s.Chair, set, secret.String{}); err != nil {
		t.Fatal(err)
	}
	id := s.Open(t, "secret title")
	due := s.Clock.Now().Add(48 * time.Hour)
	if _, err := s.CVE.Request(t.Context(), s.Chair, id, cve.Ask{Outside: true, Text: "  ", Due: due}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty letter: %v", err)
	}
	req, err := s.CVE.Request(t.Context(), s.Chair, id, cve.Ask{Outside: true, Text: "One id, please.", Due: due})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.one(t, id); n.Asked != "cve@cna.example" || n.Origin != cve.OfOutside {
		t.Errorf("%+v", n)
	}
	if err := s.CVE.Drop(t.Context(), s.Chair, id, req, "The form is faster."); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CVE.Request(t.Context(), s.Chair, id, cve.Ask{Form: true, Text: "One id, please.", Due: due}); err != nil {
		t.Fatal(err)
	}
}

func TestAnIDOfThePoolThatIsTypedInLeavesThePool(t *testing.T) {
	s := sqlite(t)
	s.setup(t, 0, 3)
	s.Drain(t)
	_, free := s.pool(t)
	id := s.Open(t, "flaw")
	if _, err := s.CVE.Enter(t.Context(), s.Member, id, cve.Entry{CVE: free[1].CVE, AssignedBy: "us"}); err != nil {
		t.Fatal(err)
	}
	if n := s.one(t, id); n.ID != free[1].ID || n.Origin != cve.OfPool || n.State != cve.Assigned {
		t.Errorf("%+v", n)
	}
	if _, left := s.pool(t); len(left) != 2 {
		t.Errorf("%d left", len(left))
	}
}

func TestWhatIsOutOfScopeDoesNotExist(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id, n := taken(t, s)
		hidden, err := s.CVE.Enter(t.Context(), s.Member, id, cve.Entry{CVE: "CVE-2025-1111", AssignedBy: "Red Hat", Another: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range []people.Scope{s.Stranger, people.Anyone(), s.Stranger.ReadOnly()} {
			for name, err := range map[string]error{
				"reject": s.CVE.Reject(t.Context(), sc, id, n.ID, cve.Rejection{Reason: "x"}),
				"drop":   s.CVE.Drop(t.Context(), sc, id, hidden, "x"),
				"done":   s.CVE.Done(t.Context(), sc, id, hidden, cve.Published),
			} {
				if !fault.Is(err, fault.NotFound) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := s.CVE.Take(t.Context(), sc, id, 0, true); !fault.Is(err, fault.NotFound) {
				t.Errorf("take: %v", err)
			}
		}
		// A member of the project who is not on the case types the same id on his own: what he
		// may not see has no influence.
		other := s.Open(t, "other")
		if err := s.CVE.Done(t.Context(), s.Chair, other, hidden, cve.Published); !fault.Is(err, fault.NotFound) {
			t.Errorf("a number through another case: %v", err)
		}
		if err := s.CVE.Reject(t.Context(), s.Chair.ReadOnly(), id, n.ID, cve.Rejection{Reason: "x"}); !fault.Is(err, fault.Denied) {
			t.Errorf("a token that only reads: %v", err)
		}
	})
}
