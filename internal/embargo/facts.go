package embargo

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/casework"
)

// Changed says that a case's embargo has a new date.
type Changed struct {
	Case  casework.CaseID
	Kind  string // Kind.String
	Until time.Time
}

// FactName implements unit.Fact.
func (Changed) FactName() string { return "embargo.changed" }

// Ended says that the ban is lifted: the date was reached, or somebody ended
// it early. It happens exactly once for each embargo. Nothing is published by it.
type Ended struct {
	Case  casework.CaseID
	Until time.Time // the date that was set
	At    time.Time
	Early bool
}

// FactName implements unit.Fact.
func (Ended) FactName() string { return "embargo.ended" }
