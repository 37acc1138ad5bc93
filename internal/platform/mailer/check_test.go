package mailer_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
)

var mailKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func keyRecord() string {
	return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(mailKey.Public().(ed25519.PublicKey))
}

func sign(t testing.TB, domain, mail string, expires time.Time) string {
	t.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: mailKey,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "Subject"}, Expiration: expires})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const plain = "From: Ann <ann@team.example.org>\r\nSubject: x\r\n\r\nhello\r\n"

func testZone() mailertest.Zone {
	return mailertest.Zone{
		TXT: map[string][]string{
			"s._domainkey.example.org":      {keyRecord()},
			"s._domainkey.team.example.org": {keyRecord()},
			"s._domainkey.other.test":       {keyRecord()},
			"s._domainkey.revoked.test":     {"v=DKIM1; p="},
			"s._domainkey.huge.test":        {"v=DKIM1; p=" + strings.Repeat("A", 5000)},
			"s._domainkey.twice.test":       {keyRecord(), keyRecord()},
			"team.example.org":              {"v=spf1 ip4:192.0.2.1 -all"},
			"soft.test":                     {"v=spf1 ~all"},
			"neutral.test":                  {"v=spf1 ?all"},
			"loop.test":                     {"v=spf1 include:loop.test -all"},
			"bad.test":                      {"v=spf1 frob -all"},
			"mx.test":                       {"v=spf1 mx -all"},
		},
		MX:     map[string][]string{"mx.test": {"in.mx.test"}},
		A:      map[string][]string{"in.mx.test": {"192.0.2.1"}},
		Broken: map[string]bool{"broken.test": true, "s._domainkey.broken.test": true},
	}
}

func TestDKIM(t *testing.T) {
	r := mailer.NewResolver(mailertest.DNS(t, testZone()))
	many := plain
	for range 8 {
		many = sign(t, "example.org", many, time.Time{})
	}
	for name, c := range map[string]struct{ raw, want string }{
		"no signature":                            {plain, "[]"},
		"a signature of the organization":         {sign(t, "example.org", plain, time.Time{}), "[{example.org pass true}]"},
		"one of the same domain":                  {sign(t, "team.example.org", plain, time.Time{}), "[{team.example.org pass true}]"},
		"a valid one of somebody else":            {sign(t, "other.test", plain, time.Time{}), "[{other.test pass false}]"},
		"a changed body":                          {strings.Replace(sign(t, "example.org", plain, time.Time{}), "hello", "hullo", 1), "[{example.org fail true}]"},
		"a changed From":                          {strings.Replace(sign(t, "example.org", plain, time.Time{}), "ann@", "bob@", 1), "[{example.org fail true}]"},
		"a second From in front aligns with none": {"From: x@example.org\r\n" + sign(t, "example.org", plain, time.Time{}), "[{example.org pass false}]"},
		"expired":                                  {sign(t, "example.org", plain, time.Unix(1, 0)), "[{example.org permerror true}]"},
		"no key":                                   {sign(t, "nokey.test", plain, time.Time{}), "[{nokey.test permerror false}]"},
		"a revoked key":                            {sign(t, "revoked.test", plain, time.Time{}), "[{revoked.test permerror false}]"},
		"two keys":                                 {sign(t, "twice.test", plain, time.Time{}), "[{twice.test permerror false}]"},
		"a huge key":                               {sign(t, "huge.test", plain, time.Time{}), "[{huge.test permerror false}]"},
		"a DNS that fails":                         {sign(t, "broken.test", plain, time.Time{}), "[{broken.test temperror false}]"},
		"a body length tag is not trusted":         {"DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=s; h=From; l=0; bh=x; b=x\r\n" + plain, "[{example.org fail true}]"},
		"garbage":                                  {"DKIM-Signature: !!!\r\n" + plain, "[{ permerror false}]"},
		"a signature of unreasonable length":       {"DKIM-Signature: v=1; h=" + strings.Repeat("a:", 3000) + "\r\n" + plain, "[{ permerror false}]"},
		"a header beyond the limit":                {"X: " + strings.Repeat("y", 200_000) + "\r\n" + sign(t, "example.org", plain, time.Time{}), "[]"},
		"more header lines than the limit":         {strings.Repeat("X: y\r\n", 2100) + sign(t, "example.org", plain, time.Time{}), "[]"},
		"Authentication-Results are not believed":  {"Authentication-Results: here.test; dkim=pass header.d=example.org\r\n" + plain, "[]"},
		"an endless run of empty lines is not led": {sign(t, "example.org", plain, time.Time{}) + strings.Repeat("\r\n", 100_000), "[{example.org permerror true}]"},
	} {
		t.Run(name, func(t *testing.T) {
			auth, err := mailer.Check(t.Context(), r, mailer.Facts{}, strings.NewReader(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(auth.DKIM); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	auth, err := mailer.Check(t.Context(), r, mailer.Facts{}, strings.NewReader(many))
	if err != nil || len(auth.DKIM) != 5 || !auth.AlignedDKIM() {
		t.Errorf("eight signatures: %+v, %v", auth, err)
	}
}

func TestSPF(t *testing.T) {
	r := mailer.NewResolver(mailertest.DNS(t, testZone()))
	for name, c := range map[string]struct{ from, helo, ip, want string }{
		"a listed address":            {"ann@team.example.org", "h.test", "192.0.2.1", "{pass team.example.org true}"},
		"in its IPv6 clothes":         {"ann@team.example.org", "h.test", "::ffff:192.0.2.1", "{pass team.example.org true}"},
		"an address that is not":      {"ann@team.example.org", "h.test", "192.0.2.2", "{fail team.example.org true}"},
		"somebody else's record":      {"ann@soft.test", "h.test", "192.0.2.2", "{softfail soft.test false}"},
		"neutral":                     {"ann@neutral.test", "h.test", "192.0.2.2", "{neutral neutral.test false}"},
		"no record":                   {"ann@nothing.test", "h.test", "192.0.2.2", "{none nothing.test false}"},
		"a bounce is judged by HELO":  {"", "team.example.org", "192.0.2.1", "{pass team.example.org true}"},
		"by MX":                       {"ann@mx.test", "h.test", "192.0.2.1", "{pass mx.test false}"},
		"a loop":                      {"ann@loop.test", "h.test", "192.0.2.2", "{permerror loop.test false}"},
		"a broken record":             {"ann@bad.test", "h.test", "192.0.2.2", "{permerror bad.test false}"},
		"a DNS that fails":            {"ann@broken.test", "h.test", "192.0.2.2", "{temperror broken.test false}"},
		"an address literal as HELO":  {"", "[192.0.2.2]", "192.0.2.2", "{none  false}"},
		"nobody at all":               {"", "", "192.0.2.2", "{none  false}"},
		"a domain that is none":       {"ann@a b", "", "192.0.2.2", "{none  false}"},
		"a domain with capital words": {"ann@TEAM.Example.ORG", "h.test", "192.0.2.1", "{pass team.example.org true}"},
	} {
		t.Run(name, func(t *testing.T) {
			auth, err := mailer.Check(t.Context(), r, mailer.Facts{From: c.from, HELO: c.helo, Remote: netip.MustParseAddr(c.ip)}, strings.NewReader(plain))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(auth.SPF); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestFromDomain(t *testing.T) {
	r := mailer.NewResolver(mailertest.DNS(t, mailertest.Zone{}))
	for header, want := range map[string]string{
		"From: a@Example.ORG\r\n":                          "example.org",
		"From: \"b@evil.test\" <a@example.org>\r\n":        "example.org",
		"From: a@example.org, b@evil.test\r\n":             "",
		"From: a@example.org\r\nFrom: b@evil.test\r\n":     "",
		"From: a@example.org\r\nfrom : b@evil.test\r\n":    "",
		"From:\r\n a@example.org\r\n":                      "example.org",
		"From: a@bücher.example\r\n":                       "xn--bcher-kva.example",
		"From: nobody\r\n":                                 "",
		"Subject: none\r\n":                                "",
		"From: =?utf-8?q?a=40evil=2Etest?= <a@b.test>\r\n": "b.test",
	} {
		auth, err := mailer.Check(t.Context(), r, mailer.Facts{}, strings.NewReader(header+"\r\nx\r\n"))
		if err != nil || auth.From != want {
			t.Errorf("%q: %q, %v, want %q", header, auth.From, err, want)
		}
	}
}

func TestCheckReadsToTheEndAndReportsTheReadersError(t *testing.T) {
	r := mailer.NewResolver(mailertest.DNS(t, testZone()))
	two := sign(t, "example.org", sign(t, "other.test", plain, time.Time{}), time.Time{})
	for _, head := range []string{plain, two, "x"} {
		in := strings.NewReader(head + strings.Repeat("y", 100_000))
		if _, err := mailer.Check(t.Context(), r, mailer.Facts{}, in); err != nil || in.Len() != 0 {
			t.Errorf("%d bytes left, %v", in.Len(), err)
		}
		_, err := mailer.Check(t.Context(), r, mailer.Facts{}, io.MultiReader(strings.NewReader(head), errReader{}))
		if !errors.Is(err, errBroken) {
			t.Errorf("error %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mailer.Check(ctx, r, mailer.Facts{}, strings.NewReader(two)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(plain)
	f.Add(sign(f, "example.org", plain, time.Time{}))
	r := mailer.NewResolver("127.0.0.1:1")
	f.Fuzz(func(t *testing.T, raw string) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		auth, err := mailer.Check(ctx, noDNS{r}, mailer.Facts{HELO: "h.test"}, strings.NewReader(raw))
		if err == nil && auth.AlignedDKIM() {
			t.Error("authentic without any DNS")
		}
	})
}

// noDNS knows no key.
type noDNS struct{ mailer.Resolver }

func (noDNS) LookupTXT(context.Context, string) ([]string, error) { return nil, nil }
