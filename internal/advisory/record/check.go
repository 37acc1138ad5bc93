package record

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/cwe"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Limits of a record. They are far above any real advisory.
const (
	maxLine = 300
	maxText = 100_000
	maxRows = 200
	// maxPackages is of one branch: a kernel has hundreds.
	maxPackages = 5000
)

// Problems returns what keeps the record from being approved, each beside its
// field, or nil. A draft is saved with problems; nothing is published with one.
func (r Record) Problems() []fault.Field {
	var c fault.Checks
	line(&c, "title", r.Title, true)
	text(&c, "summary", r.Summary, true)
	text(&c, "impact", r.Impact, true)
	text(&c, "details", r.Details, false)
	text(&c, "workarounds", r.Workarounds, false)
	r.checkBranches(&c)
	r.checkScores(&c)
	r.checkCVE(&c)
	r.checkLists(&c)
	checkIDs(&c, "aliases", r.Aliases)
	checkIDs(&c, "related", r.Related)
	_, known := pubtree.LevelOf(r.TLP)
	c.Require(known && r.TLP != "", "tlp", "advisory.problem.tlp")
	c.Require(langPattern(r.Lang), "lang", "advisory.problem.lang")
	return fieldsOf(c.Err())
}

// Warnings returns what is allowed and perhaps not meant, each beside its field. They
// keep nothing from being approved.
func (r Record) Warnings() []fault.Field {
	var c fault.Checks
	for i, w := range r.CWE {
		known, ok := cwe.Find(w.ID)
		if !ok {
			continue
		}
		switch {
		case known.Status == cwe.Deprecated:
			c.Add(row("cwe", i, "id"), "advisory.warn.cwe_deprecated", "id", w.ID)
		case known.Usage == cwe.Prohibited || known.Usage == cwe.Discouraged:
			c.Add(row("cwe", i, "id"), "advisory.warn.cwe_usage", "id", w.ID)
		}
	}
	for i, b := range r.Branches {
		if b.Status == NotAffected && b.Covers == "" && b.Purl != "" && slices.ContainsFunc(r.Branches, func(o Branch) bool {
			return o.Purl == b.Purl && (o.Status == Affected || o.Status == Fixed)
		}) {
			// Who reads only package URLs would hold every version for not affected.
			c.Add(row("branches", i, "covers"), "advisory.warn.covers")
		}
	}
	return fieldsOf(c.Err())
}

func fieldsOf(err error) []fault.Field {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Fields
	}
	return nil
}

// Limits refuses what no draft may hold either: sizes and broken characters.
func (r Record) Limits() error {
	var c fault.Checks
	line(&c, "title", r.Title, false)
	for _, t := range []struct{ path, text string }{{"summary", r.Summary}, {"impact", r.Impact}, {"details", r.Details}, {"workarounds", r.Workarounds}} {
		text(&c, t.path, t.text, false)
	}
	for _, b := range r.Branches {
		c.Require(len(b.Packages) <= maxPackages, "branches", "advisory.problem.many", "n", maxPackages)
	}
	for path, n := range map[string]int{"aliases": len(r.Aliases), "related": len(r.Related), "branches": len(r.Branches), "cwe": len(r.CWE), "credits": len(r.Credits), "references": len(r.References), "timeline": len(r.Timeline)} {
		c.Require(n <= maxRows, path, "advisory.problem.many", "n", maxRows)
	}
	return c.Err()
}

func row(list string, i int, field string) string {
	return list + "." + strconv.Itoa(i) + "." + field
}

func (r Record) checkBranches(c *fault.Checks) {
	c.Require(len(r.Branches) > 0, "branches", "advisory.problem.no_branch")
	seen := map[string]bool{}
	for i, b := range r.Branches {
		at := func(field string) string { return row("branches", i, field) }
		line(c, at("product"), b.Product, true)
		line(c, at("name"), b.Name, false)
		key := b.Product + "\x00" + b.Name
		c.Require(!seen[key], at("name"), "advisory.problem.branch_twice")
		seen[key] = true
		c.Require(slices.Contains(Statuses(), b.Status), at("status"), "advisory.problem.status")
		if b.Purl != "" {
			u, err := purl.Parse(b.Purl)
			c.Require(err == nil && u.Version == "", at("purl"), "advisory.problem.purl")
		}
		c.Require(b.CPE == "" || anyVersion(b.CPE), at("cpe"), "advisory.problem.cpe")
		line(c, at("platform"), b.Platform, false)
		b.checkVersions(c, at)
		b.checkPackages(c, at)
		b.checkCommits(c, at)
		c.Require(b.FixURL == "" || pubtree.IsWeb(b.FixURL), at("fix_url"), "advisory.problem.url")
	}
}

func (b Branch) checkVersions(c *fault.Checks, at func(string) string) {
	if b.Status == Affected || b.Status == Fixed {
		_, _, ok := ParseVersions(b.Affected)
		c.Require(ok, at("affected"), "advisory.problem.versions")
	}
	switch b.Status {
	case Fixed:
		c.Require(isVersion(b.Fixed), at("fixed"), "advisory.problem.fixed")
	case NotAffected:
		b.checkCovers(c, at)
		c.Require(slices.Contains(Justifications(), b.Justification), at("justification"), "advisory.problem.justification")
	case Investigating:
		b.checkCovers(c, at)
		c.Require(b.Fixed == "", at("fixed"), "advisory.problem.fixed_status")
	case Affected:
		c.Require(b.Fixed == "", at("fixed"), "advisory.problem.fixed_status")
	}
}

func (b Branch) checkCovers(c *fault.Checks, at func(string) string) {
	_, _, ok := ParseVersions(b.Covers)
	c.Require(ok || b.Covers == "", at("covers"), "advisory.problem.versions")
}

// Justifications returns the reasons why a branch is not affected (CSAF 2.0, 3.2.3.5).
func Justifications() []string {
	return []string{csaf.VulnerableNotPresent, csaf.NotPresent, csaf.NotInExecutePath, csaf.NotControllable, csaf.AlreadyMitigated}
}

func (r Record) checkScores(c *fault.Checks) {
	if r.CVSS31 != "" {
		_, err := severity.Parse31(r.CVSS31)
		vector(c, "cvss31", err)
	}
	if r.CVSS40 != "" {
		_, err := severity.Parse40(r.CVSS40)
		vector(c, "cvss40", err)
	}
	c.Require(r.CVSS31 != "" || r.CVSS40 != "", "cvss31", "advisory.problem.no_score")
}

func vector(c *fault.Checks, path string, err error) {
	var e *severity.Error
	if errors.As(err, &e) {
		c.Add(path, "advisory.problem.vector", "metric", e.Metric, "value", e.Value)
	}
}

func (r Record) checkCVE(c *fault.Checks) {
	if r.CVE == "" {
		c.Require(strings.TrimSpace(r.NoCVE) != "", "no_cve", "advisory.problem.no_cve")
		return
	}
	c.Require(regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`).MatchString(r.CVE), "cve", "advisory.problem.cve")
	line(c, "assigned_by", r.AssignedBy, true)
}

func (r Record) checkLists(c *fault.Checks) {
	for i, w := range r.CWE {
		known, ok := cwe.Find(w.ID)
		if !ok {
			c.Add(row("cwe", i, "id"), "advisory.problem.cwe", "version", cwe.Newest())
			continue
		}
		c.Require(w.Name == "" || cwe.Named(w.ID, w.Name), row("cwe", i, "id"), "advisory.problem.cwe_other", "name", known.Name)
	}
	for i, x := range r.Credits {
		c.Require(x.Role == "" || slices.Contains(Roles(), x.Role), row("credits", i, "role"), "advisory.problem.choice")
		c.Require(strings.TrimSpace(x.Name+x.Organization) != "", row("credits", i, "name"), "advisory.problem.empty")
	}
	for i, x := range r.References {
		c.Require(pubtree.IsWeb(x.URL), row("references", i, "url"), "advisory.problem.url")
		line(c, row("references", i, "text"), x.Text, true)
		c.Require(x.Kind == "" || slices.Contains(Kinds(), x.Kind), row("references", i, "kind"), "advisory.problem.choice")
	}
	for i, x := range r.Timeline {
		c.Require(!x.At.IsZero(), row("timeline", i, "at"), "advisory.problem.time")
		line(c, row("timeline", i, "text"), x.Text, true)
	}
}

// checkIDs wants ids as all formats take them: one word each.
func checkIDs(c *fault.Checks, path string, list []string) {
	for _, id := range list {
		c.Require(id != "" && len(id) <= maxLine && !strings.ContainsFunc(id, notInID), path, "advisory.problem.id", "id", id)
	}
}

func notInID(r rune) bool { return r <= ' ' || r > '~' || r == ',' }

func langPattern(s string) bool {
	return regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`).MatchString(s)
}

// line wants one line; with need it must not be empty.
func line(c *fault.Checks, path, s string, need bool) {
	switch {
	case need && strings.TrimSpace(s) == "":
		c.Add(path, "advisory.problem.empty")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.Add(path, "advisory.problem.characters")
	case utf8.RuneCountInString(s) > maxLine:
		c.Add(path, "advisory.problem.long", "n", maxLine)
	}
}

// text wants text with line breaks and tabs.
func text(c *fault.Checks, path, s string, need bool) {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }
	switch {
	case need && strings.TrimSpace(s) == "":
		c.Add(path, "advisory.problem.empty")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, bad):
		c.Add(path, "advisory.problem.characters")
	case len(s) > maxText:
		c.Add(path, "advisory.problem.long", "n", maxText)
	}
}
