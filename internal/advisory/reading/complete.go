package reading

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
)

// Complete puts what a document says elsewhere into what advisories always have: a summary,
// a description of the impact, a text for each link. It returns the names of what it
// filled, in English, which a person should confirm.
func Complete(c *record.Content) []string {
	var filled []string
	rec := &c.Record
	fill := func(to *string, name, from string) {
		if strings.TrimSpace(*to) == "" && strings.TrimSpace(from) != "" {
			*to = from
			filled = append(filled, name)
		}
	}
	fill(&rec.Title, "title", firstLine(rec.Details))
	fill(&rec.Summary, "summary", rec.Title)
	fill(&rec.Impact, "description of the impact", rec.Details)
	fill(&rec.Impact, "description of the impact", rec.Title)
	rec.References = slices.Clone(rec.References)
	for i := range rec.References {
		if x := &rec.References[i]; x.Text == "" {
			x.Text = x.URL
		}
	}
	return filled
}

// firstLine is the first line of a text where it is short enough for a title.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if line = strings.TrimSpace(strings.TrimLeft(line, "# ")); len(line) > 200 {
		return ""
	}
	return line
}
