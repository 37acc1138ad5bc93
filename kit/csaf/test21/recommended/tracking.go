package recommended

import (
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// buildMetadata is 6.2.4: no number of the revision history has build metadata.
func buildMetadata(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	history := doc.Document.Tracking.RevisionHistory
	for i := range history {
		plain, _, found := strings.Cut(history[i].Number, "+")
		if !found {
			continue
		}
		at := rule.At("/document/tracking/revision_history/%/number", i)
		f := report(at, "the number %q has build metadata", history[i].Number)
		if plain != "" && !slices.ContainsFunc(history, func(r csaf21.Revision) bool { return r.Number == plain }) {
			f.Fix = rule.Replace(at, plain)
		}
	}
}

// olderInitialRelease is 6.2.5: the initial release is not before the oldest revision.
func olderInitialRelease(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	d := doc.Document.Tracking.InitialReleaseDate
	t, err := d.Time()
	if oldest, ok := facts.Oldest(doc); err == nil && ok && t.Before(oldest) {
		report("/document/tracking/initial_release_date", "the initial release %s is before the oldest revision of %s", d, csaf.At(oldest))
	}
}

// olderCurrentRelease is 6.2.6: the current release is not before the newest revision.
func olderCurrentRelease(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	d := doc.Document.Tracking.CurrentReleaseDate
	t, err := d.Time()
	if newest, ok := facts.Newest(doc); err == nil && ok && t.Before(newest) {
		report("/document/tracking/current_release_date", "the current release %s is before the newest revision of %s", d, csaf.At(newest))
	}
}

// involvementDate is 6.2.7: every involvement has a date.
func involvementDate(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Involvements {
			if doc.Vulnerabilities[i].Involvements[j].Date == "" {
				report(rule.At("/vulnerabilities/%/involvements/%", i, j), "the involvement has no date")
			}
		}
	}
}

// fewRevisions is how many revisions are compared each with each, without a map.
const fewRevisions = 16

// sameTimestamps is 6.2.21: no two revisions have the same time.
func sameTimestamps(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	history := doc.Document.Tracking.RevisionHistory
	again := func(i, first int) {
		report(rule.At("/document/tracking/revision_history/%/date", i), "the revision has the time of the revision at index %d", first)
	}
	if len(history) <= fewRevisions {
		var when [fewRevisions]time.Time
		for i := range history {
			t, err := history[i].Date.Time()
			if err != nil {
				continue
			}
			when[i] = t
			if first := slices.IndexFunc(when[:i], t.Equal); first >= 0 {
				again(i, first)
			}
		}
		return
	}
	seen := make(map[time.Time]int, len(history))
	for i := range history {
		t, err := history[i].Date.Time()
		if err != nil {
			continue
		}
		if first, ok := seen[t.UTC()]; ok {
			again(i, first)
		} else {
			seen[t.UTC()] = i
		}
	}
}

// disclosureDate is 6.2.33: a disclosure date that has passed is not after the newest
// revision. Without the day of the check nothing has passed.
func disclosureDate(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	newest, ok := facts.Newest(doc)
	if !ok {
		return
	}
	for i := range doc.Vulnerabilities {
		d := doc.Vulnerabilities[i].DisclosureDate
		if d == "" {
			continue
		}
		if t, err := d.Time(); err == nil && t.After(newest) && !t.After(env.Now) {
			report(rule.At("/vulnerabilities/%/disclosure_date", i), "the disclosure of %s has passed, but the newest revision is of %s", d, csaf.At(newest))
		}
	}
}

// epssAge is how old a score may be at the newest revision (6.2.41).
const epssAge = 15 * 24 * time.Hour

// oldEPSS is 6.2.41: the youngest EPSS score of each vulnerability is at most 15 days
// older than the newest revision of a document that is final or interim.
func oldEPSS(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if s := doc.Document.Tracking.Status; s != "final" && s != "interim" {
		return
	}
	newest, ok := facts.Newest(doc)
	if !ok {
		return
	}
	for i := range doc.Vulnerabilities {
		var youngest time.Time
		at := -1
		for j := range doc.Vulnerabilities[i].Metrics {
			e := doc.Vulnerabilities[i].Metrics[j].Content.EPSS
			if e == nil {
				continue
			}
			if t, err := e.Timestamp.Time(); err == nil && (at < 0 || t.After(youngest)) {
				youngest, at = t, j
			}
		}
		if at >= 0 && newest.Sub(youngest) > epssAge {
			report(rule.At("/vulnerabilities/%/metrics/%/content/epss/timestamp", i, at),
				"the youngest EPSS score is of %s, more than 15 days before the newest revision of %s", csaf.At(youngest), csaf.At(newest))
		}
	}
}
