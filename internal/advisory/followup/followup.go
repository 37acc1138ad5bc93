// Package followup is what comes after a publication, step by step: the tree is fetched back,
// then the development list is told, then the announcement list. Data, order and pauses alone; who
// does the steps is advisory (chain.go), which knows these types by the same names.
package followup

import "time"

// StepKind names a step after the flip.
type StepKind string

// The steps in their order: each begins when the one before is done (requirement row LV-10).
const (
	CheckTree    StepKind = "check_tree"    // fetched back, signatures and hashes checked
	DevMail      StepKind = "dev_mail"      // the development list
	AnnounceMail StepKind = "announce_mail" // the announcement list
)

// StepState is where a step stands.
type StepState string

// The states of a step.
const (
	StepWaiting StepState = "waiting"
	StepSending StepState = "sending" // the letter is in the queue
	StepDone    StepState = "done"
	StepFailed  StepState = "failed" // tried again later, or at once by hand
	StepSkipped StepState = "skipped"
)

// Step is one step after the flip, as the page shows it.
type Step struct {
	Kind    StepKind
	State   StepState
	Tries   int
	Problem string // catalogue key of the last failure
	Args    []string
	Letter  string // id of the letter
	Subject string // of the letter
	At      time.Time
}

// Plan returns the steps of a publication. Imports and lists without an
// address are skipped, visibly.
func Plan(imported bool, dev, announce, subject string) []Step {
	mail := func(k StepKind, to string) Step {
		if imported || to == "" {
			return Step{Kind: k, State: StepSkipped}
		}
		return Step{Kind: k, State: StepWaiting, Subject: subject}
	}
	return []Step{{Kind: CheckTree, State: StepWaiting}, mail(DevMail, dev), mail(AnnounceMail, announce)}
}

// Next returns the index of the first step that is not done or skipped, -1 for none.
func Next(steps []Step) int {
	for i, s := range steps {
		if s.State != StepDone && s.State != StepSkipped {
			return i
		}
	}
	return -1
}

// Pause is how long to wait before the n-th try of a step: a minute at first, an
// hour at most.
func Pause(tries int) time.Duration {
	d := time.Minute << min(tries, 6)
	return min(d, time.Hour)
}

// Named returns the arguments of the problem for the catalogue.
func (s Step) Named() []any {
	out := make([]any, len(s.Args))
	for i, a := range s.Args {
		out[i] = a
	}
	return out
}

// Ledger is the kind of the entry about a done step.
func (k StepKind) Ledger() string {
	switch k {
	case CheckTree:
		return "advisory.ledger.step_check_tree"
	case DevMail:
		return "advisory.ledger.step_dev_mail"
	case AnnounceMail:
		return "advisory.ledger.step_announce_mail"
	}
	return "advisory.ledger.step_check_tree"
}
