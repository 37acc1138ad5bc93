package mailmsg

import (
	"net/mail"
	"strings"
)

const (
	maxAddresses = 64 << 10 // bytes of an address field that are read
	maxIDs       = 200      // message ids kept of one field
)

// once are the fields that RFC 5322 section 3.6 and RFC 2045 allow once.
var once = []string{"From", "Sender", "Reply-To", "Message-ID", "In-Reply-To", "References", "Subject", "Date",
	"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}

// readFields fills the message's fields from its header.
func (rd *reader) readFields() {
	m, h := rd.msg, rd.msg.Header
	for _, name := range once {
		if len(h.All(name)) > 1 {
			rd.problem(ProblemHeaderDuplicate, name, "")
		}
	}
	m.From = rd.addresses("From", h.All("From"), 1)
	m.Sender = rd.addresses("Sender", h.All("Sender"), 1)
	m.ReplyTo = rd.addresses("Reply-To", h.All("Reply-To"), 1)
	m.To = rd.addresses("To", h.All("To"), 100)
	m.Cc = rd.addresses("Cc", h.All("Cc"), 100)
	rd.checkFrom()

	subject, hidden := cleanLine(rawWords(first(h, "Subject")))
	if m.Subject = subject; hidden {
		rd.problem(ProblemHiddenText, "Subject", "")
	}
	if raw := first(h, "Date"); raw != "" {
		if t, err := mail.ParseDate(raw); err == nil && t.Year() > 1900 && t.Year() < 10000 {
			m.Date = t
		} else {
			rd.problem(ProblemDateSyntax, "Date", clip(raw))
		}
	}
	if ids := messageIDs(first(h, "Message-ID")); len(ids) == 1 {
		m.MessageID = ids[0]
	} else {
		rd.problem(ProblemMessageIDSyntax, "Message-ID", clip(first(h, "Message-ID")))
	}
	m.InReplyTo = messageIDs(first(h, "In-Reply-To"))
	m.References = messageIDs(first(h, "References"))

	if raw, ok := h.Raw("Return-Path"); ok {
		m.ReturnPath = strings.Trim(strings.TrimSpace(raw), "<>")
		if m.ReturnPath == "" {
			m.ReturnPath = "<>"
		}
	}
	m.AutoSubmitted = word(first(h, "Auto-Submitted"))
	m.Precedence = word(first(h, "Precedence"))
	m.ListID = listID(first(h, "List-Id"))
	m.Autocrypt = h.All("Autocrypt")
}

func first(h Header, name string) string { v, _ := h.Raw(name); return v }

// word returns the first word of a field in lower case, without comment and parameters.
func word(raw string) string {
	if i := strings.IndexAny(raw, ";("); i >= 0 {
		raw = raw[:i]
	}
	return strings.ToLower(strings.TrimSpace(raw))
}

func listID(raw string) string {
	if i := strings.LastIndexByte(raw, '<'); i >= 0 {
		raw, _, _ = strings.Cut(raw[i+1:], ">")
	}
	s, _ := cleanLine(raw)
	return s
}

// checkFrom notes what forged senders look like.
func (rd *reader) checkFrom() {
	from := rd.msg.From
	if len(rd.msg.Header.All("From")) > 1 || len(from) > 1 {
		rd.problem(ProblemFromSeveral, "From", "")
	}
	if len(from) == 0 {
		rd.problem(ProblemFromMissing, "From", "")
		return
	}
	if name := strings.ToLower(from[0].Name); strings.Contains(name, "@") && !strings.Contains(name, strings.ToLower(from[0].Addr)) {
		rd.problem(ProblemFromSpoof, "From", clip(from[0].Name))
	}
}

// addresses reads at most max fields of one name.
func (rd *reader) addresses(name string, fields []string, max int) []Address {
	var all []Address
	for i, raw := range fields {
		if i == max {
			break
		}
		list, ok, hidden := parseAddresses(raw)
		if !ok {
			rd.problem(ProblemAddressSyntax, name, clip(raw))
		}
		if hidden {
			rd.problem(ProblemHiddenText, name, "")
		}
		all = append(all, list...)
	}
	return all
}

// ParseAddresses reads an address field as RFC 5322 and what is sent instead of
// it. ok is false when it did not follow the RFC: what looks like an address is
// returned all the same.
func ParseAddresses(field string) (list []Address, ok bool) {
	list, ok, _ = parseAddresses(field)
	return list, ok
}

func parseAddresses(raw string) (list []Address, ok, hidden bool) {
	if len(raw) > maxAddresses {
		raw = raw[:maxAddresses]
	}
	if strings.TrimSpace(raw) == "" {
		return nil, false, false
	}
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	parsed, err := parser.ParseList(raw)
	if err != nil {
		return looseAddresses(raw), strings.HasSuffix(strings.TrimSpace(raw), ":;"), false
	}
	for _, a := range parsed {
		name, h1 := cleanLine(a.Name)
		addr, h2 := cleanLine(a.Address)
		hidden = hidden || h1 || h2
		list = append(list, Address{Name: name, Addr: addr})
	}
	return list, true, hidden
}

// looseAddresses finds "name <a@b>" and "a@b" between commas.
func looseAddresses(raw string) []Address {
	var list []Address
	for piece := range strings.SplitSeq(raw, ",") {
		name, addr := "", strings.TrimSpace(piece)
		if i := strings.LastIndexByte(piece, '<'); i >= 0 {
			name = strings.Trim(strings.TrimSpace(piece[:i]), `"`)
			addr, _, _ = strings.Cut(piece[i+1:], ">")
		}
		addr, _ = cleanLine(addr)
		if at := strings.LastIndexByte(addr, '@'); at < 1 || at == len(addr)-1 || strings.ContainsAny(addr, " <>\"()") {
			continue
		}
		list = append(list, Address{Name: decodeWords(name), Addr: addr})
	}
	return list
}

// messageIDs returns the ids between angle brackets. A lone id without brackets
// is taken too, since many programs write that.
func messageIDs(raw string) []string {
	var ids []string
	if !strings.Contains(raw, "<") {
		if id := strings.TrimSpace(raw); validID(id) {
			return []string{id}
		}
		return nil
	}
	for len(ids) < maxIDs {
		i := strings.IndexByte(raw, '<')
		if i < 0 {
			break
		}
		id, rest, found := strings.Cut(raw[i+1:], ">")
		if !found {
			break
		}
		if id = strings.TrimSpace(id); validID(id) {
			ids = append(ids, id)
		}
		raw = rest
	}
	return ids
}

// validID is looser than RFC 5322: printable ASCII without spaces and brackets.
func validID(id string) bool {
	if id == "" || len(id) > 900 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// clip shortens a foreign string for a Problem.
func clip(s string) string {
	s = decodeWords(s)
	if len(s) > 120 {
		s = strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}

// Automatic says why a mail was not written by a person for us, as RFC 3834
// section 2 and common practice tell it: "auto-submitted", "list", "bulk",
// "bounce", "no-reply". "" means that it may be answered.
func (m *Message) Automatic() string {
	h := m.Header
	switch {
	case m.AutoSubmitted != "" && m.AutoSubmitted != "no", h.Has("X-Autoreply"), h.Has("X-Autorespond"):
		return "auto-submitted"
	case m.Bounce():
		return "bounce"
	case h.Has("List-Id"), h.Has("List-Post"), h.Has("List-Unsubscribe"), m.Precedence == "list":
		return "list"
	case m.Precedence == "bulk", m.Precedence == "junk", h.Has("Feedback-ID"):
		return "bulk"
	case len(m.From) > 0 && noReply(m.From[0].Addr):
		return "no-reply"
	}
	if s := strings.ToLower(first(h, "X-Auto-Response-Suppress")); strings.Contains(s, "all") || strings.Contains(s, "autoreply") {
		return "auto-submitted"
	}
	return ""
}

// Bounce reports whether the mail is a delivery report or has the null sender.
func (m *Message) Bounce() bool {
	return m.ReturnPath == "<>" || m.Report != nil && m.Report.Type == "delivery-status"
}

func noReply(addr string) bool {
	local, _, _ := strings.Cut(strings.ToLower(addr), "@")
	switch local {
	case "mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "owner-mailman":
		return true
	}
	return strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-request") || strings.HasSuffix(local, "-bounces")
}
