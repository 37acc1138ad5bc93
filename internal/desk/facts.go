package desk

import "github.com/tocsin-sec/tocsin/internal/people"

// Received says that a new report is held for the project's moderators.
type Received struct {
	Report  ReportID
	Project people.ProjectID
}

// FactName implements unit.Fact.
func (Received) FactName() string { return "desk.received" }

// WasReleased says that a moderator released the report; the case that it begins is
// opened in the same transaction by casework.
type WasReleased struct {
	Report  ReportID
	Project people.ProjectID
}

// FactName implements unit.Fact.
func (WasReleased) FactName() string { return "desk.released" }

// MailForCase says that a mail came in that belongs to an object which is not a
// held report. Casework follows it Within, so that no such mail is ever nowhere.
// Service.Message gives the text to a scope that sees the object.
type MailForCase struct {
	Intake  IntakeID
	Message MessageID
	Object  string // the case
	From    string // address as written, unverified
	// SignedBy is the fingerprint of the registered key whose good signature covers
	// the whole body; empty: the mail is not authenticated. Person holds that key, or
	// it is registered for the bare address KeyAddress.
	SignedBy   string
	Person     people.PersonID
	KeyAddress string
	KeyProject people.ProjectID // that registered it for KeyAddress: it speaks there alone
	// ByLink says that it did not come by mail but over the reporter's secret link.
	ByLink bool
	// DKIMAligned says that the From address's own domain signed it.
	DKIMAligned bool
	// Replayed says that the signed or encrypted payload was seen before; such a
	// mail is never authenticated.
	Replayed bool
}

// FactName implements unit.Fact.
func (MailForCase) FactName() string { return "desk.mail_for_case" }

// Authenticated reports whether the mail may enter the case by itself.
func (f MailForCase) Authenticated() bool { return f.SignedBy != "" && !f.Replayed }

// Bounced says that a mail which we sent about an object came back, wholly or for
// one recipient. Message has the delivery report.
type Bounced struct {
	Intake  IntakeID
	Message MessageID
	Object  string
	Letter  string // id of the letter that came back, where it is known
	Failed  bool   // permanently (RFC 3464: action failed); otherwise delayed
}

// FactName implements unit.Fact.
func (Bounced) FactName() string { return "desk.bounced" }
