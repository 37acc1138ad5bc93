package mailmsg

import (
	"bytes"
	"io"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/mailmsg/htmltext"
)

// embeddedHeader is how much of a message/rfc822 part is looked at for its header.
const embeddedHeader = 64 << 10

// leaf reads a part without children: through its decoder to the sink, keeping
// what the message itself needs of it.
func (rd *reader) leaf(p *Part) error {
	raw := rd.s.content()
	dec := rd.decoder(p, raw)
	keep := &keeper{src: dec, left: rd.limits.PartSize, max: rd.keepFor(p)}
	var sinkErr error
	if rd.sink != nil {
		sinkErr = rd.sink(p, keep)
	}
	if sinkErr == nil {
		keep.drain()
	}
	raw.skip()
	p.Size = keep.n
	p.Body.End, p.Entity.End = raw.end, raw.end
	if dec.damaged() {
		rd.problem(ProblemEncodingDamaged, p.Path, p.Encoding)
	}
	rd.keep(p, keep)
	switch {
	case sinkErr != nil:
		return sinkErr
	case keep.over:
		return &LimitError{What: "part_size", Limit: rd.limits.PartSize}
	}
	return rd.s.err
}

func (rd *reader) decoder(p *Part, raw io.Reader) decoder {
	switch p.Encoding {
	case "base64":
		return &base64Reader{src: raw}
	case "quoted-printable":
		return &quotedReader{src: raw}
	case "7bit", "8bit", "binary":
	default:
		rd.problem(ProblemEncodingUnknown, p.Path, clip(p.Encoding))
	}
	return plain{raw}
}

// keepFor says how many decoded bytes of the part the message keeps.
func (rd *reader) keepFor(p *Part) int {
	switch {
	case p.Role == Text, p.Role == Alternative, p.Role == Legacy, p.Role == Signature, p.Role == Control, p.Role == Delivery:
		return min(rd.limits.Text, rd.textLeft)
	case p.Type == "message/rfc822", p.Type == "message/global":
		return embeddedHeader
	}
	return 0
}

// keeper counts what goes through and keeps the first bytes of it.
type keeper struct {
	src  io.Reader
	buf  bytes.Buffer
	max  int
	left int64
	n    int64
	over bool
	err  error
}

// Read implements io.Reader.
func (k *keeper) Read(b []byte) (int, error) {
	if k.err != nil {
		return 0, k.err
	}
	n, err := k.src.Read(b)
	if int64(n) > k.left {
		n, err, k.over = int(k.left), io.ErrUnexpectedEOF, true
	}
	k.left -= int64(n)
	k.n += int64(n)
	if room := k.max - k.buf.Len(); room > 0 {
		k.buf.Write(b[:min(n, room)])
	}
	k.err = err
	return n, err
}

func (k *keeper) drain() {
	buf := make([]byte, 4096)
	for k.err == nil {
		k.Read(buf)
	}
}

// keep stores what was kept of the part: text, or the header of an embedded mail.
func (rd *reader) keep(p *Part, k *keeper) {
	data := k.buf.Bytes()
	if k.max == embeddedHeader && (p.Type == "message/rfc822" || p.Type == "message/global") {
		if blocks := parseFields(string(data)); len(blocks) > 0 {
			p.Embedded = blocks[0]
		}
		return
	}
	if k.max == 0 {
		if p.Role == Text || p.Role == Alternative {
			p.Truncated = k.n > 0
		}
		return
	}
	rd.textLeft -= len(data)
	if p.Truncated = k.n > int64(len(data)); p.Truncated {
		rd.problem(ProblemTextTruncated, p.Path, "")
		data = cutRune(data)
	}
	text, used, problem := toUTF8(data, p.Params["charset"])
	if p.Charset = used; problem != "" && (p.Role == Text || p.Role == Alternative) {
		rd.problem(problem, p.Path, clip(p.Params["charset"]))
	}
	p.Text = cleanText(text)
	if p.Type == "text/html" {
		p.HTML = p.Text
		p.Text = htmltext.Render(p.HTML)
	}
	if p.Type == "text/rfc822-headers" || p.Type == "message/global-headers" {
		if blocks := parseFields(text); len(blocks) > 0 {
			p.Embedded = blocks[0]
		}
	}
	if p.Role == Text && p.Type == "text/plain" && bytes.Contains(data, []byte("-----BEGIN PGP ")) {
		rd.raw[p] = data
	}
}

// roleOf says what a part without children is for.
func roleOf(p *Part, at place) Role {
	if at.parent != nil {
		switch at.parent.Type {
		case "multipart/encrypted":
			if p.Type == "application/pgp-encrypted" {
				return Control
			}
			if at.index == 2 {
				return Ciphertext
			}
		case "multipart/signed":
			if p.Type == "application/pgp-signature" && at.index == 2 {
				return Signature
			}
		}
		// Some mail servers turn multipart/encrypted into multipart/mixed.
		if at.before != nil && at.before.Type == "application/pgp-encrypted" && p.Type == "application/octet-stream" {
			return Ciphertext
		}
	}
	switch p.Type {
	case "application/pgp-encrypted":
		return Control
	case "application/pgp-keys":
		return Keys
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/feedback-report":
		return Delivery
	case "text/rfc822-headers", "message/global-headers":
		if p.Params["protected-headers"] != "" {
			return Legacy
		}
		return Delivery
	}
	if p.Disposition == "attachment" || p.Name != "" || p.Type != "text/plain" && p.Type != "text/html" {
		return Attachment
	}
	// A "legacy display" part is the first child of a container with protected
	// headers and repeats them for old programs (draft-autocrypt-lamps-protected-headers section 5.2).
	if at.parent != nil && at.index == 1 && p.Params["protected-headers"] != "" && at.parent.Params["protected-headers"] != "" {
		return Legacy
	}
	if at.alt {
		return Alternative
	}
	return Text
}

// Body returns the texts of the mail's body in order: for each place the plain
// form when it says anything, else the next form. Copies of protected header
// fields are left out.
func (m *Message) Body() string {
	var b strings.Builder
	empty := false // the last text was blank: its alternative speaks for it
	for _, p := range m.Parts {
		if p.Role != Text && (p.Role != Alternative || !empty) {
			continue
		}
		text := strings.Trim(p.Text, "\n")
		if empty = strings.TrimSpace(text) == ""; empty {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(text)
	}
	return b.String()
}

// Part returns the part at path, nil when there is none.
func (m *Message) Part(path string) *Part {
	for _, p := range m.Parts {
		if p.Path == path {
			return p
		}
	}
	return nil
}

// Files returns the attachments and keys in order.
func (m *Message) Files() []*Part {
	var files []*Part
	for _, p := range m.Parts {
		if p.Role == Attachment || p.Role == Keys {
			files = append(files, p)
		}
	}
	return files
}
