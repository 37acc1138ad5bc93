package advisory

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// The draft that the end of an embargo makes from the case has no author, so that everybody,
// whoever wrote the case's words, was a second person for it.
func TestADraftThatNobodyWroteIsApprovedByNobody(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		author, by people.PersonID
		solo       bool
		waiver     string
		kind       fault.Kind
	}{
		"nobody's draft":                        {"", "ann", false, "", fault.Conflict},
		"nobody's draft in a team of one":       {"", "ann", true, "alone", fault.Conflict},
		"another's":                             {"bob", "ann", false, "", fault.Internal},
		"one's own":                             {"ann", "ann", false, "alone", fault.Denied},
		"one's own in a team of one":            {"ann", "ann", true, "alone", fault.Internal},
		"one's own in a team of one, no reason": {"ann", "ann", true, "", fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			var a Advisory
			if _, err := a.edit(Content{Withdrawn: "complete without a record"}, c.author, now); err != nil {
				t.Fatal(err)
			}
			err := a.approve(a.Working.Hash, c.by, c.waiver, c.solo, now)
			if ok := c.kind == fault.Internal; ok != (err == nil) || !ok && !fault.Is(err, c.kind) {
				t.Errorf("got %v", err)
			}
			if (a.Approval != nil) != (err == nil) || a.approved() != (err == nil) {
				t.Errorf("the approval is %+v", a.Approval)
			}
		})
	}
}
