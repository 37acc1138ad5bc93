package vex

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// Severity is how bad a finding is.
type Severity uint8

// The severities: what the specification says MUST is an Error, the rest a Warning.
const (
	Unrated Severity = iota
	Error
	Warning
)

// String is "error" or "warning".
func (s Severity) String() string { return [...]string{"", "error", "warning"}[s%3] }

// Finding is one breach of one rule.
type Finding struct {
	Rule     string // "VEX-01", see Rules
	Severity Severity
	Pointer  string // JSON pointer into the document
	Message  string // English
}

// String is "error VEX-01 /author: ...".
func (f Finding) String() string {
	return fmt.Sprintf("%s %s %s: %s", f.Severity, f.Rule, f.Pointer, f.Message)
}

// Rules are the rules of Lint with what each asks for.
func Rules() [][2]string {
	return [][2]string{
		{"VEX-01", "@context names the version 0.2.0 of OpenVEX"},
		{"VEX-02", "author, ids, names and statements that are given are not empty"},
		{"VEX-03", "a justification and an impact statement stand at not_affected only, an action statement at affected only"},
		{"VEX-04", "not_affected has a machine-readable justification, not only prose"},
		{"VEX-05", "no time is before the one it follows: last_updated after timestamp, statements not after the document's last time"},
		{"VEX-06", "an action_statement_timestamp has an action_statement"},
		{"VEX-07", "every statement has products"},
		{"VEX-08", "@ids of statements differ from each other and from the document's"},
		{"VEX-09", "no two statements of the same time say different things of one product and vulnerability"},
		{"VEX-10", "purl, cpe22 and cpe23 are what they are called, and hashes have the length of their algorithm"},
		{"VEX-11", "aliases do not repeat the name"},
		{"VEX-12", "a document that was updated has a version above 1"},
	}
}

// Lint checks a document that Read has read without fatal problems.
func Lint(doc *Document) []Finding {
	l := &linter{doc: doc, ids: map[string]bool{doc.ID: true}, said: map[string]string{}}
	if doc.Context != Context {
		l.warn("VEX-01", "/@context", "it is %q; the context of version 0.2.0 is %q", doc.Context, Context)
	}
	if strings.TrimSpace(doc.Author) == "" {
		l.fail("VEX-02", "/author", "the author is empty")
	}
	l.order("/last_updated", doc.Timestamp, doc.LastUpdated, "last_updated is before the timestamp")
	if doc.LastUpdated != "" && doc.LastUpdated != doc.Timestamp && doc.Version == 1 {
		l.warn("VEX-12", "/version", "the document was updated, its version is still 1")
	}
	for i := range doc.Statements {
		l.statement(&doc.Statements[i], fmt.Sprintf("/statements/%d", i))
	}
	return l.found
}

type linter struct {
	doc   *Document
	found []Finding
	ids   map[string]bool
	said  map[string]string // status by vulnerability, product and time
}

func (l *linter) fail(rule, pointer, message string, args ...any) {
	l.found = append(l.found, Finding{rule, Error, pointer, fmt.Sprintf(message, args...)})
}

func (l *linter) warn(rule, pointer, message string, args ...any) {
	l.found = append(l.found, Finding{rule, Warning, pointer, fmt.Sprintf(message, args...)})
}

// order reports a time that is before an earlier one; times that are absent are not compared.
func (l *linter) order(pointer string, earlier, later csaf.Date, message string) {
	a, err := earlier.Time()
	b, err2 := later.Time()
	if err == nil && err2 == nil && b.Before(a) {
		l.fail("VEX-05", pointer, "%s (%s is before %s)", message, later, earlier)
	}
}

func (l *linter) statement(s *Statement, at string) {
	if s.ID != "" && l.ids[s.ID] {
		l.fail("VEX-08", at+"/@id", "the id %q is used before", s.ID)
	}
	l.ids[s.ID] = true
	l.reasons(s, at)
	l.order(at+"/last_updated", or(s.Timestamp, l.doc.Timestamp), s.LastUpdated, "last_updated is before the timestamp")
	last := or(l.doc.LastUpdated, l.doc.Timestamp)
	l.order(at+"/timestamp", s.Timestamp, last, "the statement is newer than the document")
	l.order(at+"/last_updated", s.LastUpdated, last, "the statement was updated after the document")
	if s.ActionTimestamp != "" && s.ActionStatement == "" {
		l.fail("VEX-06", at+"/action_statement_timestamp", "there is no action_statement")
	}
	if strings.TrimSpace(s.Vulnerability.Name) == "" {
		l.fail("VEX-02", at+"/vulnerability/name", "the name is empty")
	}
	for i, a := range s.Vulnerability.Aliases {
		if a == s.Vulnerability.Name {
			l.warn("VEX-11", fmt.Sprintf("%s/vulnerability/aliases/%d", at, i), "the alias is the name")
		}
	}
	if len(s.Products) == 0 {
		l.warn("VEX-07", at, "the statement has no products")
	}
	for i := range s.Products {
		p := &s.Products[i]
		where := fmt.Sprintf("%s/products/%d", at, i)
		l.identifiers(p.Identifiers, p.Hashes, where)
		for j := range p.Subcomponents {
			l.identifiers(p.Subcomponents[j].Identifiers, p.Subcomponents[j].Hashes, fmt.Sprintf("%s/subcomponents/%d", where, j))
		}
		l.contradiction(s, p, where)
	}
}

// reasons are the rules of status, justification, impact and action.
func (l *linter) reasons(s *Statement, at string) {
	if s.Status != NotAffected && s.Justification != "" {
		l.fail("VEX-03", at+"/justification", "a justification belongs to not_affected, not to %s", s.Status)
	}
	if s.Status != NotAffected && s.ImpactStatement != "" {
		l.fail("VEX-03", at+"/impact_statement", "an impact_statement belongs to not_affected, not to %s", s.Status)
	}
	if s.Status != Affected && s.ActionStatement != "" {
		l.fail("VEX-03", at+"/action_statement", "an action_statement belongs to affected, not to %s", s.Status)
	}
	if s.Status == NotAffected && s.Justification == "" {
		if strings.TrimSpace(s.ImpactStatement) == "" {
			l.fail("VEX-02", at+"/impact_statement", "there is no justification and the impact_statement is empty")
		}
		l.warn("VEX-04", at, "an impact_statement alone cannot be read by machines")
	}
	if s.Status == Affected && strings.TrimSpace(s.ActionStatement) == "" {
		l.fail("VEX-02", at+"/action_statement", "the action_statement is empty")
	}
}

func (l *linter) contradiction(s *Statement, p *Product, at string) {
	subs := []Component{{}}
	if len(p.Subcomponents) > 0 {
		subs = p.Subcomponents
	}
	for _, c := range subs {
		key := strings.Join([]string{s.Vulnerability.Name, nameOf(p.ID, p.Identifiers), nameOf(c.ID, c.Identifiers), instant(or(s.Timestamp, l.doc.Timestamp))}, "\x00")
		if was, ok := l.said[key]; ok && was != s.Status {
			l.fail("VEX-09", at, "a statement of the same time says %s of the product, this one %s", was, s.Status)
		}
		l.said[key] = s.Status
	}
}

var (
	cpe22RE = regexp.MustCompile(`^(?i:cpe):/[AHOaho]?(:[A-Za-z0-9._\-~%]*){0,6}$`)
	cpe23RE = regexp.MustCompile(`^cpe:2\.3:[aho*\-](:(\\.|[^:\\\s])+){10}$`)
)

func (l *linter) identifiers(id *Identifiers, h *Hashes, at string) {
	if id != nil {
		if _, err := purl.Parse(id.PURL); err != nil && id.PURL != "" {
			l.fail("VEX-10", at+"/identifiers/purl", "%q is no package URL", id.PURL)
		}
		if id.CPE22 != "" && !cpe22RE.MatchString(id.CPE22) {
			l.fail("VEX-10", at+"/identifiers/cpe22", "%q is no CPE 2.2 name", id.CPE22)
		}
		if id.CPE23 != "" && !cpe23RE.MatchString(id.CPE23) {
			l.fail("VEX-10", at+"/identifiers/cpe23", "%q is no CPE 2.3 name", id.CPE23)
		}
	}
	if h == nil {
		return
	}
	for _, x := range []struct {
		name, value string
		bits        int
	}{{"md5", h.MD5, 128}, {"sha1", h.SHA1, 160}, {"sha-256", h.SHA256, 256}, {"sha-384", h.SHA384, 384}, {"sha-512", h.SHA512, 512},
		{"sha3-224", h.SHA3224, 224}, {"sha3-256", h.SHA3256, 256}, {"sha3-384", h.SHA3384, 384}, {"sha3-512", h.SHA3512, 512},
		{"blake2s-256", h.BLAKE2s256, 256}, {"blake2b-256", h.BLAKE2b256, 256}, {"blake2b-512", h.BLAKE2b512, 512}} {
		if x.value != "" && (len(x.value) != x.bits/4 || strings.Trim(x.value, "0123456789abcdefABCDEF") != "") {
			l.fail("VEX-10", at+"/hashes/"+x.name, "%q is no %s in hexadecimal", x.value, x.name)
		}
	}
}

// or is the first date that is there.
func or(a, b csaf.Date) csaf.Date {
	if a != "" {
		return a
	}
	return b
}

// instant is a time in one spelling, whatever its zone.
func instant(d csaf.Date) string {
	if t, err := d.Time(); err == nil {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return string(d)
}

// nameOf is what tells a component from others.
func nameOf(id string, i *Identifiers) string {
	switch {
	case i != nil && i.PURL != "":
		return i.PURL
	case id != "":
		return id
	case i != nil && i.CPE23 != "":
		return i.CPE23
	case i != nil:
		return i.CPE22
	}
	return ""
}
