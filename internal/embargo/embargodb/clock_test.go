package embargodb_test

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/casework/caseworktest"
	"github.com/tocsin-sec/tocsin/internal/embargo"
)

// TestAClockThatJumpsEndsAnEmbargoOnce: the end is a row with a date. A clock ahead
// reaches it early, which nobody can tell from inside; put back, it comes no second
// time, and what has not ended keeps its date.
func TestAClockThatJumpsEndsAnEmbargoOnce(t *testing.T) {
	caseworktest.Each(t, func(t *testing.T, s *caseworktest.Site) {
		soon := s.Open(t, "soon")
		until := s.EmbargoOf(t, soon).Until
		s.Clock.Set(until.Add(-time.Hour))
		s.Drain(t)
		s.Clock.Advance(-2 * time.Hour)
		s.Drain(t)
		if e := s.EmbargoOf(t, soon); e.State != embargo.Running || !e.Until.Equal(until) || ended(s) != 0 {
			t.Fatalf("two hours back: %+v", e)
		}
		later := s.Open(t, "later")
		its := s.EmbargoOf(t, later).Until
		s.Clock.Advance(72 * time.Hour)
		s.Drain(t)
		if e := s.EmbargoOf(t, soon); e.State != embargo.Lifted || ended(s) != 1 {
			t.Fatalf("three days ahead, past its date: %+v, %d ends", e, ended(s))
		}
		s.Clock.Advance(-72 * time.Hour)
		s.Drain(t)
		s.Clock.Set(until.Add(time.Minute))
		s.Drain(t)
		if e := s.EmbargoOf(t, soon); e.State != embargo.Lifted || ended(s) != 1 {
			t.Errorf("the end came %d times", ended(s))
		}
		if e := s.EmbargoOf(t, later); e.State != embargo.Running || !e.Until.Equal(its) {
			t.Errorf("the other one: %+v", e)
		}
		s.Clock.Set(its)
		s.Drain(t)
		if e := s.EmbargoOf(t, later); e.State != embargo.Lifted || ended(s) != 2 {
			t.Errorf("at its date: %+v, %d ends", e, ended(s))
		}
	})
}
