// Package vers reads version ranges as VERS writes them ("vers:npm/>=2.0.0|<5.0.0") and
// as CSAF's fall-back does without scheme and type ("vls", ">=2.0.0|<5.0.0"), and tells
// whether a version is in a range and whether two ranges overlap.
//
//	r, err := vers.Parse("vers:intdot/>2.1.0|<4.2.0")
//	in, known := r.Contains("2.4.0")
//
// How the versions of a type are ordered is Compare's: those of package ecosystems have
// the orders of package version, the general types those of the specification. Types
// without one that is written down use the generic order, which is right for what people
// usually write and not for every corner.
//
// Sources: the VERS specification (package-url/vers-spec, clause 5 and "How to parse"),
// CSAF 2.1, section 3.1.2.3.2.
package vers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxLength bounds a range in bytes, MaxConstraints the number of its constraints.
const (
	MaxLength      = 64 << 10
	MaxConstraints = 1000
)

// Errors of Parse and ParseLike.
var (
	// ErrScheme is a text that does not begin with "vers:".
	ErrScheme = errors.New(`vers: does not begin with "vers:"`)
	// ErrType is a missing type, one with characters that types do not have, or "invalid".
	ErrType = errors.New("vers: no type, or one with characters that types do not have")
	// ErrConstraint is an empty constraint, or one with white space, characters that are
	// not of ASCII, a bad escape or nothing behind its comparator.
	ErrConstraint = errors.New("vers: a constraint that is none")
	// ErrTooLong is a range over MaxLength or MaxConstraints.
	ErrTooLong = errors.New("vers: too long")
)

// Comparator is how a constraint limits a range.
type Comparator string

// The comparators.
const (
	Equal        Comparator = "="
	NotEqual     Comparator = "!="
	Less         Comparator = "<"
	LessEqual    Comparator = "<="
	Greater      Comparator = ">"
	GreaterEqual Comparator = ">="
)

// lower and upper report whether the comparator opens or closes an interval.
func (c Comparator) lower() bool { return c == Greater || c == GreaterEqual }
func (c Comparator) upper() bool { return c == Less || c == LessEqual }

// Constraint is one bound of a range.
type Constraint struct {
	Comparator Comparator
	Version    string // decoded
}

// Range is a version range.
type Range struct {
	Type        string // "" for a range without type (vls)
	All         bool   // "*": every version
	None        bool   // vers:none/*: no version
	Constraints []Constraint
}

// Parse reads a range with scheme and type. It fails with ErrScheme, ErrType,
// ErrConstraint or ErrTooLong. The order of the constraints is not checked, see Check.
func Parse(s string) (Range, error) {
	rest, ok := strings.CutPrefix(s, "vers:")
	if !ok {
		return Range{}, ErrScheme
	}
	kind, list, ok := strings.Cut(rest, "/")
	if !ok || !isType(kind) || kind == "invalid" { // reserved for what is no range (5.3.2.1)
		return Range{}, ErrType
	}
	r := Range{Type: kind}
	if list == "*" {
		r.All, r.None = kind != "none", kind == "none"
		return r, nil
	}
	if kind == "all" || kind == "none" {
		return Range{}, fmt.Errorf("%w: the only range of the type %s is *", ErrConstraint, kind)
	}
	err := r.constraints(list, false)
	return r, err
}

// ParseLike reads a VERS-like specifier: the constraints alone. "=" before a version is
// allowed. It fails with ErrConstraint or ErrTooLong.
func ParseLike(s string) (Range, error) {
	var r Range
	if s == "*" {
		return Range{All: true}, nil
	}
	err := r.constraints(s, true)
	return r, err
}

// isType is the pattern of a type: small letters, digits, ".", "-" and "+", no digit
// first.
func isType(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && c != '.' && c != '-' && c != '+' && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return s != ""
}

func (r *Range) constraints(list string, like bool) error {
	if len(list) > MaxLength || strings.Count(list, "|") >= MaxConstraints {
		return ErrTooLong
	}
	r.Constraints = make([]Constraint, 0, strings.Count(list, "|")+1)
	for part := range strings.SplitSeq(list, "|") {
		c := Constraint{Comparator: Equal}
		for _, k := range [...]Comparator{GreaterEqual, LessEqual, NotEqual, Less, Greater, Equal} {
			if rest, ok := strings.CutPrefix(part, string(k)); ok {
				if k == Equal && !like {
					return fmt.Errorf("%w: %q begins with =, which is left out", ErrConstraint, part)
				}
				c.Comparator, part = k, rest
				break
			}
		}
		var err error
		if c.Version, err = decode(part, like); err != nil {
			return err
		}
		r.Constraints = append(r.Constraints, c)
	}
	return nil
}

// decode checks a version and resolves its escapes; a vls has none.
func decode(s string, like bool) (string, error) {
	if s == "" || strings.ContainsAny(s, "<>=!|*") || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", fmt.Errorf("%w: the version %q", ErrConstraint, s)
	}
	if like || !strings.Contains(s, "%") {
		return s, nil
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
			return "", fmt.Errorf("%w: a bad escape in %q", ErrConstraint, s)
		}
		out.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
		i += 2
	}
	return out.String(), nil
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// String writes the range as Parse and ParseLike read it.
func (r Range) String() string {
	var b strings.Builder
	if r.Type != "" {
		b.WriteString("vers:" + r.Type + "/")
	}
	if r.All || r.None {
		b.WriteByte('*')
	}
	for i, c := range r.Constraints {
		if i > 0 {
			b.WriteByte('|')
		}
		if c.Comparator != Equal {
			b.WriteString(string(c.Comparator))
		}
		for j := range len(c.Version) {
			if v := c.Version[j]; r.Type != "" && (v <= ' ' || v >= 0x7f || strings.IndexByte("<>=!|*%", v) >= 0) {
				fmt.Fprintf(&b, "%%%02X", v)
			} else {
				b.WriteByte(v)
			}
		}
	}
	return b.String()
}

// Check reports what keeps the range from being canonical (5.4): constraints out of
// order, a version that occurs twice, comparators that cannot follow each other. It
// returns nil when there is nothing. The order is not looked at where that of the type
// is not known exactly, nor for a range without type.
func (r Range) Check() error {
	exact := Exact(r.Type)
	seen := make(map[string]bool, len(r.Constraints))
	last := Equal // the comparator before, without those that are !=
	for i, c := range r.Constraints {
		if seen[c.Version] {
			return fmt.Errorf("vers: the version %q occurs twice", c.Version)
		}
		seen[c.Version] = true
		if i > 0 && exact {
			switch d := Compare(r.Type, r.Constraints[i-1].Version, c.Version); {
			case d == 0:
				return fmt.Errorf("vers: %q and %q are one version", r.Constraints[i-1].Version, c.Version)
			case d > 0:
				return fmt.Errorf("vers: %q stands behind %q, which is higher", c.Version, r.Constraints[i-1].Version)
			}
		}
		if c.Comparator == NotEqual {
			continue
		}
		if i > 0 && (c.Comparator.upper() && !last.lower() || !c.Comparator.upper() && last.lower()) && !r.onlyUnequal(i) {
			return fmt.Errorf("vers: %s%s follows %s, one of them is redundant", c.Comparator, c.Version, last)
		}
		last = c.Comparator
	}
	return nil
}

// onlyUnequal reports whether the constraints before i are all !=.
func (r Range) onlyUnequal(i int) bool {
	return !slices.ContainsFunc(r.Constraints[:i], func(c Constraint) bool { return c.Comparator != NotEqual })
}
