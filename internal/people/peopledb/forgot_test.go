package peopledb_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/account"
)

var linkIn = regexp.MustCompile(`https://t\.example/link/\S+`)

// mailTo drains the queue and returns what arrived at an address since the last call.
func (s *site) mailTo(t *testing.T, address string) []string {
	t.Helper()
	s.Drain(t)
	var out []string
	for _, m := range s.smtp.got {
		if m.to == address {
			out = append(out, m.text)
		}
	}
	s.smtp.got = nil
	return out
}

func (s *site) linkTo(t *testing.T, address string) secret.String {
	t.Helper()
	for _, text := range s.mailTo(t, address) {
		if l := linkIn.FindString(text); l != "" {
			return tokenOf(secret.New(l))
		}
	}
	t.Fatalf("no link came to %s", address)
	return secret.String{}
}

func TestAForgottenPassword(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		s.person(t, "ann")
		before, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		s.mailTo(t, "")
		for _, who := range []string{"Ann@example.org", "nobody@example.org"} {
			if err := s.admin.Forgot(t.Context(), who, client("192.0.2.9")); err != nil {
				t.Fatalf("%s asks: %v", who, err)
			}
		}
		s.Drain(t)
		for _, m := range s.smtp.got {
			if m.to != "ann@example.org" {
				t.Errorf("a letter went to %s", m.to)
			}
		}
		link := s.linkTo(t, "ann@example.org")
		if _, err := s.admin.UseLink(t.Context(), account.UseLink{Token: link, Client: client("192.0.2.9")}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a new password: %v", err)
		}
		use := account.UseLink{Token: link, Password: secret.New("quite another password"), Client: client("192.0.2.9")}
		if _, err := s.admin.UseLink(t.Context(), use); err != nil {
			t.Fatal(err)
		}
		if _, err := s.admin.UseLink(t.Context(), use); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link works twice: %v", err)
		}
		if _, _, err := s.admin.Resume(t.Context(), before.Token); err == nil {
			t.Error("an old session goes on")
		}
		if _, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("the old password: %v", err)
		}
		if got := strings.Join(s.mailTo(t, "ann@example.org"), ""); !strings.Contains(got, "people.letter.password.subject") {
			t.Errorf("no notice of the change: %q", got)
		}
	})
}

func TestAWayBackEndsAfterAnHourAndStillAsksForTheCode(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann := s.person(t, "ann")
		sc := people.AsPerson(ann)
		key, _, err := s.admin.StartCodes(t.Context(), sc)
		if err != nil {
			t.Fatal(err)
		}
		code, _ := s.codes.At(key, s.Clock.Now())
		if _, err := s.admin.ConfirmCodes(t.Context(), sc, code); err != nil {
			t.Fatal(err)
		}
		s.mailTo(t, "")
		ask := func() secret.String {
			if err := s.admin.Forgot(t.Context(), "ann@example.org", client("192.0.2.9")); err != nil {
				t.Fatal(err)
			}
			return s.linkTo(t, "ann@example.org")
		}
		late := ask()
		s.later(time.Hour)
		if _, err := s.admin.OpenLink(t.Context(), late, client("192.0.2.9")); !fault.Is(err, fault.NotFound) {
			t.Errorf("after an hour: %v", err)
		}
		in, err := s.admin.UseLink(t.Context(), account.UseLink{Token: ask(), Password: secret.New("quite another password"), Client: client("192.0.2.9")})
		if err != nil || !in.Half {
			t.Errorf("the second factor is not asked for: %v %v", in.Half, err)
		}
	})
}

func TestAskingForAWayBackIsLimitedAndTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		s.person(t, "ann")
		for i := range 5 {
			var kinds []fault.Kind
			for n, who := range []string{"ann@example.org", "nobody@example.org"} {
				err := s.admin.Forgot(t.Context(), who, client("2001:db8:0:"+string(rune('a'+(2*i+n)%6))+strconv.Itoa(i)+"::1"))
				k := fault.Kind(0)
				if err != nil {
					k = fault.Of(err)
				}
				kinds = append(kinds, k)
			}
			if kinds[0] != kinds[1] || (kinds[0] == fault.TooMany) != (i >= 3) {
				t.Errorf("try %d: %v", i+1, kinds)
			}
		}
	})
}

func TestAnotherMailAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.root(t)
		ann, _ := s.person(t, "ann"), s.person(t, "bob")
		sc := people.AsPerson(ann)
		s.mailTo(t, "")
		if err := s.admin.AskAddress(t.Context(), sc, "ann@example.org"); !fault.Is(err, fault.Invalid) {
			t.Errorf("the address that she has: %v", err)
		}
		if err := s.admin.AskAddress(t.Context(), sc, "bob@example.org"); err != nil {
			t.Errorf("a taken address is told to who only types it: %v", err)
		}
		if err := s.admin.UseAddress(t.Context(), s.linkTo(t, "bob@example.org"), client("192.0.2.9")); !fault.Is(err, fault.Conflict) {
			t.Errorf("a taken address is taken: %v", err)
		}
		if err := s.admin.AskAddress(t.Context(), sc, "Ann@new.example"); err != nil {
			t.Fatal(err)
		}
		s.Drain(t)
		told := false
		for _, m := range s.smtp.got {
			told = told || m.to == "ann@example.org" && strings.Contains(m.text, "address_asked") && !strings.Contains(m.text, "/link/")
		}
		if !told {
			t.Error("the old address is not told")
		}
		link := s.linkTo(t, "ann@new.example")
		if _, err := s.admin.UseLink(t.Context(), account.UseLink{Token: link, Password: secret.New("quite another password")}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link opens the account: %v", err)
		}
		if _, err := s.signIn(t, "ann@new.example", password, client("192.0.2.9")); err == nil {
			t.Error("the address holds before it is confirmed")
		}
		if err := s.admin.UseAddress(t.Context(), link, client("192.0.2.9")); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(s.mailTo(t, "ann@example.org"), ""); !strings.Contains(got, "address_changed") {
			t.Errorf("the old address got no notice: %q", got)
		}
		if _, err := s.signIn(t, "ann@new.example", password, client("192.0.2.9")); err != nil {
			t.Errorf("the new address does not sign in: %v", err)
		}
		if _, err := s.signIn(t, "ann@example.org", password, client("192.0.2.9")); err == nil {
			t.Error("the old address signs in")
		}
	})
}
