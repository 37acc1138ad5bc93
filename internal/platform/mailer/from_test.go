package mailer_test

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/mailer"
	"github.com/tocsin-sec/tocsin/internal/platform/mailer/mailertest"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// The desk shows the From that mailmsg reads and believes the alignment that is
// computed here. When the two read a field differently, a signature of evil.test
// let a mail in that was shown as the participant's.
func TestWhatSignaturesSpeakForIsTheFromThatIsShown(t *testing.T) {
	r := mailer.NewResolver(mailertest.DNS(t, mailertest.Zone{}))
	for name, header := range map[string]string{
		"a first From without a value":        "From:\r\nFrom: a@evil.test\r\n",
		"a display name beyond mailmsg's 64k": "From: \"x, ann@example.org," + strings.Repeat("\r\n "+strings.Repeat("y", 60), 1500) + "\" <a@evil.test>\r\n",
		"a name in a Chinese charset":         "From: =?gb2312?B?1cXI/Q==?= <a@example.cn>\r\n",
		"an unknown charset":                  "From: =?x-none?Q?ann?= <a@example.cn>\r\n",
		"a group":                             "From: us: a@evil.test;\r\n",
		"a comment":                           "From: a@evil.test (ann@example.org)\r\n",
		"a folded address":                    "From: Ann\r\n <a@example.org>\r\n",
		"a field with a space":                "From : a@example.org\r\n",
		"a field with a vertical tab":         "From\v: a@evil.test\r\nFrom: ann@example.org\r\n",
		"a header that begins with a fold":    " From: a@evil.test\r\nFrom: ann@example.org\r\n",
	} {
		auth, err := mailer.Check(t.Context(), r, mailer.Facts{}, strings.NewReader(header+"\r\nx\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := mailmsg.Read(strings.NewReader(header+"\r\nx\r\n"), mailmsg.Limits{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		shown := ""
		if len(m.From) > 0 {
			_, shown, _ = strings.Cut(m.From[0].Addr, "@")
		}
		if auth.From != "" && auth.From != shown {
			t.Errorf("%s: signatures of %q speak for a mail shown as from %q", name, auth.From, shown)
		}
	}
}

func TestASenderWithAChineseNameHasADomain(t *testing.T) {
	r := mailer.NewResolver(mailertest.DNS(t, mailertest.Zone{}))
	raw := "From: =?gb2312?B?1cXI/Q==?= <a@example.cn>\r\n\r\nx\r\n"
	auth, err := mailer.Check(t.Context(), r, mailer.Facts{}, strings.NewReader(raw))
	if err != nil || auth.From != "example.cn" {
		t.Errorf("%q, %v", auth.From, err)
	}
}
