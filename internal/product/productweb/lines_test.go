package productweb

import (
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// FuzzLines holds that what the two texts are read as is written back as the same.
func FuzzLines(f *testing.F) {
	f.Add("main maintained\n9.x maintained until 2027-05-31\n8.x ended", "9.4.1 9.x 2026-01-02\n9.4.0")
	f.Add("a b c d e\n\x00", "1 2 3 4\n\xff")
	f.Fuzz(func(t *testing.T, b, r string) {
		var c, again fault.Checks
		bs, rs := branches(&c, b), releases(&c, r)
		if c.Err() != nil {
			return
		}
		bs2, rs2 := branches(&again, branchText(bs)), releases(&again, releaseText(rs))
		if again.Err() != nil || branchText(bs2) != branchText(bs) || releaseText(rs2) != releaseText(rs) {
			t.Fatalf("%q, %q became %q, %q: %v", b, r, branchText(bs2), releaseText(rs2), again.Err())
		}
	})
}
