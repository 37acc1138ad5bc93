package embargodb_test

import (
	"context"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/embargo"
)

func change(t *testing.T, s *caseworktest.Site, id casework.CaseID, w embargo.Wish) error {
	t.Helper()
	return s.Embargo.Change(t.Context(), s.Chair, id, s.EmbargoOf(t, id).Version, w)
}

func ended(s *caseworktest.Site) int {
	n := 0
	for _, f := range s.Facts {
		if _, ok := f.(embargo.Ended); ok {
			n++
		}
	}
	return n
}

func TestEveryCaseGetsItsEmbargoInTheSameTransaction(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "new")
		e := s.EmbargoOf(t, id)
		if e.State != embargo.Running || e.Until.Sub(e.Began) > 14*24*time.Hour || e.Until.Sub(e.Began) < 13*24*time.Hour {
			t.Errorf("got %+v", e)
		}
		if c := s.Case(t, s.Chair, id); !c.Clock.Running || !c.Clock.Until.Equal(e.Until) {
			t.Error("the list's copy of the date differs")
		}
		if lines := s.Lines(t, s.Chair, id); !slices.Contains(lines, "embargo.ledger.set") {
			t.Errorf("got %v", lines)
		}
	})
}

func TestTheEndComesOnceAtItsTime(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "end")
		until := s.EmbargoOf(t, id).Until
		s.Clock.Set(until.Add(-time.Second))
		s.Drain(t)
		if s.EmbargoOf(t, id).State != embargo.Running {
			t.Fatal("it ended early")
		}
		s.Clock.Set(until)
		s.Drain(t)
		s.Clock.Advance(24 * time.Hour)
		s.Drain(t)
		e := s.EmbargoOf(t, id)
		if e.State != embargo.Lifted || ended(s) != 1 {
			t.Errorf("state %s, %d ends", e.State, ended(s))
		}
		if c := s.Case(t, s.Chair, id); c.Clock.Running || c.State != casework.Received {
			t.Error("the end did more or less than lift the ban")
		}
		at := slices.IndexFunc(s.Facts, func(f unit.Fact) bool { _, is := f.(embargo.Ended); return is })
		if f := s.Facts[at].(embargo.Ended); f.Early || f.Case != id || !f.Until.Equal(until) {
			t.Errorf("got %+v", f)
		}
	})
}

func TestAMovedDateMovesTheEnd(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "move")
		first := s.EmbargoOf(t, id).Until
		s.Clock.Advance(10 * 24 * time.Hour)
		s.Drain(t)
		w := embargo.Wish{Kind: embargo.Restart, Until: s.Clock.Now().Add(13 * 24 * time.Hour), Reason: "decided on Monday", Problem: "patch 2 leaks"}
		if err := change(t, s, id, w); err != nil {
			t.Fatal(err)
		}
		s.Clock.Set(first.Add(time.Minute))
		s.Drain(t)
		if s.EmbargoOf(t, id).State != embargo.Running {
			t.Fatal("it ended at the old date")
		}
		s.Clock.Set(w.Until)
		s.Drain(t)
		if s.EmbargoOf(t, id).State != embargo.Lifted || ended(s) != 1 {
			t.Error("it did not end at the new date")
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			h, err := s.Embargo.History(ctx, v, s.Chair, id)
			if len(h) != 3 || h[1].Problem != "patch 2 leaks" || h[0].Kind != embargo.End || h[0].Reason != "" || h[2].Kind != embargo.Set {
				t.Errorf("got %+v", h)
			}
			return err
		})
	})
}

func TestAnExceptionWarnsEveryParticipant(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "warn") // chair, deputy, member, moderator are on it
		s.Clock.Advance(time.Hour)
		before := s.Letters(t)
		if err := change(t, s, id, embargo.Wish{Kind: embargo.Restart, Until: s.Clock.Now().Add(14 * 24 * time.Hour), Reason: "r", Problem: "p"}); err != nil {
			t.Fatal(err)
		}
		if n := s.Letters(t) - before; n != 0 {
			t.Errorf("%d letters about a plain restart", n)
		}
		w := embargo.Wish{Kind: embargo.Extend, Until: s.Clock.Now().Add(45 * 24 * time.Hour), Reason: "two vendors cannot rebuild before", Confirmed: true}
		if err := change(t, s, id, w); err != nil {
			t.Fatal(err)
		}
		if n := s.Letters(t) - before; n != 4 {
			t.Errorf("%d letters about an exception, not 4", n)
		}
		if lines := s.Lines(t, s.Chair, id); !slices.Contains(lines, "embargo.ledger.exception") {
			t.Errorf("got %v", lines)
		}
	})
}

func TestAFactAsksForTheEnd(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "fact")
		set := func(v bool) {
			t.Helper()
			if err := s.Cases.SetFact(t.Context(), s.Member, id, casework.IsExploited, v, "seen on a forum"); err != nil {
				t.Fatal(err)
			}
		}
		before := s.Letters(t)
		set(true)
		if e := s.EmbargoOf(t, id); e.EndAsked.IsZero() || e.State != embargo.Running {
			t.Errorf("got %+v", e)
		}
		if n := s.Letters(t) - before; n != 2 {
			t.Errorf("%d letters to the two leads", n)
		}
		later := embargo.Wish{Kind: embargo.Extend, Until: s.Clock.Now().Add(20 * 24 * time.Hour), Reason: "x", Confirmed: true}
		if err := change(t, s, id, later); !fault.Is(err, fault.Conflict) {
			t.Errorf("extending what is exploited: %v", err)
		}
		set(false)
		if e := s.EmbargoOf(t, id); !e.EndAsked.IsZero() {
			t.Error("a corrected fact still asks for the end")
		}
		if err := change(t, s, id, later); err != nil {
			t.Errorf("after the correction: %v", err)
		}
		set(true)
		if err := change(t, s, id, embargo.Wish{Kind: embargo.End, Reason: "exploited"}); err != nil {
			t.Fatal(err)
		}
		if err := change(t, s, id, embargo.Wish{Kind: embargo.Set, Until: s.Clock.Now().Add(time.Hour)}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a new embargo for what is exploited: %v", err)
		}
		s.Clock.Advance(60 * 24 * time.Hour)
		s.Drain(t)
		if ended(s) != 1 {
			t.Errorf("%d ends", ended(s))
		}
	})
}

func TestRemindersComeForTheDateThatHolds(t *testing.T) {
	s := caseworktest.SQLite(t)
	id := s.Open(t, "remind")
	// Else its leads are reminded of the assessment too.
	if err := s.Cases.Advance(t.Context(), s.Chair, id, 0, casework.Valid, "seen"); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	until := s.EmbargoOf(t, id).Until
	letters := func(at time.Time) int {
		before := s.Letters(t)
		s.Clock.Set(at)
		s.Drain(t)
		return s.Letters(t) - before
	}
	if n := letters(until.Add(-7*24*time.Hour - time.Minute)); n != 0 {
		t.Errorf("%d letters too early", n)
	}
	if n := letters(until.Add(-7 * 24 * time.Hour)); n != 4 {
		t.Errorf("%d letters a week before", n)
	}
	// Moved so near that the reminder at 48 hours is past already.
	if err := change(t, s, id, embargo.Wish{Kind: embargo.Shorten, Until: s.Clock.Now().Add(time.Hour), Reason: "ready"}); err != nil {
		t.Fatal(err)
	}
	if n := letters(until.Add(-47 * time.Hour)); n != 0 {
		t.Errorf("%d letters about a date that no longer holds", n)
	}
}

func TestAnOlderPageDoesNotOverwriteANewerDate(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id := s.Open(t, "race")
		v := s.EmbargoOf(t, id).Version
		w := embargo.Wish{Kind: embargo.Shorten, Until: s.Clock.Now().Add(time.Hour), Reason: "a"}
		if err := s.Embargo.Change(t.Context(), s.Chair, id, v, w); err != nil {
			t.Fatal(err)
		}
		w.Until = s.Clock.Now().Add(time.Minute)
		if err := s.Embargo.Change(t.Context(), s.Member, id, v, w); !fault.Is(err, fault.Conflict) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAProposalChangesNothing(t *testing.T) {
	s := caseworktest.SQLite(t)
	id := s.Open(t, "propose")
	before := s.EmbargoOf(t, id)
	s.View(t, func(ctx context.Context, v unit.View) error {
		got, err := s.Embargo.Propose(ctx, v, s.Chair, id, embargo.Wish{Kind: embargo.Extend, Until: s.Clock.Now().Add(50 * 24 * time.Hour), Reason: "x"})
		if !got.Exception || !got.Warns || !fault.Is(err, fault.Invalid) {
			t.Errorf("got %+v, %v", got, err)
		}
		return nil
	})
	if s.EmbargoOf(t, id) != before {
		t.Error("it changed something")
	}
}

// A case that was opened as public and then was not had no embargo at all, and nothing
// banned its publication.
func TestACaseThatIsNotPublicAfterAllGetsItsEmbargo(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		id, err := s.Cases.Open(t.Context(), s.Chair, casework.Open{Project: s.Project, Title: "not public", Reason: "a blog", Public: true, Evidence: "a blog"})
		if err != nil {
			t.Fatal(err)
		}
		if e := s.EmbargoOf(t, id); e.State != embargo.None {
			t.Fatalf("a public case has %+v", e)
		}
		if err := s.Cases.SetFact(t.Context(), s.Chair, id, casework.IsPublic, false, "the blog is about another flaw"); err != nil {
			t.Fatal(err)
		}
		e := s.EmbargoOf(t, id)
		if e.State != embargo.Running || e.Until.Sub(s.Clock.Now()) < 13*24*time.Hour {
			t.Errorf("got %+v", e)
		}
		if c := s.Case(t, s.Chair, id); !c.Clock.Running || !c.Clock.Until.Equal(e.Until) {
			t.Errorf("the case's own copy is %+v", c.Clock)
		}
		s.Clock.Set(e.Until)
		s.Drain(t)
		if s.EmbargoOf(t, id).State != embargo.Lifted {
			t.Error("it does not end")
		}
	})
}
