package account

import (
	"net/netip"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
)

func TestThrottleKeys(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":            "remote:192.0.2.7",
		"::ffff:192.0.2.7":     "remote:192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "remote:2001:db8:1:2::/64",
	} {
		if got := remoteKey(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s is counted as %s, want %s", in, got, want)
		}
	}
}

func TestPasswords(t *testing.T) {
	p := people.Person{Name: "Ann Other", Email: "annie@example.org"}
	for in, want := range map[string]string{
		"correct horse battery": "",
		"ein schöner Morgen":    "",
		"short":                 "people.field.password_short",
		"aaaaaaaaaaaaaaaa":      "people.field.password_weak",
		"xxannie@examplexx":     "people.field.password_own",
		"this is ann other":     "people.field.password_own",
		"":                      "people.field.password_short",
	} {
		var c fault.Checks
		checkPassword(&c, secret.New(in), p)
		got := ""
		if e, ok := c.Err().(*fault.Error); ok {
			got = e.Fields[0].Key
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRecoveryCodesAreReadAsTheyAreTyped(t *testing.T) {
	for _, in := range []string{"abcd-efgh-1234-5678", "ABCD EFGH 1234 5678", "abcdefgh12345678"} {
		if got := recoveryForm(in); got != "abcd-efgh-1234-5678" {
			t.Errorf("%q became %q", in, got)
		}
	}
}
