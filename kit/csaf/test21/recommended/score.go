package recommended

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// scoreOfFixed is 6.2.19: every CVSS score of a fixed product is 0 over all. A score is
// 0 when it says so, or when the environmental metrics, of the vector or beside it,
// leave no impact.
func scoreOfFixed(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var scored *rule.Marks
	at := -1
	for i := range env.ProductRefs() {
		r := &env.ProductRefs()[i]
		if r.Where != rule.OfStatus || r.Status.Family() != rule.FixedFamily || len(doc.Vulnerabilities[r.Vulnerability].Metrics) == 0 {
			continue
		}
		if scored == nil {
			scored = env.Marks()
		}
		if at != r.Vulnerability {
			at = r.Vulnerability
			scored.Clear()
			for j := range doc.Vulnerabilities[at].Metrics {
				if m := &doc.Vulnerabilities[at].Metrics[j]; scores(&m.Content) {
					markIDs(env, scored, m.Products)
				}
			}
		}
		for j, n := range r.Numbers {
			if scored.Get(n) != 0 {
				report(r.At(j), "the product %q is in %s and has a CVSS score that is not 0", r.IDs[j], r.Status.Name())
			}
		}
	}
}

// scores reports whether a metric has a CVSS score that is not 0 over all.
func scores(c *csaf21.Content) bool {
	return c.CVSSv2 != nil && !zero2(c.CVSSv2) || c.CVSSv3 != nil && !zero3(c.CVSSv3) || c.CVSSv4 != nil && !zero4(c.CVSSv4)
}

// metric returns the value of a metric of a vector, "" when it is not there.
func metric(vector, name string) string {
	for rest := vector; rest != ""; {
		part := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			part, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		if len(part) > len(name) && part[len(name)] == ':' && part[:len(name)] == name {
			return part[len(name)+1:]
		}
	}
	return ""
}

// none reports whether a modified impact is none: its member beside the vector, its
// metric, or the base metric where both are not defined.
func none(vector, member, modified, base string) bool {
	switch member {
	case "NONE", "NEGLIGIBLE":
		return true
	case "", "NOT_DEFINED":
	default:
		return false
	}
	if v := metric(vector, modified); v != "" && v != "X" {
		return v == "N"
	}
	return metric(vector, base) == "N"
}

// zero2 is so for a target distribution of none and where nothing is hit.
func zero2(c *csaf21.CVSSv2) bool {
	v := c.VectorString
	return c.TargetDistribution == "NONE" || metric(v, "TD") == "N" ||
		metric(v, "C") == "N" && metric(v, "I") == "N" && metric(v, "A") == "N"
}

func zero3(c *csaf21.CVSSv3) bool {
	v := c.VectorString
	return none(v, c.ModifiedConfidentialityImpact, "MC", "C") && none(v, c.ModifiedIntegrityImpact, "MI", "I") && none(v, c.ModifiedAvailabilityImpact, "MA", "A")
}

func zero4(c *csaf21.CVSSv4) bool {
	v := c.VectorString
	return none(v, c.ModifiedVulnConfidentialityImpact, "MVC", "VC") && none(v, c.ModifiedVulnIntegrityImpact, "MVI", "VI") && none(v, c.ModifiedVulnAvailabilityImpact, "MVA", "VA") &&
		none(v, c.ModifiedSubConfidentialityImpact, "MSC", "SC") && none(v, c.ModifiedSubIntegrityImpact, "MSI", "SI") && none(v, c.ModifiedSubAvailabilityImpact, "MSA", "SA")
}
