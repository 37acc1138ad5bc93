package mailmsg

import (
	"errors"
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

// Encrypter encrypts for the recipients of a draft. platform/pgp has one.
type Encrypter interface {
	// EncryptTo returns a writer for the plain text. The armored message goes to
	// w and is complete when the writer is closed.
	EncryptTo(w io.Writer) (io.WriteCloser, error)
}

// Signer makes detached signatures. platform/pgp has one.
type Signer interface {
	// Micalg names the hash for the header: "pgp-sha512".
	Micalg() string
	// SignTo returns a writer for the signed bytes. The armored signature goes to
	// w when the writer is closed.
	SignTo(w io.Writer) (io.WriteCloser, error)
}

// Write writes the draft as RFC 5322 with CRLF line ends.
//
// A *DraftError says which field cannot be written: a line break, NUL or other
// control character in a header field, an address that is not ASCII
// local@domain, a malformed message id. Nothing has been written then.
func (d *Draft) Write(w io.Writer) error { return errors.New("mailmsg: not yet") }

// DraftError says which field of a draft cannot be written.
type DraftError struct{ Field string }

// Error names the field.
func (e *DraftError) Error() string { return "mailmsg: cannot write the field " + e.Field }
