package mailmsg

import (
	"io"
	"time"
)

// Draft is a mail to be written.
type Draft struct {
	From    Address
	Sender  Address // zero: no Sender field
	ReplyTo []Address
	To      []Address
	Cc      []Address
	Subject string
	Date    time.Time // zero: no Date field; give one
	Text    string
	// Files are attachments. Their readers are read once, in order.
	Files []File

	MessageID  string   // with or without angle brackets; required
	InReplyTo  string   // with or without angle brackets
	References []string // with or without angle brackets, oldest first

	AutoSubmitted string  // "auto-replied" or "auto-generated" (RFC 3834); "" for a person's mail
	Extra         []Field // further fields, such as List-Id; not those above and no MIME fields

	// Encrypt makes PGP/MIME encrypted mail (RFC 3156 section 4). The subject
	// outside is "...", the real header fields stand inside (protected headers).
	Encrypt Encrypter
	// Sign makes PGP/MIME signed mail (RFC 3156 section 5). With Encrypt it must
	// be nil: the encrypter signs inside of the encryption.
	Sign Signer
}

// File is an attachment.
type File struct {
	Name string
	Type string // media type; "" means application/octet-stream
	Body io.Reader
}

// Encrypter encrypts for the recipients of a draft.
type Encrypter interface {
	// EncryptTo returns a writer for the plain text. The armored message goes to
	// w and is complete when the writer is closed.
	EncryptTo(w io.Writer) (io.WriteCloser, error)
}

// Signer makes detached signatures.
type Signer interface {
	// Micalg names the hash for the header: "pgp-sha512".
	Micalg() string
	// SignTo returns a writer for the signed bytes. The armored signature goes to
	// w when the writer is closed.
	SignTo(w io.Writer) (io.WriteCloser, error)
}

// DraftError says which field of a draft cannot be written.
type DraftError struct{ Field string }

// Error names the field.
func (e *DraftError) Error() string { return "mailmsg: cannot write the field " + e.Field }

// Write writes the draft as RFC 5322 with CRLF line ends.
//
// A *DraftError says which field cannot be written: a line break or control
// character in a header field, an address that is not ASCII local@domain, a
// malformed message id. Nothing has been written then. Line breaks in the
// subject and in names become spaces.
func (d *Draft) Write(w io.Writer) error {
	if d.Encrypt != nil && d.Sign != nil {
		return &DraftError{Field: "Sign"}
	}
	fields, err := d.fields()
	if err != nil {
		return err
	}
	out := &writer{w: w}
	switch {
	case d.Encrypt != nil:
		d.writeEncrypted(out, fields)
	case d.Sign != nil:
		d.writeSigned(out, fields)
	default:
		out.fields(fields)
		out.field("MIME-Version", "1.0")
		d.entity(out, nil)
	}
	return out.err
}

// entity writes the MIME header and content of the draft. The fields inside are
// protected header fields, nil for none.
func (d *Draft) entity(out *writer, inside []Field) {
	protect := ""
	if inside != nil {
		protect = `; protected-headers="v1"`
	}
	if len(d.Files) == 0 {
		out.fields(inside)
		out.text(d.Text, protect)
		return
	}
	b := out.newBoundary()
	out.fields(inside)
	out.field("Content-Type", "multipart/mixed; boundary=\""+b+"\""+protect)
	out.print("\r\n")
	out.print("--" + b + "\r\n")
	out.text(d.Text, "")
	for _, f := range d.Files {
		out.print("\r\n--" + b + "\r\n")
		out.file(f)
	}
	out.print("\r\n--" + b + "--\r\n")
}

// writeEncrypted writes multipart/encrypted. Bcc does not exist in a Draft, and
// threading fields stay outside because mail programs need them there.
func (d *Draft) writeEncrypted(out *writer, fields []Field) {
	b := out.newBoundary()
	inside := protectedFields(fields)
	for i, f := range fields {
		if f.Name == "Subject" {
			fields[i].Value = "..."
		}
	}
	out.fields(fields)
	out.field("MIME-Version", "1.0")
	out.field("Content-Type", "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\""+b+"\"")
	out.print("\r\nThis is an OpenPGP/MIME encrypted message (RFC 3156).\r\n--" + b + "\r\n")
	out.print("Content-Type: application/pgp-encrypted\r\nContent-Description: PGP/MIME version identification\r\n\r\nVersion: 1\r\n")
	out.print("\r\n--" + b + "\r\n")
	out.print("Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n" +
		"Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n")
	if out.err == nil {
		out.err = d.encryptInto(out, inside)
	}
	out.print("\r\n--" + b + "--\r\n")
}

// protectedFields returns the fields that are repeated inside of the protection.
func protectedFields(fields []Field) []Field {
	var inside []Field
	for _, f := range fields {
		switch f.Name {
		case "From", "To", "Cc", "Date", "Message-ID", "Subject":
			inside = append(inside, f)
		}
	}
	return inside
}

func (d *Draft) encryptInto(out *writer, inside []Field) error {
	armor := &crlfWriter{w: out}
	plain, err := d.Encrypt.EncryptTo(armor)
	if err != nil {
		return err
	}
	inner := &writer{w: plain}
	d.entity(inner, inside)
	if inner.err != nil {
		return inner.err
	}
	return plain.Close()
}

// writeSigned writes multipart/signed: the signed part is hashed as it is
// written, and its signature follows.
func (d *Draft) writeSigned(out *writer, fields []Field) {
	b := out.newBoundary()
	out.fields(fields)
	out.field("MIME-Version", "1.0")
	out.field("Content-Type", "multipart/signed; micalg=\""+d.Sign.Micalg()+"\"; protocol=\"application/pgp-signature\"; boundary=\""+b+"\"")
	out.print("\r\nThis is an OpenPGP/MIME signed message (RFC 3156).\r\n--" + b + "\r\n")
	if out.err == nil {
		out.err = d.signInto(out, fields, b)
	}
	out.print("\r\n--" + b + "--\r\n")
}

func (d *Draft) signInto(out *writer, fields []Field, b string) error {
	var armor collector
	hash, err := d.Sign.SignTo(&crlfWriter{w: &armor})
	if err != nil {
		return err
	}
	inner := &writer{w: io.MultiWriter(out, hash), strict: true}
	d.entity(inner, protectedFields(fields))
	if inner.err != nil {
		return inner.err
	}
	if err := hash.Close(); err != nil {
		return err
	}
	out.print("\r\n--" + b + "\r\n")
	out.print("Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n" +
		"Content-Description: OpenPGP digital signature\r\n" +
		"Content-Disposition: attachment; filename=\"signature.asc\"\r\n\r\n")
	out.print(string(armor))
	return out.err
}
