package mandatory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// version is a parsed version_t: integer or semantic versioning (3.1.11).
type version struct {
	semantic bool
	part     [3]string // digits without leading zeros
	pre      string
}

func parseVersion(s string) version {
	s, _, _ = strings.Cut(s, "+") // build metadata counts in no comparison
	core, pre, _ := strings.Cut(s, "-")
	parts := strings.Split(core, ".")
	v := version{semantic: len(parts) > 1, pre: pre}
	for i := range min(len(parts), 3) {
		v.part[i] = parts[i]
	}
	return v
}

// number compares strings of digits by value, of any length.
func number(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// compare orders versions as SemVer 2.0.0, section 11, asks.
func (v version) compare(o version) int {
	for i := range v.part {
		// An integer is compared as if its other parts were 0 (they are mixed only
		// against 6.1.30).
		if c := number(cmp.Or(v.part[i], "0"), cmp.Or(o.part[i], "0")); c != 0 {
			return c
		}
	}
	switch {
	case v.pre == o.pre:
		return 0
	case v.pre == "":
		return 1
	case o.pre == "":
		return -1
	}
	return comparePre(strings.Split(v.pre, "."), strings.Split(o.pre, "."))
}

func comparePre(a, b []string) int {
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		c := strings.Compare(x, y)
		switch dx, dy := digits(x), digits(y); {
		case dx && dy:
			c = number(x, y)
		case dx:
			c = -1
		case dy:
			c = 1
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// byDate returns the indices of the revision history sorted by date, and by
// number where dates are equal (as the standard's own example needs it). Items whose
// date or number is not one are left out: the schema's check has reported them.
func byDate(history []csaf.Revision) []int {
	order := make([]int, 0, len(history))
	when := make([]time.Time, len(history))
	for i := range history {
		var err error
		if when[i], err = history[i].Date.Time(); err == nil && csaf.IsVersion(history[i].Number) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := when[a].Compare(when[b]); c != 0 {
			return c
		}
		return parseVersion(history[a].Number).compare(parseVersion(history[b].Number))
	})
	return order
}

func revision(i int) string { return at("/document/tracking/revision_history/%d", i) }

// sorted is 6.1.14: by date, the numbers of the history ascend. Which of number and
// date is wrong, only a person knows.
func sorted(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	history := doc.Document.Tracking.RevisionHistory
	order := byDate(history)
	for i := 1; i < len(order); i++ {
		a, b := &history[order[i-1]], &history[order[i]]
		if parseVersion(a.Number).compare(parseVersion(b.Number)) > 0 {
			report("/document/tracking/revision_history", "%s (%s) comes after %s by date", b.Number, b.Date, a.Number)
			return
		}
	}
}

// translator is 6.1.15: a translator names the source language.
func translator(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Publisher.Category == "translator" && doc.Document.SourceLang == "" {
		report("/document/source_lang", "a translator has to name the source language")
	}
}

// latest is 6.1.16: the version is that of the last item of the history by date.
func latest(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	order := byDate(t.RevisionHistory)
	if len(order) == 0 || !csaf.IsVersion(t.Version) {
		return
	}
	newest := t.RevisionHistory[order[len(order)-1]].Number
	ends := "+" // build metadata counts in no comparison
	if t.Status == csaf.Draft {
		ends = "+-" // nor does a pre-release of a draft
	}
	cut := func(s string) string {
		if i := strings.IndexAny(s, ends); i >= 0 {
			return s[:i]
		}
		return s
	}
	if cut(newest) == cut(t.Version) {
		return
	}
	report("/document/tracking/version", "the version is %s, the newest revision %s", t.Version, newest)
}

func isDraftVersion(s string) bool {
	v := parseVersion(s)
	return csaf.IsVersion(s) && (v.part[0] == "0" || v.pre != "")
}

// statusDraft is 6.1.17: versions 0, 0.y.z and pre-releases are drafts.
func statusDraft(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := doc.Document.Tracking
	if isDraftVersion(t.Version) && t.Status != csaf.Draft {
		report("/document/tracking/status", "version %s has to be a draft, not %s", t.Version, t.Status)
	}
}

// released is 6.1.18: the history of a released document has no version 0 or 0.y.z.
func released(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := doc.Document.Tracking
	if t.Status == csaf.Draft {
		return
	}
	for i, r := range t.RevisionHistory {
		if parseVersion(r.Number).part[0] == "0" {
			report(revision(i)+"/number", "version %s in the history of a document that is %s", r.Number, t.Status)
		}
	}
}

// preReleaseEntries is 6.1.19: the history has no pre-releases.
func preReleaseEntries(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, r := range doc.Document.Tracking.RevisionHistory {
		if csaf.IsVersion(r.Number) && parseVersion(r.Number).pre != "" {
			report(revision(i)+"/number", "the history names the pre-release %s", r.Number)
		}
	}
}

// nonDraft is 6.1.20: a released document is no pre-release.
func nonDraft(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := doc.Document.Tracking
	if t.Status != csaf.Draft && csaf.IsVersion(t.Version) && parseVersion(t.Version).pre != "" {
		report("/document/tracking/version", "the pre-release %s cannot be %s", t.Version, t.Status)
	}
}

// missingRevision is 6.1.21: the history begins with version 0 or 1 and leaves none
// out; of semantic versions the major one counts.
func missingRevision(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	const at = "/document/tracking/revision_history"
	history := doc.Document.Tracking.RevisionHistory
	before := 0
	for n, i := range byDate(history) {
		major, err := strconv.Atoi(parseVersion(history[i].Number).part[0])
		if err != nil {
			report(at, "version %d is missing before %s", before+1, history[i].Number) // too large for an int
			continue
		}
		if n == 0 && major > 1 {
			report(at, "the history begins with %s instead of 0 or 1", history[i].Number)
			before = major
		}
		for missing := before + 1; n > 0 && missing < major && missing < before+100; missing++ {
			report(at, "version %d is missing before %s", missing, history[i].Number)
		}
		before = max(before, major)
	}
}

// multipleRevision is 6.1.22: a version occurs once in the history.
func multipleRevision(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	seen := map[string]bool{}
	for i, r := range doc.Document.Tracking.RevisionHistory {
		if r.Number != "" && seen[r.Number] {
			report(revision(i)+"/number", "the version %s occurs twice", r.Number)
		}
		seen[r.Number] = true
	}
}

// mixedVersioning is 6.1.30: all versions are integers or all are semantic.
func mixedVersioning(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	if !csaf.IsVersion(t.Version) {
		return
	}
	semantic := parseVersion(t.Version).semantic
	for i, r := range t.RevisionHistory {
		if csaf.IsVersion(r.Number) && parseVersion(r.Number).semantic != semantic {
			report(revision(i)+"/number", "integer and semantic versioning are mixed: %s and %s", r.Number, t.Version)
		}
	}
}

// translation is 6.1.28: language and source language differ.
func translation(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	d := &doc.Document
	if d.SourceLang != "" && strings.EqualFold(d.Lang, d.SourceLang) {
		report("/document/lang", "language and source language are both %q", d.Lang)
		report("/document/source_lang", "language and source language are both %q", d.Lang)
	}
}
