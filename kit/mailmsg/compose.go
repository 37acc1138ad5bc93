package mailmsg

import (
	"mime"
	"net/mail"
	"strings"
	"time"
)

// fields returns the draft's header in the order in which it is written.
func (d *Draft) fields() ([]Field, error) {
	var out []Field
	var bad string
	add := func(name, value string, ok bool) {
		if !ok && bad == "" {
			bad = name
		}
		if value != "" {
			out = append(out, Field{name, value})
		}
	}
	addresses := func(name string, list ...Address) {
		value, ok := formatAddresses(list)
		add(name, value, ok)
	}
	if !d.Date.IsZero() {
		add("Date", d.Date.Format(time.RFC1123Z), d.Date.Year() >= 1900 && d.Date.Year() <= 9999)
	}
	addresses("From", d.From)
	if d.Sender != (Address{}) {
		addresses("Sender", d.Sender)
	}
	addresses("Reply-To", d.ReplyTo...)
	addresses("To", d.To...)
	addresses("Cc", d.Cc...)
	subject, _ := cleanLine(strings.ToValidUTF8(d.Subject, "\uFFFD"))
	add("Subject", mime.QEncoding.Encode("utf-8", subject), true)

	id, ok := formatIDs(d.MessageID)
	add("Message-ID", id, ok)
	if d.InReplyTo != "" {
		id, ok = formatIDs(d.InReplyTo)
		add("In-Reply-To", id, ok)
	}
	if len(d.References) > 0 {
		id, ok = formatIDs(d.References...)
		add("References", id, ok)
	}
	add("Auto-Submitted", d.AutoSubmitted, isPlainText(d.AutoSubmitted))
	for _, f := range d.Extra {
		add(f.Name, mime.QEncoding.Encode("utf-8", f.Value), validExtra(f))
	}
	if bad != "" {
		return nil, &DraftError{Field: bad}
	}
	return out, nil
}

// reserved are the fields that Extra must not set.
const reserved = " from sender reply-to to cc bcc subject date message-id in-reply-to references auto-submitted mime-version "

func validExtra(f Field) bool {
	name := strings.ToLower(f.Name)
	for i := range len(name) {
		if c := name[i]; c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	if name == "" || len(name) > 60 || strings.HasPrefix(name, "content-") || strings.Contains(reserved, " "+name+" ") {
		return false
	}
	clean, changed := cleanLine(f.Value)
	return !changed && clean == strings.TrimSpace(f.Value) && len(f.Value) < 8000
}

func isPlainText(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) < 200
}

// formatAddresses writes an address list. Names are encoded; an address must be
// ASCII (SMTPUTF8 is not supported).
func formatAddresses(list []Address) (string, bool) {
	var out []string
	for _, a := range list {
		if !ValidAddress(a.Addr) {
			return "", false
		}
		name, _ := cleanLine(strings.ToValidUTF8(a.Name, "\uFFFD"))
		if name == "" {
			out = append(out, a.Addr)
			continue
		}
		m := mail.Address{Name: name, Address: a.Addr}
		out = append(out, m.String())
	}
	return strings.Join(out, ", "), true
}

// ValidAddress reports whether addr can be written and mailed: ASCII
// local@domain of at most 254 characters, the local part a dot-atom (RFC 5322
// section 3.2.3) or any word without quotes and spaces.
func ValidAddress(addr string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || at == len(addr)-1 || len(addr) > 254 {
		return false
	}
	for i := range len(addr) {
		c := addr[i]
		if c <= ' ' || c > '~' || strings.IndexByte(`<>()[]\,;:"`, c) >= 0 || c == '@' && i != at {
			return false
		}
	}
	for label := range strings.SplitSeq(addr[at+1:], ".") {
		if label == "" || label[0] == '-' || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return addr[0] != '.' && addr[at-1] != '.' && !strings.Contains(addr, "..")
}

// formatIDs writes message ids, with their angle brackets.
func formatIDs(ids ...string) (string, bool) {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
		if !validID(id) || !strings.Contains(id, "@") {
			return "", false
		}
		out = append(out, "<"+id+">")
	}
	return strings.Join(out, " "), len(out) > 0
}
