package casework

import "github.com/tocsin-sec/tocsin/internal/casework/affected"

// What is affected is package affected's; these are the names by which a case knows it.
type (
	Affected = affected.Row
	Status   = affected.Status
)

// The statuses of a row.
const (
	Unknown     = affected.Unknown
	IsAffected  = affected.IsAffected
	Fixed       = affected.Fixed
	NotAffected = affected.NotAffected
	Waived      = affected.Waived
)
