package around

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// May returns the scope's person, who must work on the object (fault.NotFound) and may write
// (fault.Denied).
func May(ctx context.Context, v unit.View, sc people.Scope, roles Roles, object string) (people.PersonID, error) {
	me, ok := sc.Person()
	if !ok {
		return "", fault.Missing()
	}
	r, err := roles.RoleOn(ctx, v, sc, object)
	if err != nil {
		return "", err
	}
	switch r {
	case people.Lead, people.Member, people.Chair, people.Deputy, people.TeamMember:
	default:
		return "", fault.Missing()
	}
	if !sc.MayWrite() {
		return "", fault.New(fault.Denied, "people.read_only")
	}
	return me, nil
}

// Solo reports whether a person is alone on all of these objects: nobody else of the team or
// on the case could be a second one.
func Solo(ctx context.Context, v unit.View, sc people.Scope, roles Roles, me people.PersonID, objects ...string) (bool, error) {
	mine := false
	for _, object := range objects {
		grants, err := roles.Holders(ctx, v, sc, object)
		if err != nil {
			return false, err
		}
		for _, g := range grants {
			switch g.Role {
			case people.Chair, people.Deputy, people.TeamMember:
				mine = mine || g.Holder == me
			case people.Lead, people.Member:
			default:
				continue
			}
			if g.Holder != me {
				return false, nil
			}
		}
	}
	// Somebody from outside who works on a case does not see the team: for him
	// it is never a team of one.
	return mine, nil
}

// Deciders are the lead of the case and the chair and deputies of the project, of these
// objects.
func Deciders(ctx context.Context, v unit.View, sc people.Scope, roles Roles, objects ...string) ([]people.Recipient, error) {
	seen := map[people.PersonID]bool{}
	var out []people.Recipient
	for _, object := range objects {
		grants, err := roles.Holders(ctx, v, sc, object)
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			decides := g.Role == people.Lead || g.Role == people.Chair || g.Role == people.Deputy
			if decides && !seen[g.Holder] {
				seen[g.Holder] = true
				out = append(out, people.Recipient{Person: g.Holder})
			}
		}
	}
	return out, nil
}

// MaxReason bounds reasons, in bytes.
const MaxReason = 4000

// NeedReason refuses an empty or overlong reason beside its field.
func NeedReason(path, reason string) error {
	var c fault.Checks
	c.Require(strings.TrimSpace(reason) != "" && utf8.ValidString(reason), path, "advisory.problem.empty")
	c.Require(len(reason) <= MaxReason, path, "advisory.problem.long", "n", MaxReason)
	return c.Err()
}
