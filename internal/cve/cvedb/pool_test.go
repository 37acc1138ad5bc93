package cvedb_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

func refill(s *site) unit.Job {
	return unit.Job{Kind: cve.KindRefill, Subject: string(s.Project), Args: map[string]string{"project": string(s.Project)}}
}

func TestThePoolIsFilledUpWhenItRunsLow(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setup(t, 3, 12)
		s.Drain(t)
		set, free := s.pool(t)
		if len(free) != 12 || set.Problem != "" || set.Quota.Available != 988 || set.Checked.IsZero() || set.Ticket != nil {
			t.Fatalf("%d free; %+v", len(free), set)
		}
		if s.Server.Count("cveIdReserve") != 2 { // ten, and two
			t.Errorf("%d reservations", s.Server.Count("cveIdReserve"))
		}
		seen := map[string]bool{}
		for range 10 {
			n, err := s.CVE.Take(t.Context(), s.Member, s.Open(t, "flaw"), 0, false)
			if err != nil || seen[n.CVE] || n.State != cve.Assigned || n.AssignedBy != cveservices.Org {
				t.Fatalf("%+v, %v", n, err)
			}
			seen[n.CVE] = true
			if s.Drain(t); len(seen) < 10 && s.Server.Count("cveIdReserve") != 2 {
				t.Fatalf("refilled after %d", len(seen))
			}
		}
		if _, free := s.pool(t); len(free) != 12 {
			t.Errorf("%d free after ten were taken", len(free))
		}
	})
}

func TestOneIDIsNeverTakenTwice(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setup(t, 0, 6)
		s.Drain(t)
		var ids []casework.CaseID
		for range 6 {
			ids = append(ids, s.Open(t, "flaw"))
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[string]int{}
		for _, id := range ids {
			wg.Go(func() {
				n, err := s.CVE.Take(t.Context(), s.Chair, id, 0, false)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[n.CVE]++
			})
		}
		wg.Wait()
		if len(seen) != 6 {
			t.Errorf("%v", seen)
		}
		if _, err := s.CVE.Take(t.Context(), s.Chair, s.Open(t, "late"), 0, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("an empty pool: %v", err)
		}
	})
}

func TestAReservationThatWasKilledIsFoundAgain(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setup(t, 2, 4)
		s.kill(1)
		s.killed(t, s.CVE.Refill, refill(s))
		if set, free := s.pool(t); set.Ticket == nil || len(free) != 0 || len(s.Server.IDs()) != 4 {
			t.Fatalf("ticket %v, %d free, %d reserved", set.Ticket, len(free), len(s.Server.IDs()))
		}
		s.Drain(t)
		if set, free := s.pool(t); set.Ticket != nil || len(free) != 4 || s.Server.Count("cveIdReserve") != 1 {
			t.Errorf("ticket %v, %d free, %d reservations", set.Ticket, len(free), s.Server.Count("cveIdReserve"))
		}
	})
}

func TestARequestThatNeverArrivedIsMadeAgainOnlyWhenNothingCanBeUnderWay(t *testing.T) {
	s := sqlite(t)
	s.setup(t, 2, 4)
	s.Server.Fail(cveservices.Fault{Op: "cveIdReserve", Kind: cveservices.Cut})
	s.Drain(t)
	if set := s.read(t); set.Ticket == nil || set.Problem != "cve.problem.unclear" {
		t.Fatalf("%+v", set)
	}
	s.Clock.Advance(3 * time.Minute)
	s.Drain(t)
	if s.Server.Count("cveIdReserve") != 1 {
		t.Error("asked again although the first request may be under way")
	}
	s.Clock.Advance(10 * time.Minute)
	s.Drain(t)
	if set, free := s.pool(t); set.Ticket != nil || set.Problem != "" || len(free) != 4 || s.Server.Count("cveIdReserve") != 2 {
		t.Errorf("%+v, %d free", set, len(free))
	}
}

func TestAShortQuotaAlertsOnceADay(t *testing.T) {
	s := sqlite(t)
	s.Server.Quota(3)
	s.setup(t, 5, 10)
	before := s.letters(t)
	s.Drain(t)
	set, free := s.pool(t)
	if len(free) != 3 || set.Problem != "cve.problem.quota" {
		t.Fatalf("%d free, %+v", len(free), set)
	}
	if n := s.letters(t) - before; n != 2 { // chair and deputy
		t.Errorf("%d letters", n)
	}
	s.Clock.Advance(23 * time.Hour)
	s.Drain(t)
	s.Clock.Advance(2 * time.Hour)
	s.Drain(t)
	if n := s.letters(t) - before; n != 4 {
		t.Errorf("%d letters after a day", n)
	}
	s.Server.Quota(100)
	s.Clock.Advance(25 * time.Hour)
	s.Drain(t)
	if set, free := s.pool(t); set.Problem != "" || len(free) != 10 {
		t.Errorf("%d free, %+v", len(free), set)
	}
}

func TestAWrongKeyIsAProblemAndNotAMystery(t *testing.T) {
	s := sqlite(t)
	in := cve.Setup{Project: s.Project, CNA: true, URL: s.Server.URL, Org: cveservices.Org, User: cveservices.User, Low: 1, Fill: 2}
	if err := s.CVE.Change(t.Context(), s.Chair, in, secret.New("WRONG-SECRETKEY")); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	set := s.read(t)
	if set.Problem != "cve.problem.key" || set.Detail == "" {
		t.Errorf("%+v", set)
	}
	s.setup(t, 1, 2)
	s.Drain(t)
	if set, free := s.pool(t); set.Problem != "" || len(free) != 2 {
		t.Errorf("%+v", set)
	}
}

func TestTheKeyIsSealedAndStaysWithItsAddress(t *testing.T) {
	s := sqlite(t)
	s.setup(t, 1, 2)
	var raw []byte
	s.View(t, func(ctx context.Context, v unit.View) error {
		return sqldb.Of(v).QueryRow(ctx, "select api_key from cve_setup").Scan(&raw)
	})
	if len(raw) == 0 || contains(raw, "SECRET") {
		t.Errorf("%q", raw)
	}
	set := s.read(t)
	set.URL = "https://elsewhere.example/api"
	if err := s.CVE.Change(t.Context(), s.Chair, set, secret.String{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the key would go elsewhere: %v", err)
	}
	for _, sc := range []people.Scope{s.Member, s.Moderator, s.Stranger, people.Anyone()} {
		if err := s.CVE.Change(t.Context(), sc, set, secret.New("another key of theirs")); err == nil {
			t.Errorf("%v changed the settings", sc)
		}
		s.View(t, func(ctx context.Context, v unit.View) error {
			if _, _, err := s.CVE.Pool(ctx, v, sc, s.Project); !fault.Is(err, fault.NotFound) {
				t.Errorf("%v sees the pool: %v", sc, err)
			}
			return nil
		})
	}
	s.View(t, func(ctx context.Context, v unit.View) error {
		if _, err := s.CVE.Setups.Key(ctx, v, s.Chair, s.Project); err == nil {
			t.Error("a person reads the key")
		}
		return nil
	})
}

func TestAFreeIDIsGivenUp(t *testing.T) {
	s := sqlite(t)
	s.setup(t, 0, 2)
	s.Drain(t)
	_, free := s.pool(t)
	if err := s.CVE.GiveUp(t.Context(), s.Member, s.Project, free[0].ID); err == nil {
		t.Error("a member gives ids up")
	}
	if err := s.CVE.GiveUp(t.Context(), s.Chair, s.Project, free[0].ID); err != nil {
		t.Fatal(err)
	}
	s.Drain(t)
	if _, left := s.pool(t); len(left) != 1 || s.Server.State(free[0].CVE) != "REJECTED" {
		t.Errorf("%d left, %s", len(left), s.Server.State(free[0].CVE))
	}
}

func TestTheOrganisationIsReadOnceAndStaysWithItsAccount(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		org := func() (id, name string) {
			s.View(t, func(ctx context.Context, v unit.View) (err error) {
				id, name, err = s.CVE.Organisation(ctx, v, s.Project)
				return err
			})
			return id, name
		}
		if id, name := org(); id != "" || name != "" {
			t.Errorf("before: %q %q", id, name)
		}
		s.Server.Fail(cveservices.Fault{Op: "orgSingle", Kind: cveservices.Cut})
		s.setup(t, 1, 2)
		s.Drain(t)
		if id, name := org(); id != cveservices.OrgID || name != cveservices.Org {
			t.Errorf("after: %q %q; %+v", id, name, s.read(t))
		}
		asked := s.Server.Count("orgSingle")
		s.Clock.Advance(25 * time.Hour)
		s.Drain(t)
		if s.Server.Count("orgSingle") != asked {
			t.Error("asked every day")
		}
		set := s.read(t)
		set.Org = "another"
		if err := s.CVE.Change(t.Context(), s.Chair, set, secret.New(cveservices.Key)); err != nil {
			t.Fatal(err)
		}
		if id, _ := org(); id != "" {
			t.Errorf("another account has the organisation %q", id)
		}
		set = s.read(t)
		set.CNA = false
		if err := s.CVE.Change(t.Context(), s.Chair, set, secret.String{}); err != nil {
			t.Fatal(err)
		}
		if _, name := org(); name != "" {
			t.Errorf("no CNA any more, but %q", name)
		}
	})
}
