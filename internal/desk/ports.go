package desk

import (
	"context"
	"io"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// PGP opens and verifies OpenPGP (RFC 9580); the server adapts platform/pgp. The
// errors are faults with a catalogue key that says what is wrong with the message.
type PGP interface {
	// Decrypt streams the plain text into w and returns what is known of it. After an
	// error nothing that went to w may be used.
	Decrypt(ctx context.Context, keys []people.PrivateKey, known []people.Key, now time.Time, r io.Reader, w io.Writer) (Verdict, error)
	// VerifyDetached checks a detached signature over a stream.
	VerifyDetached(ctx context.Context, signed io.Reader, signature []byte, known []people.Key, now time.Time) (Verdict, error)
	// VerifyClearsigned returns the text that a clearsigned message covers.
	VerifyClearsigned(ctx context.Context, text []byte, known []people.Key, now time.Time) ([]byte, Verdict, error)
}

// Verdict is what OpenPGP says of one payload.
type Verdict struct {
	Whole      bool // nothing of the payload lies outside of the signatures
	Signatures []VerdictSignature
}

// VerdictSignature is one signature of a payload.
type VerdictSignature struct {
	KeyID  string // 16 hex digits, as the signature names its key
	By     string // fingerprint of a known key, else ""
	At     time.Time
	Result SigResult
}

// Checker checks where a mail came from (SPF and DKIM); the server adapts
// mailer.Check.
type Checker interface {
	Check(ctx context.Context, e Envelope, raw io.Reader) (Auth, error)
}

// Keys finds public keys: people.KeyStore is one.
type Keys interface {
	KeysOf(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID, person people.PersonID, address string) ([]people.Key, error)
	KeysByHandle(ctx context.Context, v unit.View, sc people.Scope, projects []people.ProjectID, handles []string) ([]people.Key, error)
}

// Secrets finds the private keys that open a project's mail: people.Keyring is one.
type Secrets interface {
	All(ctx context.Context, v unit.View, purpose string, project people.ProjectID) ([]people.PrivateKey, error)
}

// Projects finds projects: people.Directory is one.
type Projects interface {
	Project(ctx context.Context, v unit.View, sc people.Scope, id people.ProjectID) (people.Project, error)
	ProjectByAddress(ctx context.Context, v unit.View, sc people.Scope, address string) (people.Project, error)
	ProjectBySlug(ctx context.Context, v unit.View, sc people.Scope, slug string) (people.Project, error)
	AllProjects(ctx context.Context, v unit.View, sc people.Scope) ([]people.Project, error)
	Team(ctx context.Context, v unit.View, sc people.Scope, project people.ProjectID) ([]people.Teammate, error)
}

// Post sends letters: people.Post is one.
type Post interface {
	Put(ctx context.Context, tx unit.Tx, sc people.Scope, l people.Letter) error
	NewMessageID() string
}

// Letters knows what became of letters: people.LetterStore is one.
type Letters interface {
	// SentEncrypted returns those of the letters that went out encrypted.
	SentEncrypted(ctx context.Context, v unit.View, sc people.Scope, letters []string) (map[string]bool, error)
}

// Links makes and checks the secret links of reporters.
type Links interface {
	// Token returns the secret of the report's status page; the same until the
	// report's serial number changes.
	Token(r ReportID, serial int) string
	// ByToken returns the report of a token, or fault.Missing; it takes the same
	// steps either way.
	ByToken(ctx context.Context, v unit.View, sc people.Scope, token string) (ReportID, error)
}
