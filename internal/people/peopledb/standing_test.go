package peopledb_test

import (
	"context"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
)

func TestARestoredSiteLetsNobodyInUntilItIsLet(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		in, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		_, token, err := s.admin.MakeToken(t.Context(), people.AsPerson(ann), account.NewToken{Name: "ci", Days: 30})
		if err != nil {
			t.Fatal(err)
		}
		held := true
		s.admin.Held = func(context.Context, unit.View) (bool, error) { return held, nil }
		if _, _, err := s.admin.Resume(t.Context(), in.Token); !fault.Is(err, fault.NotFound) {
			t.Errorf("a session of before: %v", err)
		}
		if _, _, err := s.admin.Bearer(t.Context(), token); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a token of before: %v", err)
		}
		if _, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("signing in: %v", err)
		}
		held = false
		if _, _, err := s.admin.Resume(t.Context(), in.Token); err != nil {
			t.Errorf("after logins go on the session answers %v", err)
		}
		if _, _, err := s.admin.Bearer(t.Context(), token); err != nil {
			t.Errorf("after logins go on the token answers %v", err)
		}
	})
}

func TestStandingIsCountedForAdministratorsOnly(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		if _, _, err := s.admin.MakeToken(t.Context(), people.AsPerson(ann), account.NewToken{Name: "ci", Days: 30}); err != nil {
			t.Fatal(err)
		}
		store := &peopledb.Store{}
		standing := func(sc people.Scope) (n peopledb.Standing) {
			s.View(t, func(ctx context.Context, v unit.View) (err error) {
				n, err = store.Standing(ctx, v, sc)
				return err
			})
			return n
		}
		operator := people.AsJob(account.JobAdmin)
		if n := standing(operator); n.Sessions != 2 || n.Tokens != 1 || n.Letters == 0 {
			t.Errorf("the operator counts %+v", n)
		}
		for _, sc := range []people.Scope{people.AsPerson(ann), people.Anyone(), people.AsJob("people.send", "x")} {
			if n := standing(sc); n != (peopledb.Standing{}) {
				t.Errorf("%s counts %+v", sc.Actor(), n)
			}
		}
		s.Do(t, func(ctx context.Context, tx unit.Tx) error {
			if n, err := store.EndAllSessions(ctx, tx, people.AsPerson(ann)); n != 0 || err != nil {
				t.Errorf("somebody ended %d sessions: %v", n, err)
			}
			if _, err := store.EndAllSessions(ctx, tx, operator); err != nil {
				return err
			}
			if _, err := store.RevokeAllTokens(ctx, tx, operator); err != nil {
				return err
			}
			_, err := store.CancelWaiting(ctx, tx, operator)
			return err
		})
		if n := standing(operator); n.Sessions != 0 || n.Tokens != 0 || n.Letters+n.Tried != 0 {
			t.Errorf("after ending everything: %+v", n)
		}
	})
}
