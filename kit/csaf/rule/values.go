package rule

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// DateAt is one date-time of the document and its place.
type DateAt struct {
	Place
	Date csaf.Date
}

// URLAt is one URL of the document and its place. URLs of a product tree have their
// product's place in front.
type URLAt struct {
	Place
	URL     string
	Self    bool     // a reference of category self
	Product *Product // set for URLs of a product: the Place is below its pointer
}

// Pointer is the JSON pointer of the URL.
func (u *URLAt) Pointer() string {
	if u.Product != nil {
		return u.Product.Pointer() + u.Place.Pointer()
	}
	return u.Place.Pointer()
}

// Dates returns every member of the format date-time that is present.
func (e *Env) Dates() []DateAt {
	if !e.datesDone {
		e.datesDone = true
		if e.doc20 != nil {
			e.dates20(e.doc20)
		}
		if e.doc21 != nil {
			e.dates21(e.doc21)
		}
	}
	return e.dates
}

func (e *Env) date(d csaf.Date, pattern string, a, b int) {
	if d != "" {
		e.dates = append(e.dates, DateAt{place(pattern, a, b, 0), d})
	}
}

func (e *Env) trackingDates(t *csaf.Tracking) {
	e.date(t.CurrentReleaseDate, "/document/tracking/current_release_date", 0, 0)
	if t.Generator != nil {
		e.date(t.Generator.Date, "/document/tracking/generator/date", 0, 0)
	}
	e.date(t.InitialReleaseDate, "/document/tracking/initial_release_date", 0, 0)
	for i := range t.RevisionHistory {
		e.date(t.RevisionHistory[i].Date, "/document/tracking/revision_history/%/date", i, 0)
	}
}

func (e *Env) dates20(doc *csaf.Advisory) {
	e.trackingDates(&doc.Document.Tracking)
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		e.date(v.DiscoveryDate, "/vulnerabilities/%/discovery_date", i, 0)
		for j := range v.Flags {
			e.date(v.Flags[j].Date, "/vulnerabilities/%/flags/%/date", i, j)
		}
		for j := range v.Involvements {
			e.date(v.Involvements[j].Date, "/vulnerabilities/%/involvements/%/date", i, j)
		}
		e.date(v.ReleaseDate, "/vulnerabilities/%/release_date", i, 0)
		for j := range v.Remediations {
			e.date(v.Remediations[j].Date, "/vulnerabilities/%/remediations/%/date", i, j)
		}
		for j := range v.Threats {
			e.date(v.Threats[j].Date, "/vulnerabilities/%/threats/%/date", i, j)
		}
	}
}

func (e *Env) dates21(doc *csaf21.Advisory) {
	e.trackingDates(&doc.Document.Tracking)
	for i := range doc.Vulnerabilities {
		v := &doc.Vulnerabilities[i]
		e.date(v.DisclosureDate, "/vulnerabilities/%/disclosure_date", i, 0)
		e.date(v.DiscoveryDate, "/vulnerabilities/%/discovery_date", i, 0)
		for j := range v.FirstKnownExploitationDates {
			e.date(v.FirstKnownExploitationDates[j].Date, "/vulnerabilities/%/first_known_exploitation_dates/%/date", i, j)
			e.date(v.FirstKnownExploitationDates[j].ExploitationDate, "/vulnerabilities/%/first_known_exploitation_dates/%/exploitation_date", i, j)
		}
		for j := range v.Flags {
			e.date(v.Flags[j].Date, "/vulnerabilities/%/flags/%/date", i, j)
		}
		for j := range v.Involvements {
			e.date(v.Involvements[j].Date, "/vulnerabilities/%/involvements/%/date", i, j)
		}
		for j := range v.Metrics {
			if c := &v.Metrics[j].Content; c.EPSS != nil {
				e.date(c.EPSS.Timestamp, "/vulnerabilities/%/metrics/%/content/epss/timestamp", i, j)
			}
			if c := &v.Metrics[j].Content; c.SSVC != nil {
				e.date(c.SSVC.Timestamp, "/vulnerabilities/%/metrics/%/content/ssvc_v2/timestamp", i, j)
			}
		}
		for j := range v.Remediations {
			e.date(v.Remediations[j].Date, "/vulnerabilities/%/remediations/%/date", i, j)
		}
		for j := range v.Threats {
			e.date(v.Threats[j].Date, "/vulnerabilities/%/threats/%/date", i, j)
		}
	}
}
