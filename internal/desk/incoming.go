package desk

import (
	"io"
	"net/netip"
)

// Incoming is one mail as the SMTP server hands it over.
type Incoming struct {
	From   string   // envelope sender; empty for a bounce
	To     []string // envelope recipients, at least one
	Remote netip.Addr
	HELO   string
	TLS    bool
	Body   io.Reader // the mail, CRLF, already free of bare LF, CR and NUL
}
