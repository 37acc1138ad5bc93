package reading

import (
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
)

func TestWhoHoldsAKey(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	key := func(person people.PersonID, address string, added int) people.Key {
		return people.Key{Person: person, Address: address, Project: "lanterna", Added: day(added), KeyInfo: people.KeyInfo{Fingerprint: "AA"}}
	}
	for name, c := range map[string]struct {
		known []people.Key
		want  string
	}{
		"not an address that another project knows": {[]people.Key{{Address: "ann@x.example", Project: "other", KeyInfo: people.KeyInfo{Fingerprint: "AA"}}}, ""},
		"nobody":                                  {nil, ""},
		"the only one who registered it":          {[]people.Key{key("ann", "", 1)}, "ann"},
		"an account before a bare address":        {[]people.Key{key("", "ann@x.example", 1), key("ann", "", 2)}, "ann"},
		"an account, wherever it stands":          {[]people.Key{key("ann", "", 2), key("", "ann@x.example", 1)}, "ann"},
		"the first, not who took it up later":     {[]people.Key{key("eve", "", 9), key("ann", "", 2)}, "ann"},
		"the first, in the other order":           {[]people.Key{key("ann", "", 2), key("eve", "", 9)}, "ann"},
		"not the holder of another key":           {[]people.Key{{Person: "eve", KeyInfo: people.KeyInfo{Fingerprint: "BB"}}}, ""},
		"a bare address when there is no account": {[]people.Key{key("", "ann@x.example", 1)}, "ann@x.example"},
	} {
		t.Run(name, func(t *testing.T) {
			k, ok := holder(c.known, "lanterna", "AA")
			if got := string(k.Person) + k.Address; got != c.want || ok != (c.want != "") {
				t.Errorf("got %q, %v", got, ok)
			}
			if k, ok := holder(c.known, "lanterna", ""); ok {
				t.Errorf("a signature by no known key is by %+v", k)
			}
		})
	}
}
