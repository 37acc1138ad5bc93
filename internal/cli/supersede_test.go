package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/client"
)

// TestTheCommandSupersedes: a published advisory by one that goes out together with it.
func TestTheCommandSupersedes(t *testing.T) {
	s := newRealSite(t)
	s.deputy()
	raw, err := os.ReadFile(filepath.Join("testdata", "lan-2024-0001.json"))
	must(t, err)
	dir := t.TempDir()
	next := filepath.Join(dir, "next.json")
	must(t, os.WriteFile(next, []byte(strings.NewReplacer("LAN-2024-0001", "LAN-2024-0002", "lan-2024-0001", "lan-2024-0002", "CVE-2024-12345", "CVE-2024-12346").Replace(string(raw))), 0o600))
	var done []client.Imported
	s.into(&done, "chair", "advisory", "import", "--project", "lanterna", filepath.Join("testdata", "lan-2024-0001.json"), next)
	if len(done) != 2 {
		t.Fatalf("%+v", done)
	}
	a, b := done[0].ID, done[1].ID
	s.ok("deputy", "advisory", "approve", a, b)
	if code, _, errs := s.run("chair", "", "advisory", "supersede", a, "--by", "LAN-2024-0002", "--reason", "x"); code == 0 {
		t.Errorf("what is not published is superseded: %s", errs)
	}
	s.ok("chair", "advisory", "publish", a)
	must(t, s.app.Drain(t.Context()))
	if code, _, errs := s.run("chair", "", "advisory", "supersede", a, "--by", "LAN-2024-0009", "--reason", "x"); code == 0 || !strings.Contains(errs, "by") {
		t.Errorf("by nothing: exit code %d, %s", code, errs)
	}
	if code, _, errs := s.run("chair", "", "advisory", "supersede", a, "--by", "LAN-2024-0002"); code == 0 || !strings.Contains(errs, "reason") {
		t.Errorf("without a reason: exit code %d, %s", code, errs)
	}
	s.ok("chair", "advisory", "supersede", a, "--by", "lan-2024-0002", "--reason", "All of it is told there.")
	s.ok("deputy", "advisory", "approve", a)
	s.ok("chair", "advisory", "publish", b)
	must(t, s.app.Drain(t.Context()))
	var one, two client.Advisory
	s.into(&one, "chair", "advisory", "show", a)
	s.into(&two, "chair", "advisory", "show", b)
	if one.State != "superseded" || two.State != "published" || len(one.Published) != 2 || !one.Published[1].Superseded {
		t.Fatalf("%+v\n%+v", one, two)
	}
	if page := string(s.public("/advisories/lanterna/lan-2024-0001.html")); !strings.Contains(page, "lan-2024-0002.html") || !strings.Contains(page, "All of it is told there.") {
		t.Errorf("the page is\n%s", page)
	}

	// Its successor is withdrawn later: the page says so, with a good signature, and the team hears of it.
	before := string(s.public("/advisories/lanterna/lan-2024-0001.html.asc"))
	s.ok("chair", "advisory", "withdraw", b, "--reason", "It was no flaw.")
	s.ok("deputy", "advisory", "approve", b)
	s.ok("chair", "advisory", "publish", b)
	must(t, s.app.Drain(t.Context()))
	for _, file := range []string{"html", "txt"} {
		text := string(s.public("/advisories/lanterna/lan-2024-0001." + file))
		if !strings.Contains(text, "LAN-2024-0002, which was withdrawn since") || strings.Contains(text, "superseded by LAN-2024-0002<") {
			t.Errorf("%s still leads to a withdrawn one:\n%s", file, text)
		}
	}
	if after := string(s.public("/advisories/lanterna/lan-2024-0001.html.asc")); after == before {
		t.Error("the page has its old signature")
	}
	post := &outbox{}
	s.app.Mailroom.Transport = post
	must(t, s.app.DrainMail(t.Context()))
	for _, who := range []string{"mira@lanterna.example", "jonas@lanterna.example"} {
		if !slices.ContainsFunc(post.sent, func(x string) bool {
			return strings.HasPrefix(x, who+" ") && strings.Contains(x, "Subject: An advisory that replaces another one was withdrawn")
		}) {
			t.Errorf("%s hears nothing of it: %.2000q", who, post.sent)
		}
	}
}

// outbox takes every letter.
type outbox struct{ sent []string }

func (*outbox) Ready() bool { return true }
func (o *outbox) Send(_ context.Context, _ string, to string, raw []byte) (string, error) {
	o.sent = append(o.sent, to+" "+string(raw))
	return "250", nil
}
