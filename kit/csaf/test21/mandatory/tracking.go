package mandatory

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/revision"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

const (
	history = "/document/tracking/revision_history"
	number  = history + "/%/number"
)

// sortedHistory is 6.1.14: the revision history, sorted by date and then by number,
// has ascending numbers.
func sortedHistory(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	list := doc.Document.Tracking.RevisionHistory
	order := revision.Order(list)
	for i := 1; i < len(list); i++ {
		a, b := &list[revision.At(order, i-1)], &list[revision.At(order, i)]
		if revision.Parse(a.Number).Compare(revision.Parse(b.Number)) > 0 {
			report(history, "sorted by date, version %s comes after %s", b.Number, a.Number)
			return
		}
	}
}

// translator is 6.1.15: a translator names the source language. The texts tell a
// member without a value from one that is absent, as the test asks.
func translator(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	const at = "/document/source_lang"
	if doc.Document.Publisher.Category != "translator" || doc.Document.SourceLang != "" {
		return
	}
	for i := range env.Problems {
		if env.Problems[i].Pointer == at {
			report(at, "a translator has to name the source language: source_lang is there, but has no value")
			return
		}
	}
	report(at, "a translator has to name the source language: source_lang is missing")
}

// latestVersion is 6.1.16: the document's version is that of the newest revision.
func latestVersion(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	if len(t.RevisionHistory) == 0 {
		return
	}
	newest := t.RevisionHistory[revision.At(revision.Order(t.RevisionHistory), len(t.RevisionHistory)-1)].Number
	last, mine := revision.Parse(newest), revision.Parse(t.Version)
	if t.Status == csaf.Draft {
		last.Pre, mine.Pre = "", ""
	}
	if last.Semantic != mine.Semantic || last.Compare(mine) != 0 {
		report("/document/tracking/version", "the version is %s, the newest revision %s", t.Version, newest)
	}
}

// statusDraft is 6.1.17: version 0, 0.y.z and pre-releases are drafts.
func statusDraft(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	if v := revision.Parse(t.Version); t.Status != csaf.Draft && (v.Initial() || v.Pre != "") {
		report("/document/tracking/status", "version %s has to be a draft, not %s", t.Version, t.Status)
	}
}

// released reports whether the document is final or interim.
func released(t *csaf.Tracking) bool { return t.Status == csaf.Final || t.Status == csaf.Interim }

// releasedHistory is 6.1.18: the history of a released document has no version 0 or
// 0.y.z.
func releasedHistory(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	if !released(t) {
		return
	}
	for i := range t.RevisionHistory {
		if n := t.RevisionHistory[i].Number; revision.Parse(n).Initial() {
			report(rule.At(number, i), "version %s in the history of a document that is %s", n, t.Status)
		}
	}
}

// preReleaseEntries is 6.1.19: the history has no pre-releases.
func preReleaseEntries(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i, r := range doc.Document.Tracking.RevisionHistory {
		if revision.Parse(r.Number).Pre != "" {
			report(rule.At(number, i), "the history has the pre-release %s", r.Number)
		}
	}
}

// nonDraft is 6.1.20: a released document's version is no pre-release.
func nonDraft(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	if released(t) && revision.Parse(t.Version).Pre != "" {
		report("/document/tracking/version", "the pre-release %s cannot be %s", t.Version, t.Status)
	}
}

// mostMissing bounds what 6.1.21 reports: a history of 1 and 999999999 lacks many.
const mostMissing = 100

// missingRevision is 6.1.21: the history, sorted by date and then by number, begins
// with version 0 or 1 and leaves no (major) version out. Each missing version is one
// finding of the whole history; the texts tell a version that is elsewhere from one that
// is nowhere, as the test asks.
func missingRevision(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	list := doc.Document.Tracking.RevisionHistory
	if len(list) == 0 {
		return
	}
	order := revision.Order(list)
	before, from, left := uint64(0), csaf.Date(""), mostMissing
	for i := range list {
		r := &list[revision.At(order, i)]
		major, ok := majorOf(r.Number)
		if !ok {
			continue
		}
		if i == 0 && major > 1 {
			report(history, "sorted by date, the history begins with version %s instead of 0 or 1", r.Number)
		}
		for n := before + 1; n < major && left > 0; n++ {
			left--
			switch {
			case !slices.ContainsFunc(list, func(r csaf.Revision) bool { have, ok := majorOf(r.Number); return ok && have == n }):
				report(history, "version %d is missing", n)
			case from == "":
				report(history, "version %d is missing before %s, where it should be", n, r.Date)
			default:
				report(history, "version %d is missing between %s and %s, where it should be", n, from, r.Date)
			}
		}
		// Versions that come too late are 6.1.14's: what counts is the highest so far.
		if major >= before {
			before, from = major, r.Date
		}
	}
}

// majorOf is the major version of a version; the largest number for what is larger.
func majorOf(version string) (uint64, bool) {
	s := revision.Parse(version).Major()
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}

// multipleRevision is 6.1.22: a version is in the history once.
func multipleRevision(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	list := doc.Document.Tracking.RevisionHistory
	repeats(len(list), func(i int) string { return list[i].Number }, func(i int) {
		report(rule.At(number, i), "the version %s occurs twice", list[i].Number)
	})
}

// repeats calls found for every item whose key an earlier item has; "" is no key.
func repeats(n int, key func(i int) string, found func(i int)) {
	const few = 16 // up to here comparing all is quicker than a map
	if n <= few {
		for i := 1; i < n; i++ {
			mine := key(i)
			for j := 0; j < i && mine != ""; j++ {
				if key(j) == mine {
					found(i)
					break
				}
			}
		}
		return
	}
	seen := make(map[string]struct{}, n)
	for i := range n {
		k := key(i)
		if _, ok := seen[k]; ok && k != "" {
			found(i)
		}
		seen[k] = struct{}{}
	}
}

// mixedVersioning is 6.1.30: all versions are integers or all are semantic.
func mixedVersioning(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	semantic := revision.Parse(t.Version).Semantic
	for i := range t.RevisionHistory {
		if n := t.RevisionHistory[i].Number; revision.Parse(n).Semantic != semantic {
			report(rule.At(number, i), "integer and semantic versioning are mixed: %s and %s", n, t.Version)
		}
	}
}

// translation is 6.1.28: source language and language differ.
func translation(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	d := &doc.Document
	if d.SourceLang != "" && strings.EqualFold(d.Lang, d.SourceLang) {
		report("/document/lang", "language and source language are both %q", d.Lang)
		report("/document/source_lang", "language and source language are both %q", d.Lang)
	}
}
