package people

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Visit is what the face knows of the request beside its Scope: by which
// session or token it came and how fresh the proof of who it is.
type Visit struct {
	Session string // id of the session, "" for a token
	Token   string // id of the API token, "" for a session
	Person  Person
	Proved  time.Time // when password or code were last given
	Areas   []string  // of a token; empty means all
	Owed    []Terms   // embargo terms to accept before anything under embargo is shown
}

type visitKey struct{}

// WithVisit puts the visit into a context; only the middleware does this.
func WithVisit(ctx context.Context, v Visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// VisitOf returns the visit, the zero Visit for the public.
func VisitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// proofLife is how long a proof of identity opens dangerous steps.
const proofLife = 15 * time.Minute

// Fresh reports whether the person proved who he is within the last 15 minutes. A
// token is never fresh: what asks for a fresh proof is done by a person. Neither is a
// proof from the future, given under a clock that has been put back since; a minute may
// lie between two servers.
func (v Visit) Fresh(now time.Time) bool {
	age := now.Sub(v.Proved)
	return v.Session != "" && age < proofLife && age >= -time.Minute
}

// MustBeFresh fails with Unauthenticated (people.prove.needed) unless the visit is
// fresh; the pages then lead to the form that asks for the password again.
func MustBeFresh(ctx context.Context, now time.Time) error {
	if VisitOf(ctx).Fresh(now) {
		return nil
	}
	return fault.New(fault.Unauthenticated, "people.prove.needed")
}

// Covers reports whether the visit may use an area of the API, such as "cases".
func (v Visit) Covers(area string) bool {
	return len(v.Areas) == 0 || slices.Contains(v.Areas, area)
}
