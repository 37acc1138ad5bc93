package i18n

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func TestTexts(t *testing.T) {
	c, err := Load(fstest.MapFS{
		"en/a.json": {Data: []byte(`{"a.plain": "Plain", "a.named": "{who} of {where}", "a.n.one": "{n} case", "a.n.other": "{n} cases",
			"a.pos": "{0} and {1}", "a.brace": "{{x}} {who}", "a.only_en": "English", "number.group": ","}`)},
		"zh/a.json": {Data: []byte(`{"a.plain": "简单", "a.n.other": "{n} 个案例"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	en, zh := c.Printer("en"), c.Printer("zh")
	for _, tt := range []struct{ fact, got, want string }{
		{"a plain text", en.T("a.plain"), "Plain"},
		{"arguments come as pairs", en.T("a.named", "who", "Ada", "where", "Rome"), "Ada of Rome"},
		{"arguments come as a map", en.T("a.named", map[string]string{"who": "Ada", "where": "Rome"}), "Ada of Rome"},
		{"a missing argument shows its name", en.T("a.named", "who", "Ada"), "Ada of {where}"},
		{"arguments come by position", en.T("a.pos", "x", 5), "x and 5"},
		{"an argument's braces are no argument", en.T("a.named", "who", "{where}", "where", "Rome"), "{where} of Rome"},
		{"doubled braces are braces", en.T("a.brace", "who", "Ada"), "{x} Ada"},
		{"one", en.T("a.n", "n", 1), "1 case"},
		{"none is many", en.T("a.n", "n", 0), "0 cases"},
		{"a count may be text, as in the ledger", en.T("a.n", map[string]string{"n": "1"}), "1 case"},
		{"Chinese has one form", zh.T("a.n", "n", 1), "1 个案例"},
		{"English stands in", zh.T("a.only_en"), "English"},
		{"an unknown key shows itself", en.T("a.unknown"), "a.unknown"},
		{"a year is not grouped", en.T("a.n", "n", 2026), "2026 cases"},
		{"five digits are grouped", en.T("a.n", "n", 1234567), "1,234,567 cases"},
		{"a language without a catalogue is English", c.Printer("fr").T("a.plain"), "Plain"},
		{"the header decides", c.Choose("", "zh-TW,zh;q=0.9,en;q=0.8"), "zh"},
		{"the first wish that is met wins", c.Choose("xx", "zh", "en"), "zh"},
		{"nonsense is English", c.Choose(";;;=q", strings.Repeat("x,", 400)), "en"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.fact, tt.got, tt.want)
		}
	}
	if !c.Has("a.n") || c.Has("a.unknown") {
		t.Error("Has is wrong")
	}
}

func TestLoadRefuses(t *testing.T) {
	for fact, files := range map[string]fstest.MapFS{
		"a key twice":           {"en/a.json": {Data: []byte(`{"k": "x"}`)}, "en/b.json": {Data: []byte(`{"k": "y"}`)}},
		"an open brace":         {"en/a.json": {Data: []byte(`{"k": "x {n"}`)}},
		"a stray closing one":   {"en/a.json": {Data: []byte(`{"k": "x } y"}`)}},
		"an argument of words":  {"en/a.json": {Data: []byte(`{"k": "{two words}"}`)}},
		"no English":            {"zh/a.json": {Data: []byte(`{"k": "x"}`)}},
		"a folder that is none": {"en/a.json": {Data: []byte(`{}`)}, "no such language/a.json": {Data: []byte(`{}`)}},
		"no JSON":               {"en/a.json": {Data: []byte(`k`)}},
	} {
		if _, err := Load(files); err == nil {
			t.Errorf("Load took %s", fact)
		}
	}
}

func TestTimes(t *testing.T) {
	c := Default()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	en, zh := c.Printer("en").In(berlin), c.Printer("zh").In(berlin)
	at := time.Date(2026, 12, 4, 13, 0, 0, 0, time.UTC)
	now := time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ fact, got, want string }{
		{"date with hour and zone", en.Date(at), "Fri 4 Dec 2026, 14:00 CET"},
		{"the same in Chinese", zh.Date(at), "2026年12月4日（周五） 14:00 CET"},
		{"no time", en.Date(time.Time{}), None},
		{"the day in the reader's zone", en.Day(time.Date(2026, 12, 4, 23, 30, 0, 0, time.UTC)), "Sat 5 Dec 2026"},
		{"calendar days from two days on", en.Relative(at, now), "in 3 days"},
		{"hours before that", en.Relative(now.Add(-3*time.Hour), now), "3 hours ago"},
		{"one minute", en.Relative(now.Add(90*time.Second), now), "in 1 minute"},
		{"now", en.Relative(now.Add(-2*time.Second), now), "now"},
		{"months", en.Relative(now.AddDate(0, 6, 0), now), "in 6 months"},
		{"years", zh.Relative(now.AddDate(-3, 0, 0), now), "3 年前"},
		{"a span", en.Span(26 * time.Hour), "26 hours"},
		{"summer time", en.Date(time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)), "Wed 1 Jul 2026, 12:00 CEST"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.fact, tt.got, tt.want)
		}
	}
}

func TestFaults(t *testing.T) {
	p := Default().Printer("en")
	if got := p.Fault(errors.New("secret cause"), "abc"); strings.Contains(got, "secret") || !strings.Contains(got, "abc") {
		t.Errorf("an internal error says %q", got)
	}
	if a, b := p.Fault(fault.New(fault.NotFound, "desk.other"), ""), p.Fault(fault.Missing(), ""); a != b {
		t.Errorf("two not-founds differ: %q and %q", a, b)
	}
	word := fault.New(fault.Conflict, "casework.fault.transition", "from", fault.Word("casework.state.closed"), "to", "{from}")
	if got := Default().Printer("zh").Fault(word, ""); got != "状态为“已结案”的案件不能变为“{from}”。" {
		t.Errorf("a word of the catalogue among the arguments: %q", got)
	}
	var checks fault.Checks
	checks.Add("title", "fault.field.too_long", "max", 5)
	if got := p.FaultWhole(checks.Err(), ""); !strings.HasSuffix(got, "\ntitle: At most 5 characters.") {
		t.Errorf("with fields: %q", got)
	}
}

func FuzzChoose(f *testing.F) {
	f.Add("zh-TW,zh;q=0.9,en;q=0.8")
	f.Add("a-" + strings.Repeat("b-", 100))
	c := Default()
	f.Fuzz(func(t *testing.T, header string) {
		if l := c.Choose(header); l != "en" && l != "zh" {
			t.Errorf("%q gives %q", header, l)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("{who} of {{where}}")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := parse(text); err == nil && len(m) > len(text) {
			t.Errorf("%q gives %d pieces", text, len(m))
		}
	})
}
