package mailer

import (
	"strconv"
	"strings"
	"unicode"
)

// path is the argument of MAIL or RCPT.
type path struct {
	address string // "" for <>
	params  map[string]string
}

// parsePath reads `FROM:<address> NAME=value ...` (RFC 5321 4.1.2). A source
// route before the address is dropped (appendix C). A missing pair of angle
// brackets is refused: what reads differently elsewhere is not worth reading.
func parsePath(arg, prefix string) (path, *reply) {
	syntax := refuse(501, "5.5.2", "Write "+prefix+"<user@domain>")
	if len(arg) < len(prefix) || !strings.EqualFold(arg[:len(prefix)], prefix) {
		return path{}, syntax
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(arg[len(prefix):], " "), "<")
	if !ok {
		return path{}, syntax
	}
	end := closing(rest)
	if end < 0 {
		return path{}, syntax
	}
	mailbox, rest := rest[:end], rest[end+1:]
	if rest != "" && rest[0] != ' ' {
		return path{}, syntax
	}
	if strings.HasPrefix(mailbox, "@") {
		_, mailbox, _ = strings.Cut(mailbox, ":")
	}
	address, ok := cleanMailbox(mailbox)
	if !ok {
		return path{}, refuse(553, "5.1.3", "Not an address")
	}
	p := path{address: address, params: map[string]string{}}
	for _, f := range strings.Fields(rest) {
		name, value, _ := strings.Cut(f, "=")
		name = strings.ToUpper(name)
		if _, twice := p.params[name]; twice {
			return path{}, refuse(501, "5.5.4", "A parameter stands twice")
		}
		p.params[name] = value
	}
	return p, nil
}

// closing finds the > that ends the path, which may stand in quotes before it.
func closing(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i
		}
	}
	return -1
}

// maxAddress is RFC 5321 4.5.3.1.3 (256 with brackets), doubled for UTF-8.
const maxAddress = 512

// cleanMailbox checks a mailbox and takes needless quotes off. "" and
// "postmaster" stand for themselves.
func cleanMailbox(s string) (string, bool) {
	if s == "" || strings.EqualFold(s, "postmaster") {
		return s, true
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > maxAddress {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	if !plausibleName(domain) {
		return "", false
	}
	if local[0] != '"' {
		return s, dotString(local)
	}
	if len(local) < 2 || local[len(local)-1] != '"' {
		return "", false
	}
	var plain strings.Builder
	for in, i := local[1:len(local)-1], 0; i < len(in); i++ {
		if in[i] == '"' {
			return "", false
		}
		if in[i] == '\\' {
			if i++; i == len(in) {
				return "", false
			}
		}
		if in[i] < ' ' || in[i] == 0x7f {
			return "", false
		}
		plain.WriteByte(in[i])
	}
	if dotString(plain.String()) {
		return plain.String() + "@" + domain, true
	}
	return s, true
}

// dotString is Dot-string of RFC 5321 4.1.2 with the letters of RFC 6531.
func dotString(s string) bool {
	for _, atom := range strings.Split(s, ".") {
		if atom == "" {
			return false
		}
		for _, r := range atom {
			if r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r) || unicode.IsControl(r) || unicode.IsSpace(r) {
				return false
			}
		}
	}
	return true
}

// plausibleName accepts domains, internationalised ones and address literals; it
// keeps out what could be mistaken for syntax anywhere, and no more.
func plausibleName(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	if strings.HasPrefix(s, "[") != strings.HasSuffix(s, "]") {
		return false
	}
	for _, r := range strings.TrimSuffix(strings.TrimPrefix(s, "["), "]") {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[];@\,"`, r) || unicode.IsControl(r) || unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

func parseSize(s string) (int64, error) {
	n, err := strconv.ParseUint(s, 10, 62)
	return int64(n), err
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] > 0x7f {
			return false
		}
	}
	return true
}
