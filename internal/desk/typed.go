package desk

import "strings"

// Typed reports whether the address that answers to a report go to was only typed by
// whoever holds the report's link. He sees on its page whether an answer's words are in an
// encrypted mail alone, so no key may decide that but the one that he gave: else he learns
// whether somebody else's address has an account or a key here.
//
// A form always shows its link to whoever filled it in. The link of a mail went to its
// envelope sender: another address is proven by its domain's aligned signature (for From)
// or a registered key's over the whole mail.
func Typed(r Report, first Message, to string) bool {
	if r.Via == ByWeb || r.Via == ByAPI {
		return true
	}
	if first.Sender == "" || strings.EqualFold(first.Sender, to) {
		return false // the link went nowhere else
	}
	if strings.EqualFold(first.From.Mail, to) && first.Auth.Aligned() {
		return false
	}
	sig, ok := first.Authenticates()
	return !ok || !strings.EqualFold(sig.Address, to)
}
