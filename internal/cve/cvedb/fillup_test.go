package cvedb_test

import (
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// TestThePoolIsFilledUpWhenAsked: at once, above the low-water mark too, and by those alone
// who lead the project.
func TestThePoolIsFilledUpWhenAsked(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		if err := s.CVE.FillUp(ctx, s.Chair, s.Project); !fault.Is(err, fault.Conflict) {
			t.Errorf("without an account: %v", err)
		}
		s.setup(t, 2, 6)
		s.Drain(t)
		for range 2 {
			if _, err := s.CVE.Take(ctx, s.Member, s.Open(t, "flaw"), 0, false); err != nil {
				t.Fatal(err)
			}
		}
		s.Drain(t)
		if _, free := s.pool(t); len(free) != 4 {
			t.Fatalf("%d free: it was filled above the mark without being asked", len(free))
		}
		if err := s.CVE.FillUp(ctx, s.Member, s.Project); !fault.Is(err, fault.NotFound) {
			t.Errorf("a member: %v", err)
		}
		asked := s.Server.Count("cveIdReserve")
		if s.Drain(t); s.Server.Count("cveIdReserve") != asked {
			t.Error("a refused request reserves")
		}
		if err := s.CVE.FillUp(ctx, s.Chair, s.Project); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		if set, free := s.pool(t); len(free) != 6 || set.Problem != "" || s.Server.Count("cveIdReserve") != asked+1 {
			t.Errorf("%d free, %q, %d reservations", len(free), set.Problem, s.Server.Count("cveIdReserve")-asked)
		}
		// Asked again, a full pool reserves nothing.
		if err := s.CVE.FillUp(ctx, s.Chair, s.Project); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		if _, free := s.pool(t); len(free) != 6 || s.Server.Count("cveIdReserve") != asked+1 {
			t.Errorf("%d free, %d reservations", len(free), s.Server.Count("cveIdReserve")-asked)
		}
		// What the services refuse is shown, and mended by the next request.
		if _, err := s.CVE.Take(ctx, s.Member, s.Open(t, "flaw"), 0, false); err != nil {
			t.Fatal(err)
		}
		s.Server.Quota(0)
		if err := s.CVE.FillUp(ctx, s.Chair, s.Project); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		if set, free := s.pool(t); len(free) != 5 || set.Problem != "cve.problem.quota" {
			t.Errorf("%d free, %q", len(free), set.Problem)
		}
		s.Server.Quota(1000)
		if err := s.CVE.FillUp(ctx, s.Chair, s.Project); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		if set, free := s.pool(t); len(free) != 6 || set.Problem != "" {
			t.Errorf("%d free, %q", len(free), set.Problem)
		}
	})
}
