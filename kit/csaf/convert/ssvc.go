package convert

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// ssvc makes an SSVC object of a note with an SSVC vector (clause 18,
// $.vulnerabilities[*].metrics[*].content.ssvc_v2). The note goes when it holds nothing
// but the vector.
func (c *conv) ssvc(out *csaf21.Vulnerability, from string, k int) {
	const rule = "vulnerabilities[*].metrics[*].content.ssvc_v2"
	products := affectedOf(out.ProductStatus)
	kept := out.Notes[:0:0]
	for j, n := range out.Notes {
		if n.Category != "other" || n.Title != "SSVC" {
			kept = append(kept, n)
			continue
		}
		source := from + at("/notes/%", j)
		s, exact := readSSVC(n.Text)
		switch {
		case s == nil:
			c.warn(rule, source, place("/vulnerabilities/%/notes/%", k, len(kept)), n.Text, "", "the automatic conversion of the SSVC data failed: no vector of known decision points and values with a time was found")
		case len(products) == 0:
			c.warn(rule, source, place("/vulnerabilities/%/notes/%", k, len(kept)), n.Text, "", "the automatic conversion of the SSVC data failed: the vulnerability has no affected product")
		case !exact || n.Audience != "":
			c.warn(rule, source, place("/vulnerabilities/%/notes/%", k, len(kept)), n.Text, "", "the automatic conversion of the SSVC data would lead to losing information")
		default:
			c.warn(rule, source, place("/vulnerabilities/%/metrics/%/content/ssvc_v2", k, len(out.Metrics)), n.Text, "", "the SSVC vector was converted; the versions of the decision points, which it does not say, and its products were assumed")
			out.Metrics = append(out.Metrics, csaf21.Metric{Content: csaf21.Content{SSVC: s}, Products: products})
			continue
		}
		kept = append(kept, n)
	}
	out.Notes = slices.Clip(kept)
}

// vectorRE is a vector as CERT/CC's calculators write it.
var vectorRE = regexp.MustCompile(`SSVCv2/((?:[A-Za-z]+:[A-Za-z*]+/)+)([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))/?`)

// readSSVC reads the vector in a text; exact says that there is nothing else.
func readSSVC(text string) (s *csaf21.SSVC, exact bool) {
	m := vectorRE.FindStringSubmatch(text)
	if m == nil || !strictjson.IsDateTime(m[2]) {
		return nil, false
	}
	s = &csaf21.SSVC{SchemaVersion: "2.0.0", Timestamp: csaf21.Date(m[2])}
	for part := range strings.SplitSeq(strings.TrimSuffix(m[1], "/"), "/") {
		key, value, _ := strings.Cut(part, ":")
		point, ok := decisionPoint(key)
		if !ok || !strings.Contains(point.values, " "+value+" ") {
			return nil, false
		}
		s.Selections = append(s.Selections, csaf21.SSVCSelection{Key: key, Namespace: point.namespace, Version: point.version, Values: []csaf21.SSVCValue{{Key: value}}})
	}
	return s, strings.TrimSpace(text) == m[0]
}

type point struct{ namespace, version, values string }

// decisionPoint knows the points of CERT/CC's and CISA's decision tables in their
// newest version (CERTCC/SSVC). Keys that several tables use differently are absent.
func decisionPoint(key string) (point, bool) {
	switch key {
	case "E":
		return point{"ssvc", "1.1.0", " N P A "}, true
	case "A":
		return point{"ssvc", "2.0.0", " N Y "}, true
	case "TI":
		return point{"ssvc", "1.0.0", " P T "}, true
	case "MWI":
		return point{"ssvc", "1.0.0", " L M H "}, true
	case "CISA":
		return point{"cisa", "1.1.0", " T T* AT AC "}, true
	case "EXP":
		return point{"ssvc", "1.0.1", " S C O "}, true
	case "HI":
		return point{"ssvc", "2.0.2", " L M H VH "}, true
	case "DSOI":
		return point{"ssvc", "1.0.0", " D S O I "}, true
	case "U":
		return point{"ssvc", "1.0.1", " L E S "}, true
	case "PSI":
		return point{"ssvc", "2.0.1", " M S "}, true
	case "COORDINATE":
		return point{"ssvc", "1.0.1", " D T C "}, true
	}
	return point{}, false
}
