package mailmsg

// Report is a delivery or disposition report (multipart/report, RFC 6522).
type Report struct {
	// Type is the report-type parameter in lower case: "delivery-status" (RFC
	// 3464), "disposition-notification" (RFC 8098), "feedback-report".
	Type string
	// OriginalMessageID is the id of the mail it is about, without angle
	// brackets; "" when the report does not have it.
	OriginalMessageID string
	ReportingMTA      string
	Recipients        []DeliveryStatus
}

// DeliveryStatus is what a delivery report says of one recipient.
type DeliveryStatus struct {
	Recipient  string // Final-Recipient, else Original-Recipient, without its type
	Action     string // lower case: failed, delayed, delivered, relayed, expanded
	Status     string // "5.1.1" (RFC 3463)
	Diagnostic string
}

// Permanent reports whether the delivery to the recipient failed for good.
func (s DeliveryStatus) Permanent() bool {
	return s.Action == "failed" || s.Action == "" && len(s.Status) > 0 && s.Status[0] == '5'
}
