package advisorydb

import "github.com/tocsin-sec/tocsin/internal/people"

// The look-ups whose plans are tested.
var (
	PredecessorsQuery = predecessorsQuery
	NumberedQuery     = numberedQuery
	SweepQuery        = func(people.Scope) (string, []any) { return sweepQuery, nil }
)
