package desk

import (
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
)

// IntakeID is the ident id of one thing that arrived, MessageID that of one
// message of a report or case as it was read.
type (
	IntakeID  string
	MessageID string
)

// Message is one mail, form or answer as it was read: plain values and what is
// known of them. It is sealed as a whole under its object's confidence.
type Message struct {
	ID      MessageID `json:"-"`
	Object  string    `json:"-"` // the report or case that it belongs to
	Intake  IntakeID  `json:"-"` // empty for what we wrote
	At      time.Time `json:"-"`
	Inbound bool      `json:"-"`

	From       Address     `json:"from"` // as written, unverified
	ReplyTo    []Address   `json:"reply_to,omitempty"`
	Sender     string      `json:"sender,omitempty"` // envelope sender (return path)
	To         []Address   `json:"to,omitempty"`
	Subject    string      `json:"subject,omitempty"`
	Shadow     string      `json:"shadow,omitempty"` // the outer subject where a protected one replaced it
	Date       time.Time   `json:"date,omitzero"`
	MailID     string      `json:"mail_id,omitempty"` // Message-ID without brackets
	InReplyTo  []string    `json:"in_reply_to,omitempty"`
	References []string    `json:"references,omitempty"`
	Text       string      `json:"text,omitempty"` // the readable body
	Parts      []Part      `json:"parts,omitempty"`
	Signatures []Signature `json:"signatures,omitempty"`
	Cipher     Cipher      `json:"cipher,omitempty"`
	Auth       Auth        `json:"auth"`
	Automatic  bool        `json:"automatic,omitempty"` // a machine wrote it: a bounce, an absence note
	Replayed   bool        `json:"replayed,omitempty"`  // its signed or encrypted payload came before
	Troubles   []Trouble   `json:"troubles,omitempty"`
	Raw        string      `json:"raw,omitempty"` // blob id of the original, byte by byte
	RawSize    int64       `json:"raw_size,omitempty"`
	Actor      string      `json:"actor,omitempty"`   // who of us wrote it
	Answers    string      `json:"answers,omitempty"` // the decision that it tells of
	ByLink     bool        `json:"by_link,omitempty"` // written over the reporter's secret link
}

// Part is one leaf of the message's structure.
type Part struct {
	Path    string `json:"path"` // "1.2": the second child of the first
	Type    string `json:"type"`
	Charset string `json:"charset,omitempty"`
	Name    string `json:"name,omitempty"` // the file name as written; never a path
	Size    int64  `json:"size"`
	Text    bool   `json:"text,omitempty"`   // its words are in Message.Text
	File    string `json:"file,omitempty"`   // blob id of its content
	Sealed  bool   `json:"sealed,omitempty"` // it came inside an encrypted part
	Signed  []int  `json:"signed,omitempty"` // indexes into Message.Signatures that cover it
}

// Signature is one signature and what is known of it.
type Signature struct {
	Part        string    `json:"part"`            // path of the part that it covers
	Whole       bool      `json:"whole,omitempty"` // it covers the whole body of the mail
	Result      SigResult `json:"result"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Person      string    `json:"person,omitempty"`  // whose registered key it is
	Address     string    `json:"address,omitempty"` // of a key registered for an address without account
	Project     string    `json:"project,omitempty"` // that registered it for Address: it counts there alone
	Name        string    `json:"name,omitempty"`    // user id of the key
	At          time.Time `json:"at,omitzero"`
}

// SigResult is the outcome of checking one signature.
type SigResult int

// The outcomes. Only Good says who wrote the part, and only Signature.Whole says
// that nothing else is in the mail.
const (
	SigGood       SigResult = iota + 1
	SigBad                  // does not match: changed or damaged
	SigUnknownKey           // no such key is registered
	SigExpired              // by a key that had expired when it signed
	SigRevoked              // by a revoked key
	SigUnreadable           // not a signature that we can read
)

var sigNames = [...]string{"invalid", "good", "bad", "unknown_key", "expired", "revoked", "unreadable"}

// String returns the name that catalogue keys use.
func (s SigResult) String() string {
	if s < SigGood || s > SigUnreadable {
		return sigNames[0]
	}
	return sigNames[s]
}

// Cipher is how a message was encrypted.
type Cipher int

// The kinds of encryption. The zero value is a message in clear.
const (
	Clear Cipher = iota
	OpenPGP
	SMIME      // kept as it came: we cannot open it yet
	Unopenable // encrypted, but not to a key that we have, or broken
)

// Auth is what the checks of the sending domain said. It says which server sent
// the mail, never who wrote it.
type Auth struct {
	SPF       string `json:"spf,omitempty"` // "pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"
	SPFDomain string `json:"spf_domain,omitempty"`
	DKIM      []DKIM `json:"dkim,omitempty"`
	Remote    string `json:"remote,omitempty"` // address of the client
	HELO      string `json:"helo,omitempty"`
	TLS       bool   `json:"tls,omitempty"`
}

// DKIM is the outcome for one DKIM signature (RFC 6376).
type DKIM struct {
	Domain  string `json:"domain"`
	Result  string `json:"result"`            // "pass", "fail", "temperror", "permerror"
	Aligned bool   `json:"aligned,omitempty"` // Domain and the From address belong to one organization (RFC 7489 section 3.1)
}

// Aligned reports whether a valid DKIM signature by the organization of the From
// address covers the mail.
func (a Auth) Aligned() bool {
	for _, d := range a.DKIM {
		if d.Aligned && d.Result == "pass" {
			return true
		}
	}
	return false
}

// Trouble is a plain statement of what is wrong with a message: a catalogue key
// and its arguments.
type Trouble struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// Authenticates returns the signature that says who wrote all of the message: a
// good one by a registered key over the whole body, on a payload that
// was not seen before. Everything else in a mail can be forged.
func (m Message) Authenticates() (Signature, bool) {
	if m.Replayed {
		return Signature{}, false
	}
	for _, s := range m.Signatures {
		if s.Result == SigGood && s.Whole && (s.Person != "" || s.Address != "") {
			return s, true
		}
	}
	return Signature{}, false
}

// In returns the message as it counts in a project: signatures by keys that another one
// registered for an address are by nobody known.
func (m Message) In(project people.ProjectID) Message {
	m.Signatures = slices.Clone(m.Signatures)
	for i, s := range m.Signatures {
		if s.Address != "" && s.Project != string(project) {
			m.Signatures[i] = Signature{Part: s.Part, Whole: s.Whole, Result: SigUnknownKey, Fingerprint: s.Fingerprint, At: s.At}
		}
	}
	return m
}

// Confidence is whose key seals the message: the arrival's own, else the message's own
// where it came over a link, else the object's (what we wrote).
func (m Message) Confidence() string {
	switch {
	case m.Intake != "":
		return Intake{ID: m.Intake}.Confidence()
	case m.Inbound:
		return "message:" + string(m.ID)
	default:
		return "report:" + m.Object
	}
}
