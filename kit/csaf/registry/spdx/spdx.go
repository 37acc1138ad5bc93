// Package spdx reads SPDX licence expressions (SPDX 3.0.1, annex B) as CSAF 2.1 allows
// them in document.license_expression, and knows the identifiers of the SPDX licence
// list: tests 6.1.54, 6.1.55, 6.2.44, 6.2.45 and 6.3.17 of CSAF 2.1. The texts of
// licences are nowhere here.
//
// The table is generated (registry/spdx/gen) and needs no start-up work.
package spdx

import (
	"errors"
	"fmt"
	"strings"
)

//go:generate sh -c "go run ./gen \"$SPDX\" > table.new && mv table.new table.go"

// State is what the licence list says of an identifier.
type State int

// The states of an identifier.
const (
	Unlisted State = iota
	Listed
	Deprecated
)

// License returns the state of a licence's identifier, small and capital letters being
// the same (annex B.2).
func License(id string) State { return find(licenses, id) }

// Exception returns the state of an exception's identifier.
func Exception(id string) State { return find(exceptions, id) }

// find looks an identifier up in a table: small letters, each identifier between line
// feeds, "!" before those that are deprecated.
func find(table, id string) State {
	id = strings.ToLower(id)
	if id == "" || strings.ContainsAny(id, "\n!") {
		return Unlisted
	}
	for from := 0; ; {
		i := strings.Index(table[from:], id)
		if i < 0 {
			return Unlisted
		}
		i += from
		from = i + 1
		if table[i+len(id)] == '\n' {
			switch table[i-1] {
			case '\n':
				return Listed
			case '!':
				return Deprecated
			}
		}
	}
}

// Kind is what a part of an expression is.
type Kind int

// The kinds of parts.
const (
	NoKind      Kind = iota
	LicenseID        // MIT
	ExceptionID      // Classpath-exception-2.0, behind WITH
	LicenseRef       // LicenseRef-example.org-1.0
	AdditionRef      // AdditionRef-example.org-1.0, behind WITH
)

// ErrExpression is what Parse fails with.
var ErrExpression = errors.New("no SPDX licence expression")

// MaxDepth bounds the brackets around a part of an expression.
const MaxDepth = 100

// Parse reads an expression and calls part for every identifier in it, in order; part
// may be nil. It fails with ErrExpression where the ABNF of annex B or CSAF's rule
// that there is no DocumentRef (3.2.2.7) is broken. Whether identifiers are listed is
// not looked at.
func Parse(s string, part func(kind Kind, id string)) error {
	p := parser{rest: s, part: part}
	p.next()
	if err := p.compound(0); err != nil {
		return err
	}
	if p.token != "" {
		return fmt.Errorf("%w: unexpected %q", ErrExpression, clip(p.token))
	}
	return nil
}

type parser struct {
	rest  string
	token string // "" at the end
	part  func(kind Kind, id string)
}

// next takes the next token: a bracket, or what stands between brackets and spaces.
func (p *parser) next() {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		p.token = ""
		return
	}
	n := strings.IndexAny(p.rest, " ()")
	switch {
	case n < 0:
		n = len(p.rest)
	case n == 0:
		n = 1
	}
	p.token, p.rest = p.rest[:n], p.rest[n:]
}

// compound takes one operand or several with AND and OR between them.
func (p *parser) compound(depth int) error {
	for {
		if err := p.operand(depth); err != nil {
			return err
		}
		switch p.token {
		case "AND", "and", "OR", "or":
			p.next()
		default:
			return nil
		}
	}
}

// operand takes a licence, with an addition or without, or brackets.
func (p *parser) operand(depth int) error {
	if p.token == "(" {
		if depth == MaxDepth {
			return fmt.Errorf("%w: too many brackets", ErrExpression)
		}
		p.next()
		if err := p.compound(depth + 1); err != nil {
			return err
		}
		if p.token != ")" {
			return fmt.Errorf("%w: a bracket is not closed", ErrExpression)
		}
		p.next()
		return nil
	}
	if err := p.identifier(LicenseID, LicenseRef, "LicenseRef-"); err != nil {
		return err
	}
	if p.token != "WITH" && p.token != "with" {
		return nil
	}
	p.next()
	return p.identifier(ExceptionID, AdditionRef, "AdditionRef-")
}

// identifier takes an identifier of a list, or one with the prefix.
func (p *parser) identifier(listed, own Kind, prefix string) error {
	id, kind := p.token, listed
	rest, ok := strings.CutPrefix(id, prefix)
	switch {
	case ok:
		kind = own
	case listed == LicenseID:
		rest, _ = strings.CutSuffix(id, "+") // or any later version
		id = rest
	}
	switch {
	case id == "":
		return fmt.Errorf("%w: an identifier is missing at the end", ErrExpression)
	case isOperator(id), !isIDString(rest), kind == listed && isRef(id):
		return fmt.Errorf("%w: %q is no identifier", ErrExpression, clip(p.token))
	}
	if p.part != nil {
		p.part(kind, id)
	}
	p.next()
	return nil
}

func isOperator(s string) bool {
	switch s {
	case "AND", "and", "OR", "or", "WITH", "with", "(", ")":
		return true
	}
	return false
}

// isRef tells what begins like a reference, whose prefixes have exact letters.
func isRef(s string) bool {
	for _, prefix := range [...]string{"documentref-", "licenseref-", "additionref-"} {
		if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

// isIDString is the rule idstring of the ABNF.
func isIDString(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

// clip shortens foreign text for a message.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "..."
	}
	return s
}
