package advisorydb

// The look-ups whose plans are tested.
var (
	PredecessorsQuery = predecessorsQuery
	NumberedQuery     = numberedQuery
)
