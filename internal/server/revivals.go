package server

import (
	"context"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/advisorydb"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/cve"
	"github.com/tocsin-sec/tocsin/internal/cve/cvedb"
	"github.com/tocsin-sec/tocsin/internal/embargo"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargodb"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/people/peopledb"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/jobs"
)

// Revival is one kind of thing that a restored site would do again or bring back. Key
// is a catalogue key that takes Args.
type Revival struct {
	Gate  string // the gate that holds it back; "" for what goes on at once
	Key   string
	Args  []any
	Count int
}

// Revivals lists what a restored store would do again or bring back: it counts
// rows and opens nothing, so that it needs no site key.
func Revivals(ctx context.Context, v unit.View) ([]Revival, error) {
	n, err := (&peopledb.Store{}).Standing(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	past, err := (&embargodb.Store{}).CountPast(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	staged, err := (&advisorydb.Store{}).CountStaged(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	armed, err := (&advisorydb.Store{}).CountArmed(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	numbers, err := (&advisorydb.Store{}).LastNumbers(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	free, err := (&cvedb.Store{}).CountFree(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	running, err := (&embargodb.Store{}).CountRunning(ctx, v, Operator())
	if err != nil {
		return nil, err
	}
	due, err := jobs.DueKinds(ctx, v, v.Now())
	if err != nil {
		return nil, err
	}
	all := []Revival{
		{Gate: gate.Logins, Key: "restore.sessions", Count: n.Sessions},
		{Gate: gate.Logins, Key: "restore.tokens", Count: n.Tokens},
		{Gate: gate.Logins, Key: "restore.links", Count: n.Links},
		{Gate: gate.Sending, Key: "restore.letters", Count: n.Letters},
		{Gate: gate.Sending, Key: "restore.letters_tried", Count: n.Tried},
		{Gate: gate.Publishing, Key: "restore.staged", Count: staged},
		{Gate: gate.Publishing, Key: "restore.armed", Count: armed},
		{Gate: gate.Publishing, Key: "restore.embargoes", Count: past},
		{Gate: gate.Publishing, Key: "restore.running", Count: running - past},
		{Gate: gate.Publishing, Key: "restore.cve", Count: free},
	}
	for _, n := range numbers {
		all = append(all, Revival{Gate: gate.Publishing, Key: "restore.numbers", Args: []any{"number", n}, Count: 1})
	}
	for _, k := range due {
		all = append(all, Revival{Gate: gateOf(k.Kind), Key: "restore.jobs", Args: []any{"kind", k.Kind, "since", stamp(k.Oldest)}, Count: k.Count})
	}
	var out []Revival
	for _, r := range all {
		if r.Count > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// gateOf says which gate holds a kind of job, as the table of jobs has it (Services.tasks,
// which needs an open store; a test compares the two).
func gateOf(kind string) string {
	switch {
	case kind == people.KindSend:
		return gate.Sending
	case kind == embargo.KindEnd, kind == cve.KindRefill, kind == cve.KindWrite:
		return gate.Publishing
	case kind == advisory.KindAlert: // tells the team, by letters that are held themselves
		return ""
	case strings.HasPrefix(kind, "advisory."):
		return gate.Publishing
	}
	return ""
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
