package record

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Summary is the text that lists and feeds show of a document.
func Summary(doc *csaf.Advisory) string {
	for _, want := range []string{"summary", "description", "general", "details"} {
		for _, n := range doc.Document.Notes {
			if n.Category == want {
				return clip(n.Text)
			}
		}
	}
	return ""
}

// clip shortens a summary for lists, at a word.
func clip(s string) string {
	const longest = 400
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= longest {
		return s
	}
	s = strings.ToValidUTF8(s[:longest], "")
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s + " …"
}

// Rating is the word for the worst CVSS 3 score of a document, else its own word.
func Rating(doc *csaf.Advisory) string {
	worst := -1.0
	for _, v := range doc.Vulnerabilities {
		for _, s := range v.Scores {
			if s.CVSSv3 != nil {
				worst = max(worst, s.CVSSv3.BaseScore)
			}
		}
	}
	if worst >= 0 {
		return strings.ToLower(csaf.Severity(worst))
	}
	if a := doc.Document.AggregateSeverity; a != nil {
		return strings.ToLower(a.Text)
	}
	return ""
}

// CVEs are the CVE ids of a document.
func CVEs(doc *csaf.Advisory) []string {
	var out []string
	for _, v := range doc.Vulnerabilities {
		if v.CVE != "" {
			out = append(out, v.CVE)
		}
	}
	return out
}
