package convert

import (
	"net/url"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// metrics makes metrics of scores, and of a link to FIRST's CVSS 4.0 calculator.
func (c *conv) metrics(v *csaf.Vulnerability, out *csaf21.Vulnerability, from string, k int) {
	for j, s := range v.Scores {
		if s.CVSSv2 == nil && s.CVSSv3 == nil {
			c.warn("vulnerabilities[*].metrics[*]", from+at("/scores/%", j), gone(), "", "", "the score has no rating that CSAF 2.1 knows and was not converted")
			continue
		}
		out.Metrics = append(out.Metrics, csaf21.Metric{Content: csaf21.Content{CVSSv2: s.CVSSv2, CVSSv3: s.CVSSv3}, Products: s.Products})
	}
	if c.NoCVSS4 {
		return
	}
	// Clause 18, $.vulnerabilities[*].metrics[*].content.cvss_v4.
	const rule = "vulnerabilities[*].metrics[*].content.cvss_v4"
	vector, source := "", ""
	for j, r := range v.References {
		found := vector4(r)
		if found == "" || found == vector {
			continue
		}
		if vector != "" {
			c.warn(rule, from+at("/references/%", j), gone(), found, "", "the automatic conversion of the CVSS v4.0 reference failed: there are several with different vectors")
			return
		}
		vector, source = found, from+at("/references/%", j)
	}
	if vector == "" {
		return
	}
	score, err := severity.Parse40(vector)
	products := affectedOf(out.ProductStatus)
	switch {
	case err != nil:
		c.warn(rule, source, gone(), vector, "", "the automatic conversion of the CVSS v4.0 reference failed: %v", err)
	case len(products) == 0:
		c.warn(rule, source, gone(), vector, "", "the automatic conversion of the CVSS v4.0 reference failed: the vulnerability has no affected product")
	default:
		where := place("/vulnerabilities/%/metrics/%/content/cvss_v4", k, len(out.Metrics))
		// The schema's baseScore is the score of all metrics, as 6.1.9 computes it.
		rating := strings.ToUpper(string(score.Rating))
		out.Metrics = append(out.Metrics, csaf21.Metric{Products: products, Content: csaf21.Content{CVSSv4: &csaf21.CVSSv4{
			Version: "4.0", VectorString: vector, BaseScore: score.Score, BaseSeverity: rating}}})
		c.warn(rule, source, where, vector, rating, "the CVSS v4.0 score was computed from the reference and given to all affected products")
	}
}

// vector4 is the vector in a link to the official calculator, "" in other links.
func vector4(r csaf.Reference) string {
	if r.Category != "" && r.Category != "external" {
		return ""
	}
	u, err := url.Parse(r.URL)
	if err != nil || !strings.EqualFold(strings.TrimPrefix(strings.ToLower(u.Host), "www."), "first.org") {
		return ""
	}
	switch strings.Trim(strings.ToLower(u.Path), "/") {
	case "cvss/calculator/4.0", "cvss/calculator/4-0", "cvss/calculator/cvsscalc40.html":
		return u.Fragment
	}
	return ""
}

// affectedOf are the affected products, each once.
func affectedOf(s *csaf21.ProductStatus) []string {
	if s == nil {
		return nil
	}
	var all []string
	return unique(append(append(append(all, s.KnownAffected...), s.FirstAffected...), s.LastAffected...))
}
