package affected

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
)

var day0 = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestAffected(t *testing.T) {
	me := people.PersonID("me")
	for name, c := range map[string]struct {
		row  Row
		path string
	}{
		"fixed wants the version":         {Row{Name: "L", Status: Fixed}, "affected.0.fix"},
		"affected wants the versions":     {Row{Name: "L", Status: IsAffected}, "affected.0.versions"},
		"waived wants a reason":           {Row{Name: "L", Status: Waived}, "affected.0.reason"},
		"a purl is checked":               {Row{Name: "L", Purl: "pkg:nonsense"}, "affected.0.purl"},
		"a product has a name":            {Row{Branch: "main"}, "affected.0.name"},
		"an unknown status is refused":    {Row{Name: "L", Status: 77}, "affected.0.status"},
		"a control character is refused":  {Row{Name: "L\x07"}, "affected.0.name"},
		"a complete row is fine":          {Row{Name: "L", Branch: "9.x", Status: Fixed, Fix: "9.4.2", Purl: "pkg:generic/lanterna"}, ""},
		"a waiver with a reason is fine":  {Row{Name: "L", Status: Waived, Reason: "end of life in a week"}, ""},
		"not affected needs nothing more": {Row{Name: "L", Status: NotAffected}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var checks fault.Checks
			out := Check(&checks, []Row{c.row}, nil, me, day0)
			var e *fault.Error
			switch {
			case errors.As(checks.Err(), &e) && e.Fields[0].Path != c.path:
				t.Errorf("got %+v", e.Fields)
			case e == nil && c.path != "":
				t.Error("no problem found")
			case e == nil && out[0].Status == Waived && out[0].WaivedBy != me:
				t.Error("nobody stands for the waiver")
			}
		})
	}
	old := []Row{{Name: "L", Status: Waived, Reason: "old", WaivedBy: "her", WaivedAt: day0}}
	var checks fault.Checks
	kept := Check(&checks, []Row{{Name: "L", Status: Waived, Reason: "old"}}, old, me, day0.Add(1))
	anew := Check(&checks, []Row{{Name: "L", Status: Waived, Reason: "new"}}, old, me, day0.Add(1))
	if kept[0].WaivedBy != "her" || anew[0].WaivedBy != me {
		t.Errorf("waivers by %s and %s", kept[0].WaivedBy, anew[0].WaivedBy)
	}
	twice := Check(&checks, []Row{{Name: "L"}, {Name: "L"}}, nil, me, day0)
	if checks.Err() == nil || len(twice) != 2 {
		t.Error("the same branch twice was taken")
	}
}

func FuzzAffected(f *testing.F) {
	f.Add("L", "9.x", "pkg:generic/lanterna", "< 9.4", "9.4.2", 2)
	f.Add("\xff", "\x00", "pkg:", "", "", -1)
	f.Fuzz(func(t *testing.T, name, branch, purl, versions, fix string, status int) {
		var checks fault.Checks
		out := Check(&checks, []Row{{Name: name, Branch: branch, Purl: purl, Versions: versions, Fix: fix, Status: Status(status)}}, nil, "me", day0)
		if checks.Err() == nil && (out[0].Status < Unknown || out[0].Status > Waived || strings.ContainsAny(out[0].Name+out[0].Branch, "\x00\n")) {
			t.Fatalf("%+v passed", out[0])
		}
	})
}
