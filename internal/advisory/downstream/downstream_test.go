package downstream

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

func TestWants(t *testing.T) {
	lamp := []Touched{{Product: "lanternd", Branches: []string{"stable-2", "old"}}, {Product: "lampctl"}}
	for _, c := range []struct {
		fact  string
		wants []Want
		list  []Touched
		want  bool
	}{
		{"nothing named means all", nil, lamp, true},
		{"a product", []Want{{Product: "lanternd"}}, lamp, true},
		{"case does not count", []Want{{Product: "LanternD"}}, lamp, true},
		{"another product", []Want{{Product: "torch"}}, lamp, false},
		{"a branch", []Want{{"lanternd", "old"}}, lamp, true},
		{"another branch", []Want{{"lanternd", "stable-3"}}, lamp, false},
		{"a product without branches touches all of them", []Want{{"lampctl", "main"}}, lamp, true},
		{"a publication that names no product is told to all", []Want{{Product: "torch"}}, nil, true},
	} {
		if got := (Subscription{Wants: c.wants}).wants(c.list); got != c.want {
			t.Errorf("%s: %v", c.fact, got)
		}
	}
}

func TestCleared(t *testing.T) {
	for _, c := range []struct {
		clearance, label string
		want             bool
	}{
		{"GREEN", "WHITE", true}, {"GREEN", "GREEN", true}, {"GREEN", "AMBER", false}, {"GREEN", "RED", false}, {"", "AMBER", false},
		{"AMBER", "AMBER", true}, {"AMBER", "RED", false}, {"RED", "RED", true}, {"AMBER", "AMBER+STRICT", false}, {"GREEN", "CLEAR", true}, {"RED", "?", true},
	} {
		if got := (Subscription{Clearance: c.clearance}).cleared(c.label); got != c.want {
			t.Errorf("cleared for %q hears of %q: %v", c.clearance, c.label, got)
		}
	}
}

func TestCheck(t *testing.T) {
	hook := func(url, clearance string) Subscription {
		return Subscription{Kind: Webhook, Name: "Debian", URL: url, Clearance: clearance}
	}
	for _, c := range []struct {
		fact  string
		s     Subscription
		plain bool
		field string
	}{
		{"https", hook("https://hooks.example.org/x?y=z", "RED"), false, ""},
		{"http", hook("http://hooks.example.org/", "GREEN"), false, "url"},
		{"http where private networks are open", hook("http://10.0.0.1/", "GREEN"), true, ""},
		{"never for what is not public", hook("http://10.0.0.1/", "AMBER"), true, "url"},
		{"a password", hook("https://u:p@hooks.example.org/", "GREEN"), false, "url"},
		{"another scheme", hook("file:///etc/passwd", "GREEN"), true, "url"},
		{"a line break", hook("https://hooks.example.org/\r\nX: y", "GREEN"), false, "url"},
		{"no clearance of that name", hook("https://hooks.example.org/", "WHITE"), false, "clearance"},
		{"a mail", Subscription{Kind: Mail, Name: "x", Address: "a@b.example", Clearance: "GREEN"}, false, ""},
		{"no address", Subscription{Kind: Mail, Name: "x", Address: "b.example", Clearance: "GREEN"}, false, "address"},
		{"no kind", Subscription{Name: "x", Clearance: "GREEN"}, false, "kind"},
	} {
		err := c.s.check(c.plain)
		if (err == nil) != (c.field == "") || err != nil && !strings.Contains(fmt.Sprintf("%+v", err.(*fault.Error).Fields), c.field) {
			t.Errorf("%s: %v", c.fact, err)
		}
	}
}

// The vector of the Standard Webhooks specification's reference libraries.
func TestSignIsThatOfStandardWebhooks(t *testing.T) {
	got, err := Sign(secret.New("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Sign(secret.New("whsec_!"), "x", time.Now(), nil); err == nil || strings.Contains(err.Error(), "whsec") {
		t.Errorf("%v", err)
	}
	if s := fmt.Sprintf("%v %+v %#v", NewSecret(), Subscription{Secret: NewSecret()}, Subscription{Secret: NewSecret()}); strings.Contains(s, "whsec_") {
		t.Errorf("a secret prints: %s", s)
	}
}

func TestTheMessage(t *testing.T) {
	var tree csaf.Builder
	tree.Add(csaf.TreeProduct{Vendor: "Lanterna", Product: "lanternd", Branch: "stable-2", Version: "2.4.7"})
	tree.Add(csaf.TreeProduct{Vendor: "Lanterna", Product: "lanternd", Branch: "old", Version: "0.9"})
	tree.Add(csaf.TreeProduct{Vendor: "Lanterna", Product: "lampctl", Version: "1"})
	doc := &csaf.Advisory{ProductTree: tree.Tree()}
	doc.Document.Title = "Overflow"
	doc.Document.Distribution = &csaf.Distribution{TLP: &csaf.TLP{Label: "GREEN"}}
	f := advisory.Published{Number: "LAN-2026-0001", Version: "2", Changed: []string{"csaf/lanterna/green/2026/lan-2026-0001.json", "csaf/lanterna/amber/2026/lan-2026-0001.json",
		"csaf/lanterna/white/index.txt", "advisories/lanterna/lan-2026-0001.html", "advisories/lanterna/lan-2026-0001.txt"}}
	e, err := newEvent("https://s.example", people.Project{ID: "p", Slug: "lanterna"}, f, pubtree.Place{Level: pubtree.Green, Year: 2026}, doc, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if err := json.Unmarshal(e.Body, &m); err != nil {
		t.Fatal(err)
	}
	d := m.Data
	if m.Type != "advisory.published" || d.Advisory != "LAN-2026-0001" || d.Revision != "2" || d.TLP != "GREEN" || d.Title != "Overflow" || d.Project != "lanterna" ||
		d.Document != "https://s.example/csaf/lanterna/green/2026/lan-2026-0001.json" || d.Page != "https://s.example/advisories/lanterna/lan-2026-0001.html" {
		t.Errorf("%s", e.Body)
	}
	if len(d.Changed) != 4 || strings.Contains(string(e.Body), "amber") {
		t.Errorf("a stricter folder is told: %v", d.Changed)
	}
	if fmt.Sprint(d.Products) != "[{lanternd [stable-2 old]} {lampctl []}]" {
		t.Errorf("%v", d.Products)
	}
	if e.Text != "advisories/lanterna/lan-2026-0001.txt" {
		t.Errorf("%q", e.Text)
	}
}

func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		fact    string
		tries   int
		a       Answer
		err     error
		state   DeliveryState
		wait    time.Duration
		problem string
	}{
		{"taken", 0, Answer{Status: 204}, nil, Sent, 0, ""},
		{"a failure is tried again soon", 0, Answer{Status: 500}, nil, Waiting, 5 * time.Second, "status"},
		{"and later", 3, Answer{Status: 500}, nil, Waiting, 2 * time.Hour, "status"},
		{"the receiver asks to wait", 0, Answer{Status: http.StatusTooManyRequests, After: time.Hour}, nil, Waiting, time.Hour, "status"},
		{"but not for ever", 0, Answer{Status: 503, After: 1000 * time.Hour}, nil, Waiting, 24 * time.Hour, "status"},
		{"a redirect is a failure", 0, Answer{Status: 302}, nil, Waiting, 5 * time.Second, "redirect"},
		{"no answer", 0, Answer{}, fmt.Errorf("reset"), Waiting, 5 * time.Second, "unreachable"},
		{"a private address", 0, Answer{}, fault.New(fault.Denied, "egress.address"), Waiting, 5 * time.Second, "refused"},
		{"given up in the end", 9, Answer{Status: 500}, nil, Dead, 0, "status"},
		{"the receiver wants no more", 0, Answer{Status: 410}, nil, Dead, 0, "gone"},
	} {
		d, x := Delivery{State: Waiting, Tries: c.tries}, Subscription{State: Active}
		judge(&d, &x, c.a, c.err, now)
		if d.State != c.state || d.State == Waiting && d.Next.Sub(now) != c.wait || !strings.HasSuffix(d.Problem, c.problem) {
			t.Errorf("%s: %+v", c.fact, d)
		}
		if (d.State == Dead) != !x.Failing.IsZero() {
			t.Errorf("%s: failing %v", c.fact, x.Failing)
		}
	}
}

func TestATokenProvesItself(t *testing.T) {
	s := &Service{MAC: func(purpose, value string) string { return "mac(" + purpose + value + ")" }}
	token := s.token("unsubscribe", "p", "id")
	if p, id, err := s.parse("unsubscribe", token); err != nil || p != "p" || id != "id" {
		t.Errorf("%s %s %v", p, id, err)
	}
	for _, bad := range []string{"", "p", "p.id", "p.id.x", "q" + token[1:], token + "x", s.token("subscribe/confirm", "p", "id")} {
		if _, _, err := s.parse("unsubscribe", bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q passes: %v", bad, err)
		}
	}
}
