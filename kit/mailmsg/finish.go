package mailmsg

import (
	"bytes"
	"strings"
)

// maxBlocks bounds the inline OpenPGP blocks that are looked for in one mail.
const maxBlocks = 8

// finish works out what needs all parts: OpenPGP, reports, protected headers.
func (rd *reader) finish() {
	m := rd.msg
	m.Size = rd.s.off
	if rd.s.long {
		rd.problem(ProblemLineLong, "", "")
	}
	for _, p := range m.Parts {
		switch p.Type {
		case "multipart/encrypted":
			rd.encrypted(p)
		case "multipart/signed":
			rd.signed(p)
		}
		if p.Role == Ciphertext && m.parent(p).Type != "multipart/encrypted" {
			rd.problem(ProblemPGPStructure, p.Path, "")
			m.PGP = append(m.PGP, PGPBlock{Kind: MIMEEncrypted, Part: p.Path, Data: p.Path, Whole: rd.nothingBeside(p)})
		}
		if raw := rd.raw[p]; raw != nil {
			rd.inline(p, raw)
		}
	}
	for _, b := range m.PGP {
		if b.Whole {
			continue
		}
		if b.Kind == MIMEEncrypted || b.Kind == InlineEncrypted {
			rd.problem(ProblemOutsideCipher, b.Part, "")
		} else {
			rd.problem(ProblemOutsideSignature, b.Part, "")
		}
	}
	rd.report()
	rd.protected()
	rd.raw = nil
}

// parent returns the container of p; an empty part for the root.
func (m *Message) parent(p *Part) *Part {
	i := strings.LastIndexByte(p.Path, '.')
	if i < 0 {
		return &Part{}
	}
	return m.Part(p.Path[:i])
}

// children returns the direct children of p.
func (m *Message) children(p *Part) []*Part {
	var all []*Part
	for _, c := range m.Parts {
		if rest, ok := strings.CutPrefix(c.Path, p.Path+"."); ok && !strings.Contains(rest, ".") {
			all = append(all, c)
		}
	}
	return all
}

// encrypted notes a multipart/encrypted: exactly two parts, the first one
// application/pgp-encrypted with "Version: 1" (RFC 3156 section 4).
func (rd *reader) encrypted(p *Part) {
	kids := rd.msg.children(p)
	if len(kids) < 2 || kids[1].Role != Ciphertext {
		rd.problem(ProblemPGPStructure, p.Path, "")
		return
	}
	sound := len(kids) == 2 && kids[0].Type == "application/pgp-encrypted" &&
		strings.Contains(strings.ToLower(kids[0].Text), "version: 1")
	if !sound {
		rd.problem(ProblemPGPStructure, p.Path, "")
	}
	rd.msg.PGP = append(rd.msg.PGP, PGPBlock{
		Kind: MIMEEncrypted, Part: p.Path, Data: kids[1].Path, Whole: sound && p.Path == "1",
	})
}

// signed notes a multipart/signed of OpenPGP: exactly two parts, the second one
// application/pgp-signature (RFC 3156 section 5). S/MIME's is left alone.
func (rd *reader) signed(p *Part) {
	kids := rd.msg.children(p)
	if len(kids) < 2 || kids[1].Type != "application/pgp-signature" {
		if strings.EqualFold(p.Params["protocol"], "application/pgp-signature") {
			rd.problem(ProblemPGPStructure, p.Path, "")
		}
		return
	}
	if len(kids) > 2 {
		rd.problem(ProblemPGPStructure, p.Path, "")
	}
	rd.msg.PGP = append(rd.msg.PGP, PGPBlock{
		Kind: MIMESigned, Part: p.Path, Data: kids[0].Path, Signed: kids[0].Entity,
		Signature: kids[1].Text, Whole: len(kids) == 2 && p.Path == "1",
	})
}

// nothingBeside reports whether no other part of the mail says anything.
func (rd *reader) nothingBeside(p *Part) bool {
	for _, o := range rd.msg.Parts {
		if o == p || o.Role == Container || o.Role == Control {
			continue
		}
		blank := o.Role == Text && strings.TrimSpace(o.Text) == "" && !o.Truncated
		if o.Size > 2 && !blank {
			return false
		}
	}
	return true
}

var inlineMarks = []struct {
	kind       PGPKind
	begin, end string
}{
	{InlineSigned, "-----BEGIN PGP SIGNED MESSAGE-----", "-----END PGP SIGNATURE-----"},
	{InlineEncrypted, "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"},
}

// inline finds OpenPGP blocks in a text as it was sent.
func (rd *reader) inline(p *Part, raw []byte) {
	rest, outside := raw, false
	var found []PGPBlock
	for len(found) < maxBlocks {
		kind, from, to := nextBlock(rest)
		if from < 0 {
			break
		}
		outside = outside || len(bytes.TrimSpace(rest[:from])) > 0
		found = append(found, PGPBlock{Kind: kind, Part: p.Path, Data: p.Path, Armor: string(rest[from:to])})
		rest = rest[to:]
	}
	if len(found) == 0 {
		return
	}
	outside = outside || len(bytes.TrimSpace(rest)) > 0 || p.Truncated
	if !outside && len(found) == 1 && rd.nothingBeside(p) {
		found[0].Whole = true
	}
	rd.msg.PGP = append(rd.msg.PGP, found...)
}

// nextBlock finds the first block that begins at a line's start and has an end.
func nextBlock(text []byte) (kind PGPKind, from, to int) {
	from = -1
	for _, mark := range inlineMarks {
		at := lineIndex(text, mark.begin)
		if at < 0 || from >= 0 && at > from {
			continue
		}
		end := lineIndex(text[at:], mark.end)
		if end < 0 {
			continue
		}
		kind, from, to = mark.kind, at, at+end+len(mark.end)
	}
	return kind, from, to
}

// lineIndex finds mark at the start of a line.
func lineIndex(text []byte, mark string) int {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(mark))
		if i < 0 {
			return -1
		}
		if at += i; at == 0 || text[at-1] == '\n' {
			return at
		}
		at += len(mark)
	}
}

// protected sets the header that the root's protection covers.
func (rd *reader) protected() {
	m := rd.msg
	if len(m.Parts) == 0 {
		return
	}
	inner := m.Parts[0]
	if len(m.PGP) > 0 && m.PGP[0].Kind == MIMESigned && m.PGP[0].Part == "1" {
		inner = m.Part(m.PGP[0].Data)
	}
	if inner.Params["protected-headers"] != "" || inner.Params["hp"] != "" {
		m.Protected = inner.Header
	}
}

// report reads a multipart/report.
func (rd *reader) report() {
	m := rd.msg
	var rep Report
	for _, p := range m.Parts {
		if p.Type == "multipart/report" && rep.Type == "" {
			rep.Type = strings.ToLower(p.Params["report-type"])
		}
	}
	for _, p := range m.Parts {
		if p.Role != Delivery {
			continue
		}
		switch p.Type {
		case "message/delivery-status", "message/global-delivery-status":
			if rep.Type == "" {
				rep.Type = "delivery-status"
			}
			rep.delivery(parseFields(p.Text))
		case "message/disposition-notification":
			if rep.Type == "" {
				rep.Type = "disposition-notification"
			}
			for _, h := range parseFields(p.Text) {
				rep.about(first(h, "Original-Message-ID"))
			}
		}
	}
	if rep.Type == "" {
		return
	}
	for _, p := range m.Parts {
		if p.Embedded != nil {
			rep.about(first(p.Embedded, "Message-ID"))
		}
	}
	m.Report = &rep
}

func (rep *Report) about(raw string) {
	if ids := messageIDs(raw); rep.OriginalMessageID == "" && len(ids) == 1 {
		rep.OriginalMessageID = ids[0]
	}
}

// delivery reads the fields of RFC 3464: one block for the message, then one
// for each recipient.
func (rep *Report) delivery(blocks []Header) {
	for _, h := range blocks {
		if mta := afterType(first(h, "Reporting-MTA")); mta != "" && rep.ReportingMTA == "" {
			rep.ReportingMTA = mta
		}
		to := afterType(first(h, "Final-Recipient"))
		if to == "" {
			to = afterType(first(h, "Original-Recipient"))
		}
		if to == "" {
			continue
		}
		rep.Recipients = append(rep.Recipients, DeliveryStatus{
			Recipient: to, Action: word(first(h, "Action")), Status: word(first(h, "Status")),
			Diagnostic: clip(afterType(first(h, "Diagnostic-Code"))),
		})
	}
}

// afterType cuts "rfc822;" off "rfc822; a@b".
func afterType(raw string) string {
	if _, rest, ok := strings.Cut(raw, ";"); ok {
		raw = rest
	}
	return decodeWords(raw)
}
