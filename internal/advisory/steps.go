package advisory

import "github.com/tocsin-sec/tocsin/internal/advisory/followup"

// The steps after the flip; package followup has the data.
type (
	Step      = followup.Step
	StepKind  = followup.StepKind
	StepState = followup.StepState
)

// The steps in their order, and where one stands.
const (
	CheckTree    = followup.CheckTree
	DevMail      = followup.DevMail
	AnnounceMail = followup.AnnounceMail

	StepWaiting = followup.StepWaiting
	StepSending = followup.StepSending
	StepDone    = followup.StepDone
	StepFailed  = followup.StepFailed
	StepSkipped = followup.StepSkipped
)
