package peopledb_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
)

func (s *site) signIn(t *testing.T, who, password string, c account.Client) (account.SignedIn, error) {
	t.Helper()
	return s.admin.SignIn(t.Context(), account.SignIn{Address: who, Password: secret.New(password), Client: c})
}

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		in, err := s.signIn(t, " Ann@Example.ORG ", password, client("192.0.2.9"))
		if err != nil || in.Half || in.Device.Empty() {
			t.Fatalf("sign in: %+v, %v", in, err)
		}
		sc, visit, err := s.admin.Resume(t.Context(), in.Token)
		if id, _ := sc.Person(); err != nil || id != ann || visit.Person.Name != "ann" || !visit.Fresh(s.Clock.Now()) {
			t.Fatalf("resume: %v %+v %v", sc.Actor(), visit, err)
		}
		for _, c := range []struct{ fact, who, pass string }{
			{"a wrong password", "ann@example.org", "wrong wrong wrong"},
			{"an unknown account", "nobody@example.org", password},
			{"what is no address", "x y", password},
			{"an endless password", "ann@example.org", strings.Repeat("x", 5000)},
		} {
			if _, err := s.signIn(t, c.who, c.pass, client("192.0.2.10")); !fault.Is(err, fault.Unauthenticated) || err.Error() != "people.sign_in.wrong" {
				t.Errorf("%s gets %v", c.fact, err)
			}
		}
		s.later(12 * time.Hour)
		if _, _, err := s.admin.Resume(t.Context(), in.Token); !fault.Is(err, fault.NotFound) {
			t.Errorf("after twelve idle hours the session answers %v", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := s.root(t)
		ann := s.person(t, "ann")
		sc := people.AsPerson(ann)
		one, _ := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		two, _ := s.signIn(t, "ann@example.org", password, client("2001:db8::1"))
		list, err := s.admin.MySessions(t.Context(), sc)
		if err != nil || len(list) != 3 || list[0].Agent != "Test/1.0" { // the invitation signed in too
			t.Fatalf("sessions: %+v, %v", list, err)
		}
		_, v1, _ := s.admin.Resume(t.Context(), one.Token)
		if err := s.admin.EndSession(t.Context(), sc, v1.Session, ""); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.admin.Resume(t.Context(), one.Token); !fault.Is(err, fault.NotFound) {
			t.Errorf("an ended session answers %v", err)
		}
		if err := s.admin.EndSession(t.Context(), people.AsPerson(root), v1.Session, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's session: %v", err)
		}
		_, v2, _ := s.admin.Resume(t.Context(), two.Token)
		changed, err := s.admin.ChangePassword(t.Context(), sc, v2.Session, secret.New("another long password"), client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.admin.Resume(t.Context(), two.Token); err == nil {
			t.Error("the token from before the change of password still works")
		}
		if _, _, err := s.admin.Resume(t.Context(), changed.Token); err != nil {
			t.Errorf("the new token: %v", err)
		}
		if err := s.admin.SetDisabled(t.Context(), people.AsPerson(root), ann, true); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.admin.Resume(t.Context(), changed.Token); err == nil {
			t.Error("a disabled person's session works")
		}
		if _, err := s.signIn(t, "ann@example.org", "another long password", client("192.0.2.9")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a disabled person signs in: %v", err)
		}
		if err := s.admin.SetAdmin(t.Context(), people.AsPerson(root), root, false); !fault.Is(err, fault.Conflict) {
			t.Errorf("the last administrator goes: %v", err)
		}
	})
}

func TestTheThrottleTellsNothingAndLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		s.person(t, "ann")
		in, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string][]fault.Kind{}
		for i := range 12 {
			for n, who := range []string{"ann@example.org", "nobody@example.org"} {
				c := client("198.51.100." + string(rune('0'+i%10))) // many places: the address is what is counted
				if n == 1 {
					c = client("203.0.113." + string(rune('0'+i%10)))
				}
				_, err := s.signIn(t, who, "wrong wrong wrong", c)
				kinds[who] = append(kinds[who], fault.Of(err))
			}
		}
		for i := range 12 {
			if kinds["ann@example.org"][i] != kinds["nobody@example.org"][i] {
				t.Fatalf("try %d tells an account from none: %v", i, kinds)
			}
		}
		if kinds["ann@example.org"][9] != fault.Unauthenticated || kinds["ann@example.org"][10] != fault.TooMany {
			t.Errorf("the eleventh try is the first too many, got %v", kinds["ann@example.org"])
		}
		if _, err := s.signIn(t, "ann@example.org", password, client("198.51.100.77")); !fault.Is(err, fault.TooMany) {
			t.Errorf("a strange browser with the right password: %v", err)
		}
		known := client("198.51.100.77")
		known.Device = in.Device
		if _, err := s.signIn(t, "ann@example.org", password, known); err != nil {
			t.Errorf("the usual browser is locked out: %v", err)
		}
		s.later(15 * time.Minute)
		if _, err := s.signIn(t, "ann@example.org", password, client("198.51.100.77")); err != nil {
			t.Errorf("after the window: %v", err)
		}
	})
}

func TestOneTimeCodes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		sc := people.AsPerson(ann)
		key, url, err := s.admin.StartCodes(t.Context(), sc)
		if err != nil || !strings.HasPrefix(url.Reveal(), "otpauth://totp/") {
			t.Fatalf("start: %v", err)
		}
		if in, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9")); err != nil || in.Half {
			t.Errorf("an unconfirmed secret asks for a code: %v", err)
		}
		if _, err := s.admin.ConfirmCodes(t.Context(), sc, "000000"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong first code: %v", err)
		}
		code, _ := s.codes.At(key, s.Clock.Now())
		recovery, err := s.admin.ConfirmCodes(t.Context(), sc, code)
		if err != nil || len(recovery) != 10 {
			t.Fatalf("confirm: %d codes, %v", len(recovery), err)
		}
		half, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if err != nil || !half.Half {
			t.Fatalf("password alone: %+v, %v", half, err)
		}
		if _, _, err := s.admin.Resume(t.Context(), half.Token); !fault.Is(err, fault.NotFound) {
			t.Errorf("a half session opens something: %v", err)
		}
		if _, err := s.admin.SignInCode(t.Context(), half.Token, code, client("192.0.2.9")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the code of the confirmation is taken again: %v", err)
		}
		s.later(30 * time.Second)
		code, _ = s.codes.At(key, s.Clock.Now())
		in, err := s.admin.SignInCode(t.Context(), half.Token, code[:3]+" "+code[3:], client("192.0.2.9"))
		if err != nil || in.Token.Equal(half.Token) {
			t.Fatalf("with the code: %v", err)
		}
		if _, err := s.admin.SignInCode(t.Context(), half.Token, code, client("192.0.2.9")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the half session is used twice: %v", err)
		}
		half, _ = s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if _, err := s.admin.SignInCode(t.Context(), half.Token, code, client("192.0.2.9")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a replayed code: %v", err)
		}
		if _, err := s.admin.SignInCode(t.Context(), half.Token, strings.ToUpper(recovery[3].Reveal()), client("192.0.2.9")); err != nil {
			t.Errorf("a recovery code: %v", err)
		}
		half, _ = s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		for i := range 6 {
			_, err := s.admin.SignInCode(t.Context(), half.Token, recovery[3].Reveal(), client("192.0.2.9"))
			want := fault.Unauthenticated
			if i == 5 {
				want = fault.TooMany
			}
			if !fault.Is(err, want) {
				t.Errorf("a spent recovery code, try %d: %v", i, err)
			}
		}
		if n, err := s.admin.RecoveryLeft(t.Context(), sc); err != nil || n != 9 {
			t.Errorf("%d recovery codes left, %v", n, err)
		}
	})
}

func TestLinks(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		root := people.AsPerson(s.root(t))
		if link, err := s.admin.FirstLink(t.Context()); err != nil || !link.Empty() {
			t.Errorf("a second first link: %v", err)
		}
		p, link, err := s.admin.InvitePerson(t.Context(), root, account.InvitePerson{Address: "ann@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := s.admin.InvitePerson(t.Context(), root, account.InvitePerson{Address: "ANN@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		use := account.UseLink{Token: tokenOf(link), Name: "Ann", Password: secret.New(password), Client: client("192.0.2.1")}
		if _, err := s.admin.UseLink(t.Context(), use); !fault.Is(err, fault.NotFound) {
			t.Errorf("a replaced link: %v", err)
		}
		use.Token, use.Password = tokenOf(again), secret.New("short")
		if _, err := s.admin.UseLink(t.Context(), use); !fault.Is(err, fault.Invalid) {
			t.Errorf("a short password: %v", err)
		}
		for range 2 {
			if o, err := s.admin.OpenLink(t.Context(), use.Token, client("192.0.2.1")); err != nil || o.Person.ID != p.ID {
				t.Errorf("looking spends the link: %v", err)
			}
		}
		use.Password = secret.New(password)
		if _, err := s.admin.UseLink(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		if _, err := s.admin.UseLink(t.Context(), use); !fault.Is(err, fault.NotFound) {
			t.Errorf("a spent link: %v", err)
		}
		// An administrator who was shown the link could sign in as anybody and read his cases.
		if shown, err := s.admin.NewLink(t.Context(), root, p.ID, false); err != nil || !shown.Empty() {
			t.Fatalf("an administrator sees the link into an account in use: %v", err)
		}
		command := people.AsJob(account.JobAdmin)
		back, err := s.admin.NewLink(t.Context(), command, p.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		s.later(49 * time.Hour)
		if _, err := s.admin.OpenLink(t.Context(), tokenOf(back), client("192.0.2.1")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a link that is over: %v", err)
		}
		back, _ = s.admin.NewLink(t.Context(), command, p.ID, false)
		if _, err := s.admin.UseLink(t.Context(), account.UseLink{Token: tokenOf(back), Client: client("192.0.2.1")}); err != nil {
			t.Errorf("a way back without a new password: %v", err)
		}
		if _, err := s.admin.List(t.Context(), people.AsPerson(p.ID)); !fault.Is(err, fault.NotFound) {
			t.Errorf("a person lists the accounts: %v", err)
		}
		over := 0
		for range 70 {
			if _, err := s.admin.OpenLink(t.Context(), secret.New("guess"), client("192.0.2.200")); fault.Is(err, fault.TooMany) {
				over++
			}
		}
		if over != 10 {
			t.Errorf("of 70 guesses %d were too many, want 10", over)
		}
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		sc := people.AsPerson(ann)
		if _, _, err := s.admin.MakeToken(t.Context(), sc, account.NewToken{Name: "", Days: 0, Areas: []string{"kitchen"}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a bad token: %v", err)
		}
		tok, raw, err := s.admin.MakeToken(t.Context(), sc, account.NewToken{Name: "ci", Days: 30, Areas: []string{"cases"}})
		if err != nil || !strings.HasPrefix(raw.Reveal(), "tcs_") {
			t.Fatal(err)
		}
		got, visit, err := s.admin.Bearer(t.Context(), raw)
		if id, _ := got.Person(); err != nil || id != ann || got.MayWrite() || !visit.Covers("cases") || visit.Covers("people") || visit.Fresh(s.Clock.Now()) {
			t.Errorf("bearer: %v %+v %v", got.Actor(), visit, err)
		}
		if _, _, err := s.admin.MakeToken(t.Context(), got, account.NewToken{Name: "x", Days: 1}); !fault.Is(err, fault.Denied) {
			t.Errorf("a reading token makes a token: %v", err)
		}
		for _, bad := range []string{"", "tcs_", raw.Reveal() + "x", raw.Reveal()[4:], strings.Repeat("tcs_", 1000)} {
			if _, _, err := s.admin.Bearer(t.Context(), secret.New(bad)); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("token %.20q: %v", bad, err)
			}
		}
		list, err := s.admin.MyTokens(t.Context(), sc)
		if err != nil || len(list) != 1 || list[0].Used.IsZero() || list[0].Name != "ci" {
			t.Errorf("tokens: %+v, %v", list, err)
		}
		if err := s.admin.RevokeToken(t.Context(), sc, tok.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.admin.Bearer(t.Context(), raw); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a revoked token: %v", err)
		}
		_, raw, _ = s.admin.MakeToken(t.Context(), sc, account.NewToken{Name: "w", Days: 1, Write: true})
		if got, _, err := s.admin.Bearer(t.Context(), raw); err != nil || !got.MayWrite() {
			t.Errorf("a writing token: %v", err)
		}
		s.later(25 * time.Hour)
		if _, _, err := s.admin.Bearer(t.Context(), raw); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a token that is over: %v", err)
		}
	})
}

func TestProve(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		in, _ := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		s.later(16 * time.Minute)
		sc, visit, err := s.admin.Resume(t.Context(), in.Token)
		if err != nil || visit.Fresh(s.Clock.Now()) {
			t.Fatalf("after 16 minutes the proof is fresh, %v", err)
		}
		if _, err := s.admin.Prove(t.Context(), sc, visit.Session, secret.New("no"), "", client("192.0.2.9")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a wrong password: %v", err)
		}
		anew, err := s.admin.Prove(t.Context(), sc, visit.Session, secret.New(password), "", client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		if _, v, err := s.admin.Resume(t.Context(), anew.Token); err != nil || !v.Fresh(s.Clock.Now()) {
			t.Errorf("after the proof: %v", err)
		}
		if _, _, err := s.admin.Resume(t.Context(), in.Token); err == nil {
			t.Error("the old token goes on after the proof")
		}
		_ = ann
	})
}

func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		s.person(t, "ann")
		s.later(400 * 24 * time.Hour)
		s.Do(t, func(_ context.Context, tx unit.Tx) error { tx.Enqueue(unit.Job{Kind: account.KindSweep}); return nil })
		s.Drain(t)
		s.View(t, func(ctx context.Context, v unit.View) error {
			list, err := s.store.SessionsOf(ctx, v, people.AsPerson("x"))
			if len(list) != 0 {
				t.Errorf("sessions remain: %v", list)
			}
			return err
		})
		if _, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9")); err != nil {
			t.Errorf("after the sweep: %v", err)
		}
	})
}
