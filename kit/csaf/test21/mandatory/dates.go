package mandatory

import (
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/revision"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// dates is 6.1.37: date-times follow section 2.3: RFC 3339 with capital T and Z and no
// leap seconds.
func dates(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	all := env.Dates()
	for i := range all {
		if d := string(all[i].Date); !isDate(d) {
			report(all[i].Pointer(), "%q is no date-time as CSAF wants it: %s", d, whyNoDate(d))
		}
	}
	// Date-times that are no texts or empty are not in the typed document.
	for i := range env.Problems {
		p := &env.Problems[i]
		if p.Code == csaf.Type && isDateMember(p.Pointer) || p.Code == csaf.Value && isDateMember(p.Pointer) && !reported(all, p.Pointer) {
			report(p.Pointer, "%s", p.Message)
		}
	}
}

// reported says whether the index of dates has the place, so that its test has run.
func reported(all []rule.DateAt, pointer string) bool {
	for i := range all {
		if all[i].Pointer() == pointer {
			return true
		}
	}
	return false
}

func isDate(s string) bool {
	if !strictjson.IsDateTime(s) || s[10] != 'T' || s[17:19] == "60" {
		return false
	}
	return s[len(s)-1] != 'z'
}

func whyNoDate(s string) string {
	switch {
	case !strictjson.IsDateTime(s):
		return "not of the form 2006-01-02T15:04:05Z, or no day of the calendar"
	case s[17:19] == "60":
		return "leap seconds are not allowed"
	}
	return "T and Z have to be capital letters"
}

// isDateMember reports whether a pointer is that of a member of the format date-time.
func isDateMember(pointer string) bool {
	for _, pattern := range [...]string{
		"/document/tracking/current_release_date", "/document/tracking/generator/date",
		"/document/tracking/initial_release_date", "/document/tracking/revision_history/*/date",
		"/vulnerabilities/*/disclosure_date", "/vulnerabilities/*/discovery_date",
		"/vulnerabilities/*/first_known_exploitation_dates/*/date",
		"/vulnerabilities/*/first_known_exploitation_dates/*/exploitation_date",
		"/vulnerabilities/*/flags/*/date", "/vulnerabilities/*/involvements/*/date",
		"/vulnerabilities/*/metrics/*/content/epss/timestamp", "/vulnerabilities/*/metrics/*/content/ssvc_v2/timestamp",
		"/vulnerabilities/*/remediations/*/date", "/vulnerabilities/*/threats/*/date",
	} {
		if rule.Below(pointer, pattern) {
			return true
		}
	}
	return false
}

// newestRevision is the newest date of the history of a released document; false when
// the tests that compare with it do not apply.
func newestRevision(doc *csaf21.Advisory) (time.Time, bool) {
	t := &doc.Document.Tracking
	if !released(t) {
		return time.Time{}, false
	}
	return revision.Newest(t.RevisionHistory)
}

// after reports a date that is later than the newest revision.
func after(d csaf.Date, newest time.Time) bool {
	t, err := d.Time()
	return d != "" && err == nil && t.After(newest)
}

// disclosureDate is 6.1.45: a released TLP:CLEAR document is not older than the
// disclosure of its vulnerabilities.
func disclosureDate(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	newest, ok := newestRevision(doc)
	if _, label := sharing(doc); !ok || label != csaf21.Clear {
		return
	}
	for i := range doc.Vulnerabilities {
		if d := doc.Vulnerabilities[i].DisclosureDate; after(d, newest) {
			report(rule.At("/vulnerabilities/%/disclosure_date", i), "disclosed at %s, after the newest revision", d)
		}
	}
}

// ssvcTimestamp is 6.1.49: a released document is not older than its SSVC decisions.
func ssvcTimestamp(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	newest, ok := newestRevision(doc)
	if !ok {
		return
	}
	eachContent(doc, func(i, j int, c *csaf21.Content) {
		if c.SSVC != nil && after(c.SSVC.Timestamp, newest) {
			report(rule.At(content+"ssvc_v2/timestamp", i, j), "decided at %s, after the newest revision", c.SSVC.Timestamp)
		}
	})
}

// epssTimestamp is 6.1.51: a released document is not older than its EPSS scores.
func epssTimestamp(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	newest, ok := newestRevision(doc)
	if !ok {
		return
	}
	eachContent(doc, func(i, j int, c *csaf21.Content) {
		if c.EPSS != nil && after(c.EPSS.Timestamp, newest) {
			report(rule.At(content+"epss/timestamp", i, j), "scored at %s, after the newest revision", c.EPSS.Timestamp)
		}
	})
}

const exploitation = "/vulnerabilities/%/first_known_exploitation_dates/%/"

// exploitationDates is 6.1.52: a released document is not older than what it says of
// first exploitations.
func exploitationDates(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	newest, ok := newestRevision(doc)
	if !ok {
		return
	}
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].FirstKnownExploitationDates {
			x := &doc.Vulnerabilities[i].FirstKnownExploitationDates[j]
			if after(x.Date, newest) {
				report(rule.At(exploitation+"date", i, j), "known at %s, after the newest revision", x.Date)
			}
			if after(x.ExploitationDate, newest) {
				report(rule.At(exploitation+"exploitation_date", i, j), "exploited at %s, after the newest revision", x.ExploitationDate)
			}
		}
	}
}

// exploitationOrder is 6.1.53: an exploitation is not known before it happens.
func exploitationOrder(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].FirstKnownExploitationDates {
			x := &doc.Vulnerabilities[i].FirstKnownExploitationDates[j]
			if known, err := x.Date.Time(); err == nil && after(x.ExploitationDate, known) {
				report(rule.At(exploitation+"exploitation_date", i, j), "exploited at %s, but known at %s already", x.ExploitationDate, x.Date)
			}
		}
	}
}
