package peopledb_test

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// TestSessionsUnderAClockThatJumps: one put back signs nobody out and takes no proof of
// identity for fresher than it is; one ahead ends sessions, and set right again it gives
// none back that was swept.
func TestSessionsUnderAClockThatJumps(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		s.person(t, "ann")
		in, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		s.later(-2 * time.Hour)
		_, visit, err := s.admin.Resume(t.Context(), in.Token)
		if err != nil {
			t.Fatal("two hours back:", err)
		}
		if visit.Fresh(s.Clock.Now()) {
			t.Error("a proof from the future is fresh")
		}
		s.later(2 * time.Hour)
		if _, visit, err = s.admin.Resume(t.Context(), in.Token); err != nil || !visit.Fresh(s.Clock.Now()) {
			t.Error("set right again:", err)
		}
		s.later(72 * time.Hour)
		if _, _, err := s.admin.Resume(t.Context(), in.Token); !fault.Is(err, fault.NotFound) {
			t.Error("three days ahead a session that was idle for as long answers", err)
		}
		anew, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		s.later(-72 * time.Hour)
		if _, visit, err = s.admin.Resume(t.Context(), anew.Token); err != nil || visit.Fresh(s.Clock.Now()) {
			t.Error("signed in under the wrong clock, then set right: it lives and proves nothing:", err)
		}
		s.later(10*24*time.Hour + time.Minute)
		if _, _, err := s.admin.Resume(t.Context(), anew.Token); !fault.Is(err, fault.NotFound) {
			t.Error("beyond a week and the three days:", err)
		}
	})
}
