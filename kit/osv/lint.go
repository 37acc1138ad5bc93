package osv

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/version"
)

// Finding is one breach of a rule; its Test is the rule's number.
type Finding = rule.Finding

// Rule is one rule of Lint.
type Rule struct {
	ID       string
	Severity rule.Severity
	Text     string // what a record has to be
}

// Rules returns the rules of Lint in the order of their numbers. Those below 100 are
// osv-linter's.
func Rules() []Rule {
	return []Rule{
		{"REC:001", rule.Error, "A record that is not withdrawn says what is affected."},
		{"REC:002", rule.Error, "aliases name neither the record itself nor one id twice."},
		{"REC:003", rule.Error, "upstream names neither the record, nor an alias, nor a related id, nor one id twice."},
		{"REC:004", rule.Error, "related names neither the record itself nor one id twice."},
		{"REC:005", rule.Error, "id has letters and digits of ASCII and : _ . - alone."},
		{"REC:101", rule.Error, "published is not after modified."},
		{"REC:102", rule.Warning, "withdrawn is neither before published nor after modified."},
		{"REC:103", rule.Warning, "schema_version is given, and a semantic version."},
		{"RNG:001", rule.Error, "Every range has an event introduced."},
		{"RNG:002", rule.Error, "What introduced is not also fixed; ranges without a package are of type GIT."},
		{"RNG:101", rule.Error, "Each fixed or last_affected follows an introduced in the order of the ecosystem."},
		{"RNG:102", rule.Error, "Versions of a SEMVER range are semantic versions without v."},
		{"RNG:103", rule.Warning, "Versions of an ECOSYSTEM range are versions of the ecosystem."},
		{"PKG:001", rule.Error, "The package exists in its registry (asked through Options)."},
		{"PKG:002", rule.Error, "The versions exist in the registry (asked through Options)."},
		{"PKG:003", rule.Error, "purl is a valid package URL."},
		{"PKG:101", rule.Error, "The ecosystem is one that the schema knows."},
		{"PKG:102", rule.Error, "purl is of the ecosystem and has the name of the package."},
		{"PKG:103", rule.Warning, "purl has no version: versions and ranges say that."},
	}
}

// Options is what rules may need from outside. Every part is optional.
type Options struct {
	// Exists tells whether a package (version "") or a version exists in the registry
	// of an ecosystem; it must bound its time. Without an answer there is no finding.
	Exists func(ecosystem, name, version string) (exists bool, err error)
}

// Lint returns what breaks the rules, in the order of the record's parts. It never
// panics on a record that Read has reported.
func Lint(r *Record) []Finding { return LintWith(r, Options{}) }

// LintWith is Lint with what some rules need from outside.
func LintWith(r *Record, o Options) []Finding {
	l := &linter{options: o}
	l.record(r)
	for i := range r.Affected {
		l.affected(i, &r.Affected[i])
	}
	return l.findings
}

type linter struct {
	options  Options
	findings []Finding
}

func (l *linter) report(id, pointer string, fix rule.Fix, format string, args ...any) {
	severity := rule.Error
	switch id {
	case "REC:102", "REC:103", "RNG:103", "PKG:103":
		severity = rule.Warning
	}
	l.findings = append(l.findings, Finding{Test: id, Severity: severity, Pointer: pointer, Message: fmt.Sprintf(format, args...), Fix: fix})
}

func (l *linter) record(r *Record) {
	if r.SchemaVersion == "" || !strictSemver(r.SchemaVersion) {
		l.report("REC:103", "/schema_version", nil, "schema_version %q is no version", r.SchemaVersion)
	}
	if r.Withdrawn == "" && len(r.Affected) == 0 {
		l.report("REC:001", "/affected", nil, "nothing is affected and the record is not withdrawn")
	}
	if strings.ContainsFunc(r.ID, notOfIDs) {
		l.report("REC:005", "/id", nil, "the id %q needs escapes in URLs or shells", r.ID)
	}
	aliases, related := set(r.Aliases), set(r.Related)
	l.ids("REC:002", "/aliases", r.Aliases, r.ID, nil, nil)
	l.ids("REC:004", "/related", r.Related, r.ID, nil, nil)
	l.ids("REC:003", "/upstream", r.Upstream, r.ID, aliases, related)
	if before(r.Modified, r.Published) {
		l.report("REC:101", "/published", nil, "published %s is after modified %s", r.Published, r.Modified)
	}
	if before(r.Withdrawn, r.Published) || before(r.Modified, r.Withdrawn) {
		l.report("REC:102", "/withdrawn", nil, "withdrawn %s is not between published and modified", r.Withdrawn)
	}
}

// notOfIDs tells characters that an id should not have (ossf/osv-schema issue 547).
func notOfIDs(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(":_.-", c)
}

// ids finds ids that a list must not have.
func (l *linter) ids(id, pointer string, list []string, self string, aliases, related map[string]bool) {
	seen := map[string]bool{}
	for i, v := range list {
		at := rule.At(pointer+"/%", i)
		switch {
		case seen[v]:
			l.report(id, at, rule.Remove(at), "%q occurs twice", v)
		case v == self:
			l.report(id, at, rule.Remove(at), "%q is the record itself", v)
		case aliases[v]:
			l.report(id, at, nil, "%q is an alias", v)
		case related[v]:
			l.report(id, at, nil, "%q is a related id", v)
		}
		seen[v] = true
	}
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, v := range list {
		m[v] = true
	}
	return m
}

// before reports whether both are times and a is before b. The zero time of Go means
// that a time is not known.
func before(a, b string) bool {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return errX == nil && errY == nil && !x.IsZero() && !y.IsZero() && x.Before(y)
}

func (l *linter) affected(i int, a *Affected) {
	order := version.None
	if p := a.Package; p != nil {
		l.pkg(i, p)
		order = version.For(p.Ecosystem)
		l.exists(i, a)
	}
	for j := range a.Ranges {
		l.rng(i, j, &a.Ranges[j], order, a.Package != nil)
	}
}

func (l *linter) pkg(i int, p *Package) {
	if !isEcosystem(p.Ecosystem) {
		l.report("PKG:101", rule.At("/affected/%/package/ecosystem", i), nil, "the schema does not know the ecosystem %q", p.Ecosystem)
	}
	if p.PURL == "" {
		return
	}
	at := rule.At("/affected/%/package/purl", i)
	u, err := purl.Parse(p.PURL)
	if err != nil {
		l.report("PKG:003", at, nil, "%q: %v", p.PURL, err)
		return
	}
	if u.Version != "" {
		l.report("PKG:103", at, rule.Replace(at, u.Versioned("")), "the package URL has the version %q", u.Version)
	}
	if !purlAgrees(p, u) {
		l.report("PKG:102", at, nil, "%q is not the package %q of %s", p.PURL, p.Name, p.Ecosystem)
	}
}

// exists asks the registry, when there is somebody to ask.
func (l *linter) exists(i int, a *Affected) {
	if l.options.Exists == nil {
		return
	}
	p := a.Package
	if ok, err := l.options.Exists(p.Ecosystem, p.Name, ""); err == nil && !ok {
		l.report("PKG:001", rule.At("/affected/%/package/name", i), nil, "%s has no package %q", p.Ecosystem, p.Name)
		return
	}
	for j, v := range a.Versions {
		if ok, err := l.options.Exists(p.Ecosystem, p.Name, v); err == nil && !ok {
			l.report("PKG:002", rule.At("/affected/%/versions/%", i, j), nil, "%s has no version %q of %q", p.Ecosystem, v, p.Name)
		}
	}
}
