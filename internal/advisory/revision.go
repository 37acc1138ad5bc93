package advisory

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/decision"
)

// What was decided about the revisions of an advisory; package decision has the data.
type (
	Revision     = decision.Revision
	Approval     = decision.Approval
	Arming       = decision.Arming
	Confirmation = decision.Confirmation
	Hold         = decision.Hold
	Stage        = decision.Stage
	Publication  = decision.Publication
	Abandonment  = decision.Abandonment
	Failure      = decision.Failure
)

// ConfirmWithin is how long before the publication the last confirmation may lie.
const ConfirmWithin = 48 * time.Hour

// clockSlack is how far the clocks of two servers may differ before a date that lies
// ahead is taken for one that a wrong clock wrote.
const clockSlack = time.Minute
