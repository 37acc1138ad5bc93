package span

import (
	"testing"
	"time"
)

func TestAStampKeepsTimeAndZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{time.Date(2026, 12, 4, 14, 0, 0, 0, berlin), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)} {
		got, ok := ParseStamp(Stamp(at))
		if !ok || !got.Equal(at) || got.Format("MST") != at.Format("MST") {
			t.Errorf("%s came back as %s, %v", at, got, ok)
		}
	}
	for _, s := range []string{"", "x", "2026-12-04T14:00:00Z", "2026-12-04T14:00:00Z[]", "2026-12-04T14:00:00Z[No/Where]", "[UTC]"} {
		if got, ok := ParseStamp(s); ok {
			t.Errorf("%q is read as %s", s, got)
		}
	}
}
