package reading

import (
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// FuzzThreadIDs: whatever a mail says of its thread, the look-up is bounded and asks
// for clean ids only, each once.
func FuzzThreadIDs(f *testing.F) {
	f.Add("From: a@b\nIn-Reply-To: <x@y>\nReferences: <a@b> <c@d>\n\nx")
	f.Add("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <z@z>\n--b--")
	f.Add("References: " + strings.Repeat("<a@b>", 1000) + "\n\n")
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := mailmsg.Read(strings.NewReader(raw), mailmsg.Limits{Size: 1 << 20}, nil)
		if err != nil {
			t.Skip()
		}
		ids := threadIDs(desk.Message{InReplyTo: m.InReplyTo, References: m.References}, m)
		if len(ids) > maxReferences {
			t.Errorf("%d ids", len(ids))
		}
		seen := map[string]bool{}
		for _, id := range ids {
			if seen[id] || desk.CleanMailID(id) != id {
				t.Errorf("id %q", id)
			}
			seen[id] = true
		}
	})
}

func TestTheNearestAnswerCountsFirst(t *testing.T) {
	m := desk.Message{InReplyTo: []string{"b@x"}, References: []string{"a@x", "b@x", "c@x"}}
	if got := strings.Join(threadIDs(m, nil), " "); got != "b@x c@x a@x" {
		t.Errorf("%s", got)
	}
}
