package mailmsg

import "time"

// Message is a mail as plain values. What the sender wrote is still only what
// the sender wrote: nothing here has been authenticated.
type Message struct {
	// Header holds every field of the outermost header in order, duplicates
	// included. The fields below are read from it: the first of a kind counts.
	Header Header

	From    []Address // all addresses of the first From field
	Sender  []Address
	ReplyTo []Address
	To      []Address
	Cc      []Address
	Subject string // decoded, one line, control and bidi characters removed
	Date    time.Time

	MessageID  string   // without angle brackets, "" when missing or malformed
	InReplyTo  []string // message ids without angle brackets
	References []string // message ids without angle brackets, oldest first

	ReturnPath    string // address of the Return-Path field; "<>" for the null sender, "" when missing
	AutoSubmitted string // first word of Auto-Submitted in lower case (RFC 3834), "" when missing
	Precedence    string // lower case: bulk, list, junk
	ListID        string // the id between angle brackets of List-Id (RFC 2919)
	Autocrypt     []string

	// Parts are all parts in the order of the mail, containers included. The
	// first is the root; Part.Path says where each stands.
	Parts []*Part
	// PGP tells what is encrypted or signed, outermost and first in front.
	PGP []PGPBlock
	// Report is the delivery report in the mail, nil when there is none.
	Report *Report
	// Protected is the header that a signature or encryption around the root
	// covers (RFC 9788 and the older protected-headers="v1"); nil when there is
	// none. Trust it only after the signature or decryption was verified.
	Protected Header

	Problems []Problem
	Size     int64 // bytes read
}

// Address is one mailbox of an address field.
type Address struct {
	Name string // decoded display name, control and bidi characters removed
	Addr string // local@domain as written
}

// Field is one header field. Value is unfolded but not decoded.
type Field struct{ Name, Value string }

// Header is a list of fields in the order of the mail.
type Header []Field

// Part is one part of a mail.
type Part struct {
	// Path is "1" for the root and "1.2" for the second child of it.
	Path   string
	Role   Role
	Header Header
	// Type is the media type in lower case: "text/plain" when the header says
	// nothing (RFC 2045 section 5.2), "application/octet-stream" when it says
	// something unreadable.
	Type   string
	Params map[string]string // parameters of Content-Type, decoded (RFC 2231), keys in lower case

	// Charset is the charset that Text was read with. It differs from
	// Params["charset"] when that was missing, unknown or wrong; a Problem says so.
	Charset     string
	Encoding    string // Content-Transfer-Encoding in lower case, "7bit" when missing
	Disposition string // "inline", "attachment" or "" (RFC 2183)
	Name        string // file name without folders and control characters, "" when none is given
	ContentID   string // without angle brackets

	Size int64 // decoded bytes, known after the part was read
	// Text is the content of a text part in UTF-8 with LF line ends, at most
	// Limits.Text bytes of it. For text/html it is the plain rendering.
	Text string
	// HTML is the source of a text/html part in UTF-8. Never show it as HTML
	// without a sanitiser.
	HTML      string
	Truncated bool // Text does not hold all

	Entity Range // header and body of the part in the input
	Body   Range // body of the part in the input, still encoded

	// Embedded is the header of a message/rfc822 or text/rfc822-headers part.
	Embedded Header

	// Ref is for the caller's Sink: where it has put the content.
	Ref any
}

// Range is a range of bytes of the input: from Start up to, not including, End.
type Range struct{ Start, End int64 }

// Role is what a part is for.
type Role int

// The roles. The zero value is invalid.
const (
	_           Role = iota
	Container        // multipart/*: no content of its own
	Text             // text to be shown as the mail's body
	Alternative      // a further form of the same text (HTML beside plain text)
	Attachment       // a file
	Control          // "Version: 1" of PGP/MIME encryption
	Ciphertext       // encrypted data of PGP/MIME
	Signature        // detached PGP signature of PGP/MIME
	Keys             // application/pgp-keys
	Delivery         // message/delivery-status and its relatives
	Legacy           // copy of protected header fields for old mail programs
)

// PGPKind is the way in which OpenPGP is used in a mail.
type PGPKind int

// The kinds. The zero value is invalid.
const (
	_               PGPKind = iota
	MIMEEncrypted           // RFC 3156 section 4
	MIMESigned              // RFC 3156 section 5
	InlineEncrypted         // "BEGIN PGP MESSAGE" in a text part
	InlineSigned            // "BEGIN PGP SIGNED MESSAGE" in a text part
)

// PGPBlock is one place where OpenPGP is used.
type PGPBlock struct {
	Kind PGPKind
	// Part is the path of the multipart/encrypted, multipart/signed or text part.
	Part string
	// Data is the path of the part with the ciphertext (MIMEEncrypted), the
	// signed content (MIMESigned) or the text part itself (inline).
	Data string
	// Signed is the exact range of the signed bytes in the input (MIMESigned):
	// feed it through SignedBytes to the verifier.
	Signed Range
	// Signature is the armored signature (MIMESigned).
	Signature string
	// Armor is the armored text (inline kinds), as it stands in Part.Text.
	Armor string
	// Whole says that nothing that a reader would take for part of the mail lies
	// outside of the block: the block is the root of the mail, or the only text
	// of the only part. Header fields are always outside unless protected.
	Whole bool
}

// Problem is something wrong in the mail that Read went on in spite of.
type Problem struct {
	// Code is one of the Problem constants, stable for catalogues.
	Code string
	// Where is a part's path or a field's name.
	Where string
	// Detail is a short foreign string, to be quoted when shown.
	Detail string
}

// Codes of Problem.
const (
	ProblemHeaderSyntax     = "header_syntax"      // a header line without a colon
	ProblemHeaderDuplicate  = "header_duplicate"   // a field that may occur once occurs again
	ProblemFromMissing      = "from_missing"       // no From address
	ProblemFromSeveral      = "from_several"       // several From fields or addresses
	ProblemFromSpoof        = "from_spoof"         // the display name of From looks like another address
	ProblemAddressSyntax    = "address_syntax"     // an address field that does not follow RFC 5322
	ProblemDateSyntax       = "date_syntax"        // an unreadable Date
	ProblemMessageIDSyntax  = "message_id_syntax"  // Message-ID missing or malformed
	ProblemTypeSyntax       = "type_syntax"        // an unreadable Content-Type
	ProblemBoundary         = "boundary"           // a multipart without a usable boundary
	ProblemUnclosed         = "unclosed"           // a multipart without its end
	ProblemEncodingUnknown  = "encoding_unknown"   // an unknown Content-Transfer-Encoding
	ProblemEncodingDamaged  = "encoding_damaged"   // malformed base64 or quoted-printable
	ProblemCharsetUnknown   = "charset_unknown"    // an unknown charset, another one was used
	ProblemCharsetWrong     = "charset_wrong"      // bytes that the charset does not have
	ProblemTextTruncated    = "text_truncated"     // Part.Text does not hold all
	ProblemLineLong         = "line_long"          // a line over 998 bytes (RFC 5322 section 2.1.1)
	ProblemPGPStructure     = "pgp_structure"      // PGP/MIME that does not follow RFC 3156
	ProblemOutsideSignature = "outside_signature"  // text or files that the signature does not cover
	ProblemOutsideCipher    = "outside_ciphertext" // text or files beside the encrypted part
	ProblemHiddenText       = "hidden_text"        // control or bidi characters removed from a name or subject
)

// LimitError says that a mail was refused because it is over a limit. Read
// returns it together with the message as far as it was read.
type LimitError struct {
	What  string // "size", "depth", "parts", "header_fields", "header_bytes", "part_size"
	Limit int64
}

// Error names the limit.
func (e *LimitError) Error() string { return "mailmsg: over the limit of " + e.What }
