package casework

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
)

// Opened says that a case exists. Embargo follows it Within: a case that is not
// public gets its date in the same transaction or does not come to be (requirement
// row LV-6).
type Opened struct {
	Case    CaseID
	Project people.ProjectID
	By      string          // actor in the ledger
	Person  people.PersonID // who opened it, for a decision by name; "" for a job
	Public  bool            // set with evidence when it was opened: no embargo
	Until   time.Time       // wished end of the embargo; zero: the project's aim
	Reason  string          // why this long, when it is longer than the aim
}

// FactName implements unit.Fact.
func (Opened) FactName() string { return "casework.opened" }

// FactSet says that a team member set or corrected one of the facts.
type FactSet struct {
	Case CaseID
	Kind string // FactKind.String
	Set  bool
	Any  bool // one of the facts is set now
	By   string
}

// FactName implements unit.Fact.
func (FactSet) FactName() string { return "casework.fact_set" }

// Moved says that a case changed its state.
type Moved struct {
	Case     CaseID
	From, To string
}

// FactName implements unit.Fact.
func (Moved) FactName() string { return "casework.moved" }
