package cve

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// Finding is one breach of a rule; its Test is the rule's number.
type Finding = rule.Finding

// Rule is one rule of Lint.
type Rule struct {
	ID       string
	Severity rule.Severity
	Text     string // what a record has to be
}

// Rules returns the rules of Lint in the order of their numbers, which are cvelint's.
// E003 and E020 look at the reasons of rejected records as well; all others but E001,
// E002, E004 and E014 concern published records alone.
func Rules() []Rule {
	return []Rule{
		{"E001", rule.Error, "References are URLs of http, https, ftp or ftps."},
		{"E002", rule.Error, "No URL of a reference occurs twice."},
		{"E003", rule.Error, "The English description, or reason of a rejection, is one and has at least 10 characters."},
		{"E004", rule.Error, "Descriptions have no white space at their ends."},
		{"E005", rule.Error, "The severity of a CVSS 3 score is that of its base score."},
		{"E006", rule.Error, "A product is affected, or its status is unknown."},
		{"E007", rule.Error, "Versions are versions, of their versionType where that is known, not sentences."},
		{"E008", rule.Error, "vendor is a name, not a placeholder or a URL."},
		{"E009", rule.Error, "product is a name, not a placeholder or a URL."},
		{"E010", rule.Error, "No reference leads to the record itself."},
		{"E011", rule.Warning, "versionType is not custom."},
		{"E013", rule.Error, "packageURL is valid and agrees with the name of the product's package."},
		{"E014", rule.Error, "The id is a CVE id, the state PUBLISHED or REJECTED."},
		{"E015", rule.Error, "There is a description in English."},
		{"E016", rule.Error, "There is a reference."},
		{"E017", rule.Error, "CVSS 3 scores are between 0 and 10, and their severity is a known one."},
		{"E018", rule.Error, "Lines of the timeline have a time and a text."},
		{"E019", rule.Error, "Credits name somebody."},
		{"E020", rule.Error, "Descriptions and reasons of rejections have characters, not their Unicode escapes."},
	}
}

// Lint returns what breaks the rules. It never panics on a record that Read has
// reported.
func Lint(r *Record) []Finding {
	l := &linter{}
	l.always(r)
	switch c := &r.Containers.CNA; r.Metadata.State {
	case Published:
		l.texts(cna+"/descriptions", c.Descriptions)
		l.published(r, c)
	case Rejected:
		l.texts(cna+"/rejectedReasons", c.RejectedReasons)
	}
	return l.findings
}

type linter struct{ findings []Finding }

func (l *linter) report(id, pointer string, fix rule.Fix, format string, args ...any) {
	severity := rule.Error
	if id == "E011" {
		severity = rule.Warning
	}
	l.findings = append(l.findings, Finding{Test: id, Severity: severity, Pointer: pointer, Message: fmt.Sprintf(format, args...), Fix: fix})
}

const cna = "/containers/cna"

// always are the rules for records of both states.
func (l *linter) always(r *Record) {
	if !isID(r.Metadata.ID) {
		l.report("E014", "/cveMetadata/cveId", nil, "%q is no CVE id", r.Metadata.ID)
	}
	if s := r.Metadata.State; s != Published && s != Rejected {
		l.report("E014", "/cveMetadata/state", nil, "%q is no state", s)
	}
	c := &r.Containers.CNA
	seen := map[string]bool{}
	for i, ref := range c.References {
		at := rule.At(cna+"/references/%/url", i)
		scheme, _, _ := strings.Cut(ref.URL, "://")
		switch scheme {
		case "http", "https", "ftp", "ftps":
		default:
			l.report("E001", at, nil, "%q is no URL of http, https, ftp or ftps", ref.URL)
		}
		if seen[ref.URL] {
			l.report("E002", at, rule.Remove(rule.At(cna+"/references/%", i)), "%q occurs twice", ref.URL)
		}
		seen[ref.URL] = true
	}
	for i, d := range c.Descriptions {
		if trimmed := strings.TrimSpace(d.Value); trimmed != d.Value {
			at := rule.At(cna+"/descriptions/%/value", i)
			l.report("E004", at, rule.Replace(at, trimmed), "white space at an end")
		}
	}
}

// isSelf reports whether a URL is a page of the CVE Program that shows a record. Those
// of others, as the NVD, are references.
func isSelf(url, id string) bool {
	_, address, ok := strings.Cut(strings.ToLower(url), "://")
	if id == "" || !ok {
		return false
	}
	address, id = strings.TrimPrefix(address, "www."), strings.ToLower(id)
	for _, page := range [...]string{"cve.org/cverecord?id=", "cve.mitre.org/cgi-bin/cvename.cgi?name="} {
		if address == page+id {
			return true
		}
	}
	return false
}

// texts are the rules for descriptions and for the reasons of a rejection.
func (l *linter) texts(at string, all []Description) {
	english := 0
	for i, d := range all {
		if d.Lang == "en" {
			english++
		}
		if isEnglish(d.Lang) && utf8.RuneCountInString(strings.TrimSpace(d.Value)) < shortest {
			l.report("E003", rule.At(at+"/%/value", i), nil, "an English text of fewer than %d characters", shortest)
		}
		if e := escapeRE.FindString(d.Value); e != "" {
			l.report("E020", rule.At(at+"/%/value", i), nil, "%s stands for a character", e)
		}
	}
	if english > 1 {
		l.report("E003", at, nil, "%d texts of the language en, not one", english)
	}
}

// shortest is the least length of an English description (E003).
const shortest = 10

func (l *linter) published(r *Record, c *CNA) {
	if !slices.ContainsFunc(c.Descriptions, func(d Description) bool { return isEnglish(d.Lang) }) {
		l.report("E015", cna+"/descriptions", nil, "no description is in English")
	}
	for i, ref := range c.References {
		if isSelf(ref.URL, r.Metadata.ID) {
			l.report("E010", rule.At(cna+"/references/%/url", i), nil, "%q is the record itself", ref.URL)
		}
	}
	if len(c.References) == 0 {
		l.report("E016", cna+"/references", nil, "there is no reference")
	}
	l.products(c.Affected)
	for i := range c.Metrics {
		l.metric(i, &c.Metrics[i])
	}
	for i, e := range c.Timeline {
		if e.Time == "" || strings.TrimSpace(e.Value) == "" {
			l.report("E018", rule.At(cna+"/timeline/%", i), nil, "a time or a text is missing")
		}
	}
	for i, who := range c.Credits {
		if strings.TrimSpace(who.Value) == "" {
			l.report("E019", rule.At(cna+"/credits/%/value", i), nil, "nobody is named")
		}
	}
}

func (l *linter) metric(i int, m *Metric) {
	check := func(name string, score float64, severity string) {
		at := rule.At(cna+"/metrics/%/"+name, i)
		if score < 0 || score > 10 {
			l.report("E017", at+"/baseScore", nil, "a score of %v", score)
		} else if want := severityOf(score); !strings.EqualFold(severity, want) {
			l.report("E005", at+"/baseSeverity", rule.Replace(at+"/baseSeverity", want), "%q is not the severity of %v, which is %s", severity, score, want)
		}
		switch severity {
		case "", "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL":
		default:
			l.report("E017", at+"/baseSeverity", nil, "%q is no severity", severity)
		}
	}
	if m.V31 != nil {
		check("cvssV3_1", m.V31.BaseScore, m.V31.BaseSeverity)
	}
	if m.V30 != nil {
		check("cvssV3_0", m.V30.BaseScore, m.V30.BaseSeverity)
	}
}

func (l *linter) products(all []Product) {
	affected := false
	for i := range all {
		p := &all[i]
		at := rule.At(cna+"/affected/%", i)
		affected = affected || p.DefaultStatus == "affected" || p.DefaultStatus == "unknown"
		for j := range p.Versions {
			v := &p.Versions[j]
			affected = affected || v.Status == "affected" || v.Status == "unknown"
			l.version(rule.At(at+"/versions/%", j), v)
		}
		if isNoName(p.Vendor) {
			l.report("E008", at+"/vendor", nil, "%q is no name", p.Vendor)
		}
		if isNoName(p.Product) {
			l.report("E009", at+"/product", nil, "%q is no name", p.Product)
		}
		l.packageURL(at, p)
	}
	if !affected {
		l.report("E006", cna+"/affected", nil, "no product is affected")
	}
}

func (l *linter) packageURL(at string, p *Product) {
	if p.PackageURL == "" {
		return
	}
	u, err := purl.Parse(p.PackageURL)
	if err != nil {
		l.report("E013", at+"/packageURL", nil, "%q: %v", p.PackageURL, err)
		return
	}
	name := u.Name
	if u.Namespace != "" {
		name = u.Namespace + "/" + u.Name
	}
	if p.PackageName != "" && !strings.EqualFold(strings.ReplaceAll(p.PackageName, ":", "/"), name) && !strings.EqualFold(p.PackageName, u.Name) {
		l.report("E013", at+"/packageURL", nil, "%q is not the package %q", p.PackageURL, p.PackageName)
	}
}

// isNoName reports whether a text says that there is no name, or is a URL, which belongs
// into collectionURL. The schema allows n/a for a vendor that does not exist; readers
// can do nothing with it. "Unknown" is a name that records do have.
func isNoName(s string) bool {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "n/a", "-", "/", "*":
		return true
	}
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}
