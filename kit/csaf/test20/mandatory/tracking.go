package mandatory

import (
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/revision"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// byDate returns the revision history sorted by date, and by number where dates are
// equal (as the standard's own example needs it). Items whose date or number is not one
// are left out: the schema's check has reported them.
func byDate(history []csaf.Revision) []csaf.Revision {
	list := make([]csaf.Revision, 0, len(history))
	for _, r := range history {
		if _, err := r.Date.Time(); err == nil && csaf.IsVersion(r.Number) {
			list = append(list, r)
		}
	}
	order := revision.Order(list)
	if order == nil {
		return list
	}
	sorted := make([]csaf.Revision, len(list))
	for i := range list {
		sorted[i] = list[order[i]]
	}
	return sorted
}

func revisionAt(i int) string { return at("/document/tracking/revision_history/%d", i) }

// sorted is 6.1.14: by date, the numbers of the history ascend. Which of number and
// date is wrong, only a person knows.
func sorted(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	history := byDate(doc.Document.Tracking.RevisionHistory)
	for i := 1; i < len(history); i++ {
		a, b := &history[i-1], &history[i]
		if revision.Parse(a.Number).Compare(revision.Parse(b.Number)) > 0 {
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
	history := byDate(t.RevisionHistory)
	if len(history) == 0 || !csaf.IsVersion(t.Version) {
		return
	}
	newest := history[len(history)-1].Number
	last, mine := revision.Parse(newest), revision.Parse(t.Version) // without build metadata
	if t.Status == csaf.Draft {
		last.Pre, mine.Pre = "", "" // a pre-release of a draft does not count
	}
	if last == mine {
		return
	}
	report("/document/tracking/version", "the version is %s, the newest revision %s", t.Version, newest)
}

func isDraftVersion(s string) bool {
	v := revision.Parse(s)
	return csaf.IsVersion(s) && (v.Initial() || v.Pre != "")
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
		if revision.Parse(r.Number).Initial() {
			report(revisionAt(i)+"/number", "version %s in the history of a document that is %s", r.Number, t.Status)
		}
	}
}

// preReleaseEntries is 6.1.19: the history has no pre-releases.
func preReleaseEntries(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, r := range doc.Document.Tracking.RevisionHistory {
		if csaf.IsVersion(r.Number) && revision.Parse(r.Number).Pre != "" {
			report(revisionAt(i)+"/number", "the history names the pre-release %s", r.Number)
		}
	}
}

// nonDraft is 6.1.20: a released document is no pre-release.
func nonDraft(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := doc.Document.Tracking
	if t.Status != csaf.Draft && csaf.IsVersion(t.Version) && revision.Parse(t.Version).Pre != "" {
		report("/document/tracking/version", "the pre-release %s cannot be %s", t.Version, t.Status)
	}
}

// missingRevision is 6.1.21: the history begins with version 0 or 1 and leaves none
// out; of semantic versions the major one counts.
func missingRevision(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	const at = "/document/tracking/revision_history"
	before := 0
	for n, r := range byDate(doc.Document.Tracking.RevisionHistory) {
		major, err := strconv.Atoi(revision.Parse(r.Number).Major())
		if err != nil {
			report(at, "version %d is missing before %s", before+1, r.Number) // too large for an int
			continue
		}
		if n == 0 && major > 1 {
			report(at, "the history begins with %s instead of 0 or 1", r.Number)
			before = major
		}
		for missing := before + 1; n > 0 && missing < major && missing < before+100; missing++ {
			report(at, "version %d is missing before %s", missing, r.Number)
		}
		before = max(before, major)
	}
}

// multipleRevision is 6.1.22: a version occurs once in the history.
func multipleRevision(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	seen := map[string]bool{}
	for i, r := range doc.Document.Tracking.RevisionHistory {
		if r.Number != "" && seen[r.Number] {
			report(revisionAt(i)+"/number", "the version %s occurs twice", r.Number)
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
	semantic := revision.Parse(t.Version).Semantic
	for i, r := range t.RevisionHistory {
		if csaf.IsVersion(r.Number) && revision.Parse(r.Number).Semantic != semantic {
			report(revisionAt(i)+"/number", "integer and semantic versioning are mixed: %s and %s", r.Number, t.Version)
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
