package revision

import (
	"slices"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

func TestVersionsAreOrderedAsSemVerSays(t *testing.T) {
	ascending := []string{"0", "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1", "1.2.0", "2", "10.0.0", "99999999999999999999999"}
	for i, a := range ascending {
		for j, b := range ascending {
			want := 0
			if i != j {
				want = map[bool]int{true: -1, false: 1}[i < j]
			}
			if got := Parse(a).Compare(Parse(b)); got != want {
				t.Errorf("%s and %s: %d, want %d", a, b, got, want)
			}
		}
	}
	if Parse("1.0.0+a").Compare(Parse("1.0.0+b")) != 0 || Parse("1").Compare(Parse("1.0.0")) != 0 || Parse("1").Semantic || !Parse("1.0.0").Semantic {
		t.Error("build metadata or integers count wrongly")
	}
}

func TestHistoryIsOrderedByInstant(t *testing.T) {
	list := []csaf.Revision{{Date: "2024-01-21T11:00:00Z", Number: "3"}, {Date: "2024-01-21T11:00:00+06:00", Number: "1"}, {Date: "2024-01-21T11:00:00.0Z", Number: "2"}}
	if got := Order(list); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("the order is %v", got)
	}
	if Order(list[:1]) != nil || Order(nil) != nil || At(nil, 4) != 4 {
		t.Error("what is in order has an order of its own")
	}
}
