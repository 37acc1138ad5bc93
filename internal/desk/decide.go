package desk

import (
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// maxReason bounds a reason and a letter's own text, in bytes: more belongs
// into the case.
const maxReason = 16 << 10

// Decision is what a moderator does with a held report.
type Decision int

// The decisions. Release is not among them: it opens a case, so that it is the
// operation of casework, which calls Service.Release.
const (
	Reject Decision = iota + 1
	SayNotOurs
	MarkDuplicate
	MarkSpam
	Ask    // ask the reporter, once, for what is missing
	Reopen // take a decision back
)

var decisionNames = [...]string{"", "reject", "not_ours", "duplicate", "spam", "ask", "reopen"}

// String returns the name that forms, the API and catalogue keys use.
func (d Decision) String() string {
	if d < Reject || d > Reopen {
		return "invalid"
	}
	return decisionNames[d]
}

// ParseDecision reads a name written by Decision.String. It fails with
// fault.Invalid for any other text.
func ParseDecision(name string) (Decision, error) {
	for d := Reject; d <= Reopen; d++ {
		if decisionNames[d] == name {
			return d, nil
		}
	}
	return 0, fault.New(fault.Invalid, "desk.fault.decision", name)
}

// Tells reports whether the reporter gets a letter about the decision. Spam is
// never answered: an answer confirms the address.
func (d Decision) Tells() bool {
	switch d {
	case Reject, SayNotOurs, MarkDuplicate, Ask:
		return true
	default: // MarkSpam, Reopen
		return false
	}
}

// decide moves the report by the rules: a held report can be decided and asked
// about once; a decided one can only be reopened. It fails with fault.Conflict
// where the state forbids it and fault.Invalid without a reason.
func (r *Report) decide(d Decision, why string, now time.Time) error {
	if err := checkReason(why); err != nil {
		return err
	}
	if d == Reopen {
		return r.reopen(why)
	}
	if r.State != Held {
		return fault.New(fault.Conflict, "desk.fault.not_held", r.State.String())
	}
	switch d {
	case Ask:
		if !r.AskedAt.IsZero() {
			return fault.New(fault.Conflict, "desk.fault.asked_before")
		}
		r.AskedAt = now
		r.acknowledge(now)
		return nil
	case Reject:
		r.State = Rejected
	case SayNotOurs:
		r.State = NotOurs
	case MarkDuplicate:
		r.State = Duplicate
	case MarkSpam:
		r.State = Spam
	default:
		return fault.New(fault.Invalid, "desk.fault.decision", d.String())
	}
	r.decided(why, now)
	r.AssessedAt = now
	return nil
}

// release makes the held report the beginning of a case. The assessment stays
// due: the case decides it.
func (r *Report) release(why string, now time.Time) error {
	if err := checkReason(why); err != nil {
		return err
	}
	if r.State != Held {
		return fault.New(fault.Conflict, "desk.fault.not_held", r.State.String())
	}
	r.State = Released
	r.decided(why, now)
	return nil
}

// reopen holds a decided report again. A released one is a case, which has its
// own way back.
func (r *Report) reopen(why string) error {
	if r.State == Held || r.State == Released {
		return fault.New(fault.Conflict, "desk.fault.not_reopenable", r.State.String())
	}
	r.State, r.Reason, r.Case = Held, strings.TrimSpace(why), ""
	r.DecidedAt, r.AssessedAt = time.Time{}, time.Time{}
	r.News = true
	return nil
}

func (r *Report) decided(why string, now time.Time) {
	r.Reason, r.DecidedAt = strings.TrimSpace(why), now
	r.acknowledge(now)
}

func (r *Report) acknowledge(now time.Time) {
	r.News = false
	if r.AckedAt.IsZero() {
		r.AckedAt = now
	}
}

// heard notes that something came in for the report.
func (r *Report) heard() { r.News = true; r.Messages++ }

func checkReason(why string) error {
	var c fault.Checks
	c.Require(strings.TrimSpace(why) != "", "reason", "desk.field.reason_missing")
	c.Require(len(why) <= maxReason, "reason", "desk.field.too_long", maxReason)
	return c.Err()
}
