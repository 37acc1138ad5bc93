package deskweb

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/desk"
)

func TestWhatAReportMayRepeat(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	report := func(id, project, title, from string, n int) desk.Report {
		r := desk.Report{ID: desk.ReportID(id), Title: title, ReceivedAt: day(n)}
		r.Project, r.From.Mail = "p", from
		if project != "" {
			r.Project = "other"
		}
		return r
	}
	of := report("me", "", "Overflow in the PNG parser", "ann@a.example", 9)
	got := likely(of, []row{{Report: of}}, []desk.Report{
		report("newest", "", "Something else", "x@x.example", 8), of, report("words", "", "Parser overflow again", "y@y.example", 1),
		report("elsewhere", "other", "Overflow in the PNG parser", "ann@a.example", 7), report("sender", "", "Hm", "Ann@a.example", 2),
	})
	want := []string{"sender", "words", "newest"}
	if len(got) != len(want) {
		t.Fatalf("%d candidates, want %v", len(got), want)
	}
	for i, r := range got {
		// The sender and two words weigh the same; the younger is first.
		if string(r.ID) != want[i] {
			t.Errorf("place %d: %s, want %s", i+1, r.ID, want[i])
		}
	}
}

func TestWhatIsTypedAsRepeated(t *testing.T) {
	const id = "01jd3z6q6b7v0t3n9m4k2r8xwc"
	for fact, c := range map[string]struct{ typed, chosen, want string }{
		"the choice alone":      {"", id, id},
		"a number":              {" " + id + " ", "other", id},
		"the address of a page": {"https://t.example/cases/" + id, "", id},
		"the desk's address":    {"https://t.example/desk?r=" + id, "", id},
		"nonsense stays":        {"x/y", id, "x/y"},
	} {
		if got := repeated(c.typed, c.chosen); got != c.want {
			t.Errorf("%s: %q, want %q", fact, got, c.want)
		}
	}
}
