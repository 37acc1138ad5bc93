package recommended

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
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

// none reports whether a modified impact is none. The metric of the vector takes
// precedence (6.1.9), then the member beside it, then the base metric.
func none(vector, member, modified, base string) bool {
	value := metric(vector, modified)
	if value == "" {
		switch member {
		case "NONE", "NEGLIGIBLE":
			return true
		case "", "NOT_DEFINED":
		default:
			return false
		}
	}
	if value != "" && value != "X" {
		return value == "N"
	}
	return metric(vector, base) == "N"
}

// above reports whether a score is given and not 0: the object itself says so then.
func above(score *float64) bool { return score != nil && *score > 0 }

// zero2 is so for a target distribution of none, and where nothing is hit and nothing
// else damaged (CVSS 2.0, 3.2.3).
func zero2(c *csaf.CVSSv2) bool {
	v := c.VectorString
	if above(c.EnvironmentalScore) {
		return false
	}
	if td := metric(v, "TD"); td == "N" || td == "" && c.TargetDistribution == "NONE" {
		return true
	}
	damage := metric(v, "CDP")
	if damage == "" && c.CollateralDamagePotential != "NONE" && c.CollateralDamagePotential != "NOT_DEFINED" {
		damage = c.CollateralDamagePotential
	}
	return (damage == "" || damage == "N" || damage == "ND") && metric(v, "C") == "N" && metric(v, "I") == "N" && metric(v, "A") == "N"
}

func zero3(c *csaf.CVSSv3) bool {
	v := c.VectorString
	return !above(c.EnvironmentalScore) && none(v, c.ModifiedConfidentialityImpact, "MC", "C") && none(v, c.ModifiedIntegrityImpact, "MI", "I") && none(v, c.ModifiedAvailabilityImpact, "MA", "A")
}

func zero4(c *csaf21.CVSSv4) bool {
	v := c.VectorString
	return none(v, c.ModifiedVulnConfidentialityImpact, "MVC", "VC") && none(v, c.ModifiedVulnIntegrityImpact, "MVI", "VI") && none(v, c.ModifiedVulnAvailabilityImpact, "MVA", "VA") &&
		none(v, c.ModifiedSubConfidentialityImpact, "MSC", "SC") && none(v, c.ModifiedSubIntegrityImpact, "MSI", "SI") && none(v, c.ModifiedSubAvailabilityImpact, "MSA", "SA")
}
