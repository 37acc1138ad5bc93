package svg

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// wellFormed fails for a picture that is no XML, has an inline style or no name.
func wellFormed(t *testing.T, s string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, s)
		}
	}
	for _, bad := range []string{"style=", "NaN", "Inf", "<script"} {
		if strings.Contains(s, bad) {
			t.Errorf("the picture holds %q:\n%s", bad, s)
		}
	}
	for _, want := range []string{`role="img"`, "<title", "<desc"} {
		if !strings.Contains(s, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

func TestClock(t *testing.T) {
	p := i18n.Default().Printer("en")
	aim, limit := start.AddDate(0, 0, 14), start.AddDate(0, 1, 0)
	tests := []struct {
		fact       string
		clock      Clock
		want, lack []string
	}{
		{"a running embargo shows what is left", Clock{Start: start, Now: start.AddDate(0, 0, 2), Until: aim, Aim: aim, Limit: limit},
			[]string{"12 days", "left", `class="hand"`, `class="left"`, "Ends Sun 6 Dec 2026, 10:00 UTC, in 12 days", "The aim is reached", "Without an exception it lasts"}, []string{`class="over"`, "past this limit"}},
		{"the dial has the number of the text: calendar days", Clock{Start: start, Now: start.AddDate(0, 0, 2).Add(9 * time.Hour), Until: aim, Aim: aim, Limit: limit},
			[]string{">12 days<", "in 12 days"}, []string{"11 days"}},
		{"an end past the limit is drawn as such and said", Clock{Start: start, Now: start.AddDate(0, 0, 2), Until: start.AddDate(0, 0, 40), Aim: aim, Limit: limit},
			[]string{`class="over"`, "The end lies past this limit."}, nil},
		{"an embargo whose time has come is over", Clock{Start: start, Now: aim, Until: aim, Aim: aim, Limit: limit},
			[]string{"ended", "Ended Sun 6 Dec"}, []string{`class="hand"`}},
		{"an embargo that was ended early is over", Clock{Start: start, Now: start, Until: aim, Ended: true}, []string{"ended"}, []string{`class="hand"`}},
		{"no time at all still draws", Clock{}, []string{"ended"}, nil},
		{"now before the start still draws", Clock{Start: start, Now: start.AddDate(-1, 0, 0), Until: aim}, []string{`class="hand"`}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.fact, func(t *testing.T) {
			got := string(tt.clock.SVG(p))
			wellFormed(t, got)
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("lacks %q:\n%s", w, got)
				}
			}
			for _, w := range tt.lack {
				if strings.Contains(got, w) {
					t.Errorf("holds %q:\n%s", w, got)
				}
			}
		})
	}
}

func TestTimelineSparkMatrix(t *testing.T) {
	p := i18n.Default().Printer("zh")
	line := Timeline{Now: start, Marks: []Mark{{At: start, Label: "<b>&"}, {At: start.AddDate(0, 0, -3), Label: "first", Alarm: true}}}.SVG(p)
	wellFormed(t, string(line))
	wellFormed(t, string(Timeline{Marks: []Mark{{At: start, Label: "alone"}}}.SVG(p)))
	wellFormed(t, string(Spark{ID: "a b\"", Label: "x", Values: []float64{1, math.NaN(), 3, math.Inf(1)}}.SVG(p)))
	wellFormed(t, string(Spark{ID: "s", Label: "x", Values: []float64{2}}.SVG(p)))
	m := Matrix{Columns: []string{"CVE-1"}, Rows: []string{"2.4", "2.5"}, Cells: [][]Cell{{CellYes}}, Words: map[Cell]string{CellYes: "fixed", CellNone: "none"}}.SVG(p)
	wellFormed(t, string(m))
	if !strings.Contains(string(m), "2.4，CVE-1：fixed。") {
		t.Errorf("the text of the matrix: %s", m)
	}
	if (Timeline{}).SVG(p) != "" || (Spark{}).SVG(p) != "" || (Matrix{}).SVG(p) != "" {
		t.Error("a picture of nothing is not empty")
	}
}
