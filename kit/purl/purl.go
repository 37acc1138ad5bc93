// Package purl checks package URLs (https://github.com/package-url/purl-spec) and
// writes them in canonical form. It stands in front of packageurl-go with limits
// and with plain errors.
package purl

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/package-url/packageurl-go"
)

// MaxLength bounds a package URL in bytes.
const MaxLength = 1024

// Errors of Parse.
var (
	// ErrTooLong is a text of more than MaxLength bytes.
	ErrTooLong = errors.New("purl: too long")
	// ErrScheme is a text that does not begin with "pkg:".
	ErrScheme = errors.New(`purl: does not begin with "pkg:"`)
	// ErrForm is everything else that the specification does not allow: no type,
	// no name, a bad qualifier, control characters.
	ErrForm = errors.New("purl: not a package URL")
)

// Package is a checked package URL.
type Package struct {
	Type, Namespace, Name, Version string
	canonical                      string
}

// String returns the canonical form.
func (p Package) String() string { return p.canonical }

// Versioned returns the canonical text of p with version v in place of its own.
func (p Package) Versioned(v string) string {
	u, err := packageurl.FromString(p.canonical)
	if err != nil {
		return p.canonical
	}
	u.Version = v
	return u.ToString()
}

// Qualifier returns the value of a qualifier, "" when p does not have it.
func (p Package) Qualifier(key string) string {
	u, err := packageurl.FromString(p.canonical)
	if err != nil {
		return ""
	}
	return u.Qualifiers.Map()[key]
}

// Parse checks s. It fails with ErrTooLong, ErrScheme or ErrForm.
func Parse(s string) (Package, error) {
	switch {
	case len(s) > MaxLength:
		return Package{}, ErrTooLong
	case !strings.HasPrefix(s, "pkg:"):
		return Package{}, ErrScheme
	case !utf8.ValidString(s) || strings.ContainsFunc(s, forbidden):
		return Package{}, ErrForm
	}
	u, err := packageurl.FromString(s)
	if err != nil || u.Name == "" || u.Type == "" {
		return Package{}, ErrForm
	}
	out := u.ToString()
	// What does not read back as itself has more than one meaning.
	again, err := packageurl.FromString(out)
	if err != nil || again.ToString() != out || len(out) > MaxLength {
		return Package{}, ErrForm
	}
	return Package{Type: u.Type, Namespace: u.Namespace, Name: u.Name, Version: u.Version, canonical: out}, nil
}

// forbidden tells characters that a package URL carries only percent-encoded.
func forbidden(r rune) bool { return r <= ' ' || r == 0x7f || r == '<' || r == '>' || r == '"' }
