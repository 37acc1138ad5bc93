package casework

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// FactKind is one of the three facts that end secrecy: Vultron's case states P, X
// and A ("Designing Vultron", section 5).
type FactKind int

// The facts.
const (
	IsPublic    FactKind = iota + 1 // P: the problem is known in public
	IsExploited                     // X: an exploit is known in public
	IsAttacked                      // A: attacks were observed
)

var factNames = [...]string{"", "public", "exploited", "attacked"}

// String returns the name that the store, the API and the catalogue keys use.
func (k FactKind) String() string {
	if k < IsPublic || k > IsAttacked {
		return "unknown"
	}
	return factNames[k]
}

// ParseFact reads a name written by FactKind.String; fault.Invalid for any other.
func ParseFact(name string) (FactKind, error) {
	for k := IsPublic; k <= IsAttacked; k++ {
		if factNames[k] == name {
			return k, nil
		}
	}
	return 0, fault.New(fault.Invalid, "casework.fault.fact", "fact", name)
}

// FactKinds lists the facts in their order.
func FactKinds() []FactKind { return []FactKind{IsPublic, IsExploited, IsAttacked} }

// FactMark is one fact with the evidence for it. A team member stands for it by name.
type FactMark struct {
	Set      bool            `json:"set"`
	Evidence string          `json:"evidence,omitempty"` // for a correction: why it is not so
	By       people.PersonID `json:"by,omitempty"`
	At       time.Time       `json:"at,omitzero"`
}

// Facts are the three facts of a case.
type Facts struct {
	Public    FactMark `json:"public"`
	Exploited FactMark `json:"exploited"`
	Attacked  FactMark `json:"attacked"`
}

// Any reports whether one of the facts is set: then no embargo can be proposed and
// the end of a running one is asked for.
func (f Facts) Any() bool { return f.Public.Set || f.Exploited.Set || f.Attacked.Set }

// Of returns the mark of one fact.
func (f Facts) Of(k FactKind) FactMark {
	switch k {
	case IsPublic:
		return f.Public
	case IsExploited:
		return f.Exploited
	case IsAttacked:
		return f.Attacked
	default:
		return FactMark{}
	}
}

func (f *Facts) put(k FactKind, m FactMark) {
	switch k {
	case IsPublic:
		f.Public = m
	case IsExploited:
		f.Exploited = m
	case IsAttacked:
		f.Attacked = m
	}
}

// mark sets or corrects a fact with evidence. It fails with fault.Conflict when
// the fact stands so already.
func (c *Case) mark(k FactKind, m FactMark) error {
	var checks fault.Checks
	checks.Require(k >= IsPublic && k <= IsAttacked, "fact", "casework.fault.fact", "fact", int(k))
	typed.Text(&checks, "evidence", m.Evidence, maxReason)
	if err := checks.Err(); err != nil {
		return err
	}
	if c.Facts.Of(k).Set == m.Set {
		return fault.New(fault.Conflict, "casework.fault.fact_stands")
	}
	c.Facts.put(k, m)
	return nil
}

// Claim is what somebody who is not of the team says about a fact. It alerts the
// lead and sets nothing.
type Claim struct {
	ID       string
	Case     CaseID
	Kind     FactKind
	By       string // people.Scope.Actor(), or "reporter"
	Text     string // sealed
	At       time.Time
	Answered time.Time // zero: the team has not looked
	Answer   string    // sealed
}
