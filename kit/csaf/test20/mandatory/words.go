package mandatory

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// property is a member of a CVSS object that repeats a metric of the vector in words.
type property struct {
	name, metric, value string
	words               string // "N=NETWORK A=ADJACENT_NETWORK"
}

// The words of the metrics that several properties share (FIRST's JSON schemas).
const (
	impact3      = "N=NONE L=LOW H=HIGH X=NOT_DEFINED"
	requirement3 = "L=LOW M=MEDIUM H=HIGH X=NOT_DEFINED"
	impact2      = "N=NONE P=PARTIAL C=COMPLETE"
	requirement2 = "L=LOW M=MEDIUM H=HIGH ND=NOT_DEFINED"
	level        = "O=OFFICIAL_FIX T=TEMPORARY_FIX W=WORKAROUND U=UNAVAILABLE X=NOT_DEFINED OF=OFFICIAL_FIX TF=TEMPORARY_FIX ND=NOT_DEFINED"
	vector3      = "N=NETWORK A=ADJACENT_NETWORK L=LOCAL P=PHYSICAL X=NOT_DEFINED"
	change3      = "U=UNCHANGED C=CHANGED X=NOT_DEFINED"
	people3      = "N=NONE R=REQUIRED X=NOT_DEFINED"
)

func properties3(c *csaf.CVSSv3) []property {
	return []property{
		{"attackVector", "AV", c.AttackVector, vector3}, {"attackComplexity", "AC", c.AttackComplexity, impact3},
		{"privilegesRequired", "PR", c.PrivilegesRequired, impact3}, {"userInteraction", "UI", c.UserInteraction, people3},
		{"scope", "S", c.Scope, change3}, {"confidentialityImpact", "C", c.ConfidentialityImpact, impact3},
		{"integrityImpact", "I", c.IntegrityImpact, impact3}, {"availabilityImpact", "A", c.AvailabilityImpact, impact3},
		{"exploitCodeMaturity", "E", c.ExploitCodeMaturity, "U=UNPROVEN P=PROOF_OF_CONCEPT F=FUNCTIONAL H=HIGH X=NOT_DEFINED"},
		{"remediationLevel", "RL", c.RemediationLevel, level},
		{"reportConfidence", "RC", c.ReportConfidence, "U=UNKNOWN R=REASONABLE C=CONFIRMED X=NOT_DEFINED"},
		{"confidentialityRequirement", "CR", c.ConfidentialityRequirement, requirement3},
		{"integrityRequirement", "IR", c.IntegrityRequirement, requirement3}, {"availabilityRequirement", "AR", c.AvailabilityRequirement, requirement3},
		{"modifiedAttackVector", "MAV", c.ModifiedAttackVector, vector3}, {"modifiedAttackComplexity", "MAC", c.ModifiedAttackComplexity, impact3},
		{"modifiedPrivilegesRequired", "MPR", c.ModifiedPrivilegesRequired, impact3}, {"modifiedUserInteraction", "MUI", c.ModifiedUserInteraction, people3},
		{"modifiedScope", "MS", c.ModifiedScope, change3}, {"modifiedConfidentialityImpact", "MC", c.ModifiedConfidentialityImpact, impact3},
		{"modifiedIntegrityImpact", "MI", c.ModifiedIntegrityImpact, impact3}, {"modifiedAvailabilityImpact", "MA", c.ModifiedAvailabilityImpact, impact3},
	}
}

func properties2(c *csaf.CVSSv2) []property {
	return []property{
		{"accessVector", "AV", c.AccessVector, "L=LOCAL A=ADJACENT_NETWORK N=NETWORK"}, {"accessComplexity", "AC", c.AccessComplexity, requirement2},
		{"authentication", "Au", c.Authentication, "M=MULTIPLE S=SINGLE N=NONE"},
		{"confidentialityImpact", "C", c.ConfidentialityImpact, impact2}, {"integrityImpact", "I", c.IntegrityImpact, impact2},
		{"availabilityImpact", "A", c.AvailabilityImpact, impact2},
		{"exploitability", "E", c.Exploitability, "U=UNPROVEN POC=PROOF_OF_CONCEPT F=FUNCTIONAL H=HIGH ND=NOT_DEFINED"},
		{"remediationLevel", "RL", c.RemediationLevel, level},
		{"reportConfidence", "RC", c.ReportConfidence, "UC=UNCONFIRMED UR=UNCORROBORATED C=CONFIRMED ND=NOT_DEFINED"},
		{"collateralDamagePotential", "CDP", c.CollateralDamagePotential, "N=NONE L=LOW LM=LOW_MEDIUM MH=MEDIUM_HIGH H=HIGH ND=NOT_DEFINED"},
		{"targetDistribution", "TD", c.TargetDistribution, "N=NONE L=LOW M=MEDIUM H=HIGH ND=NOT_DEFINED"},
		{"confidentialityRequirement", "CR", c.ConfidentialityRequirement, requirement2},
		{"integrityRequirement", "IR", c.IntegrityRequirement, requirement2}, {"availabilityRequirement", "AR", c.AvailabilityRequirement, requirement2},
	}
}

// inconsistent is 6.1.10: the properties do not contradict the vector. A metric that
// the vector leaves out is NOT_DEFINED.
func inconsistent(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(pointer string, s csaf.Score) {
		if s.CVSSv3 != nil {
			contradict(report, pointer+"/cvss_v3/", s.CVSSv3.VectorString, properties3(s.CVSSv3))
		}
		if s.CVSSv2 != nil {
			contradict(report, pointer+"/cvss_v2/", s.CVSSv2.VectorString, properties2(s.CVSSv2))
		}
	})
}

func contradict(report rule.Report, pointer, vector string, list []property) {
	for _, p := range list {
		if p.value == "" {
			continue
		}
		want := "NOT_DEFINED"
		if letters, there := metricOf(vector, p.metric); there {
			want = wordOf(p.words, letters)
		}
		if p.value != want {
			report(pointer+p.name, "the vector says %s, not %s", want, p.value)
		}
	}
}

func metricOf(vector, metric string) (string, bool) {
	for part := range strings.SplitSeq(vector, "/") {
		if name, value, ok := strings.Cut(part, ":"); ok && name == metric {
			return value, true
		}
	}
	return "", false
}

func wordOf(words, letters string) string {
	for part := range strings.FieldsSeq(words) {
		if l, word, _ := strings.Cut(part, "="); l == letters {
			return word
		}
	}
	return letters
}

// circular is 6.1.3: a product that a relationship defines is not made of itself.
func circular(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	if doc.ProductTree == nil {
		return
	}
	parts := map[string][]string{}
	for _, r := range doc.ProductTree.Relationships {
		id := r.FullProductName.ProductID
		parts[id] = append(parts[id], r.ProductReference, r.RelatesTo)
	}
	for i, r := range doc.ProductTree.Relationships {
		id := r.FullProductName.ProductID
		seen, todo := map[string]bool{}, append([]string(nil), parts[id]...)
		for len(todo) > 0 {
			next := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if next == id {
				report(at("/product_tree/relationships/%d/full_product_name/product_id", i), "%q is made of itself", id)
				break
			}
			if !seen[next] {
				seen[next] = true
				todo = append(todo, parts[next]...)
			}
		}
	}
}
