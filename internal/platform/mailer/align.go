package mailer

import (
	"bytes"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// aligned is relaxed alignment (RFC 7489 section 3.1): both domains belong to the
// same organizational domain, by the public suffix list.
func aligned(a, b string) bool {
	a, b = canonicalDomain(a), canonicalDomain(b)
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	orgA, errA := publicsuffix.EffectiveTLDPlusOne(a)
	orgB, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && orgA == orgB
}

// canonicalDomain is the lower-case ASCII form, "" for what is no domain.
func canonicalDomain(s string) string {
	s = strings.TrimSuffix(s, ".")
	if s == "" || strings.HasPrefix(s, "[") {
		return ""
	}
	d, err := idna.Lookup.ToASCII(s)
	if err != nil {
		// Underscores and the like: legal in the DNS, not in IDNA.
		if !ascii(s) || !plausibleName(s) {
			return ""
		}
		d = s
	}
	return strings.ToLower(d)
}

// fromDomain returns the domain of the one address in the one From field. With
// two fields or two addresses nobody can say which one a reader will be shown, so
// that no signature speaks for it. The field is read by mailmsg, as the desk reads
// it: an address that two parsers find differently could be signed for by one domain
// and shown as another.
func fromDomain(header []byte) string {
	var from string
	n := 0
	for _, f := range fields(header) {
		name, value, _ := strings.Cut(f, ":")
		if !strings.EqualFold(strings.TrimSpace(name), "From") {
			continue
		}
		if n++; n > 1 {
			return ""
		}
		from = value
	}
	list, ok := mailmsg.ParseAddresses(strings.TrimSpace(from))
	if !ok || len(list) != 1 {
		return ""
	}
	_, domain, _ := cutLast(list[0].Addr)
	return canonicalDomain(domain)
}

// fields unfolds a header.
func fields(header []byte) []string {
	var out []string
	for line := range bytes.SplitSeq(header, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && len(out) > 0 {
			out[len(out)-1] += string(line)
			continue
		}
		out = append(out, string(line))
	}
	return out
}
