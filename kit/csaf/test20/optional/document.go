package optional

import (
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/language"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// buildMetadata is 6.2.4: the history has no build metadata.
func buildMetadata(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i, r := range doc.Document.Tracking.RevisionHistory {
		if number, build, ok := strings.Cut(r.Number, "+"); ok {
			f := report(rule.At("/document/tracking/revision_history/%/number", i), "%q has the build metadata +%s", r.Number, build)
			f.Fix = rule.Replace(f.Pointer, number)
		}
	}
}

// olderInitial is 6.2.5: the initial release is not older than the oldest revision.
func olderInitial(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	oldest, at := extreme(t.RevisionHistory, time.Time.Before)
	if initial, err := t.InitialReleaseDate.Time(); err == nil && at >= 0 && initial.Before(oldest) {
		report("/document/tracking/initial_release_date", "%s is older than the oldest revision (%s)", t.InitialReleaseDate, t.RevisionHistory[at].Date)
	}
}

// olderCurrent is 6.2.6: the current release is not older than the newest revision.
func olderCurrent(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	t := &doc.Document.Tracking
	newest, at := extreme(t.RevisionHistory, time.Time.After)
	if current, err := t.CurrentReleaseDate.Time(); err == nil && at >= 0 && current.Before(newest) {
		report("/document/tracking/current_release_date", "%s is older than the newest revision (%s)", t.CurrentReleaseDate, t.RevisionHistory[at].Date)
	}
}

// extreme returns the revision with no other before (or after) it; -1 when no date can
// be read.
func extreme(history []csaf.Revision, better func(a, b time.Time) bool) (best time.Time, at int) {
	at = -1
	for i := range history {
		if when, err := history[i].Date.Time(); err == nil && (at < 0 || better(when, best)) {
			best, at = when, i
		}
	}
	return best, at
}

// missingDate is 6.2.7: involvements have dates.
func missingDate(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Involvements {
			if doc.Vulnerabilities[i].Involvements[j].Date == "" {
				report(rule.At("/vulnerabilities/%/involvements/%", i, j), "the involvement has no date")
			}
		}
	}
}

// missingTLP is 6.2.10: there is a TLP label, and it is one of TLP 1.0.
func missingTLP(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	const at = "/document/distribution/tlp/label"
	d := doc.Document.Distribution
	if d == nil || d.TLP == nil || d.TLP.Label == "" {
		report(at, "the TLP label is missing")
		return
	}
	switch d.TLP.Label {
	case csaf.White, csaf.Green, csaf.Amber, csaf.Red:
	default:
		report(at, "%q is no TLP label", d.TLP.Label)
	}
}

// missingCanonical is 6.2.11: a reference of category self is an https URL that ends
// in the document's file name. The name is a whole part of the path, as 5.1 means it.
func missingCanonical(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	name := csaf.Filename(doc.Document.Tracking.ID)
	for i := range doc.Document.References {
		r := &doc.Document.References[i]
		if r.Category == "self" && strings.HasPrefix(r.URL, "https://") && strings.HasSuffix(r.URL, name) {
			return
		}
	}
	report("/document/references", "no reference of category self is the canonical URL https://.../%s", name)
}

// missingLanguage is 6.2.12.
func missingLanguage(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.Lang == "" {
		report("/document/lang", "the language of the document is missing")
	}
}

// sorting is 6.2.13: the members of all objects are sorted. A JSON patch cannot sort
// members, so that there is no fix; csaf.Write writes them sorted.
func sorting(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	if env.Sorted {
		return
	}
	for i := range env.Problems {
		if env.Problems[i].Code == csaf.Syntax {
			return
		}
	}
	last, found := "/", 0
	strictjson.Unsorted(env.Data, func(pointer string) bool {
		i := strings.LastIndexByte(pointer, '/')
		if object := pointer[:i]; object != last {
			last = object
			found++
			report(object, "the member %q is not at its place in the alphabet", unescape(pointer[i+1:]))
		}
		return found < 1000
	})
}

// unescape takes the escapes of JSON pointers away (RFC 6901).
func unescape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
}

// languages calls f for the languages of the document that are set.
func languages(doc *csaf.Advisory, f func(pointer, tag string)) {
	if doc.Document.Lang != "" {
		f("/document/lang", doc.Document.Lang)
	}
	if doc.Document.SourceLang != "" {
		f("/document/source_lang", doc.Document.SourceLang)
	}
}

// privateLanguage is 6.2.14: no subtag is reserved for private use (RFC 5646, 2.2.1 to
// 2.2.7: language, script, region and all that follows x-).
func privateLanguage(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	languages(doc, func(pointer, tag string) {
		if t, err := language.Parse(tag); err == nil && t.UsesPrivate() {
			report(pointer, "%q has a subtag for private use", tag)
		}
	})
}

// defaultLanguage is 6.2.15: the language is not i-default.
func defaultLanguage(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	languages(doc, func(pointer, tag string) {
		if strings.EqualFold(tag, "i-default") {
			report(pointer, "the language is %q", tag)
		}
	})
}

// additional is 6.2.20: there are no members that the schema does not define. The
// reader has found them.
func additional(_ *csaf.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Problems {
		if p := &env.Problems[i]; p.Code == csaf.Unknown || p.Code == csaf.Forbidden {
			report(p.Instance(), "%s", p.Message).Fix = rule.Remove(p.Pointer)
		}
	}
}
