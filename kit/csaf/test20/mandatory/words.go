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

func properties3(c *csaf.CVSSv3) [22]property {
	return [...]property{
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

func properties2(c *csaf.CVSSv2) [14]property {
	return [...]property{
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

// inconsistent is 6.1.10: the properties do not contradict the vector. One that the
// vector leaves out contradicts nothing: the valid cases of 6.2.19 have such.
func inconsistent(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	scores(doc, func(at score, s *csaf.Score) {
		if s.CVSSv3 != nil {
			list := properties3(s.CVSSv3)
			contradict(report, at, "/cvss_v3/", s.CVSSv3.VectorString, list[:])
		}
		if s.CVSSv2 != nil {
			list := properties2(s.CVSSv2)
			contradict(report, at, "/cvss_v2/", s.CVSSv2.VectorString, list[:])
		}
	})
}

func contradict(report rule.Report, at score, below, vector string, list []property) {
	for i := range list {
		p := &list[i]
		if p.value == "" {
			continue
		}
		letters, there := metricOf(vector, p.metric)
		if !there {
			continue
		}
		if want := wordOf(p.words, letters); p.value != want {
			f := report(at.of(below+p.name), "the vector says %s, not %s", want, p.value)
			f.Fix = rule.Replace(f.Pointer, want)
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

// circular is 6.1.3: a product that a relationship defines is not made of itself, nor
// of one that is: it does not "end up in a circle".
func circular(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	if doc.ProductTree == nil || len(doc.ProductTree.Relationships) == 0 {
		return
	}
	c := circles{env: env, parts: make([][]int32, env.Numbers()), state: make([]visit, env.Numbers())}
	all := env.ProductRefs()
	for r := range all {
		if all[r].Where == rule.OfRelationship {
			id := env.Number(doc.ProductTree.Relationships[all[r].Item].FullProductName.ProductID)
			c.parts[id] = append(c.parts[id], all[r].Numbers[0])
		}
	}
	for i := range doc.ProductTree.Relationships {
		id := doc.ProductTree.Relationships[i].FullProductName.ProductID
		if n := int32(env.Number(id)); c.circular(n) {
			report(rule.At("/product_tree/relationships/%/full_product_name/product_id", i), "%q is made of itself or of a product that is", id)
		}
	}
}

// circles finds products that lead to a circle of the graph of parts, by Tarjan's algorithm without recursion, so that a chain of a hundred
// thousand relationships takes no stack and no squared time.
type circles struct {
	env   *rule.Env
	parts [][]int32
	state []visit
	stack []int32 // of products whose component is not known yet
	next  int32   // order of discovery
}

type visit struct {
	found, low int32
	edge       int32 // next part to look at
	open       bool
	circle     bool
}

func (c *circles) circular(start int32) bool {
	if c.state[start].found == 0 {
		c.visit(start)
	}
	return c.state[start].circle
}

func (c *circles) visit(start int32) {
	path := []int32{start}
	c.enter(start)
	for len(path) > 0 {
		at := path[len(path)-1]
		s := &c.state[at]
		if int(s.edge) < len(c.parts[at]) {
			to := c.parts[at][s.edge]
			s.edge++
			switch t := &c.state[to]; {
			case to == at:
				s.circle = true
			case t.found == 0:
				c.enter(to)
				path = append(path, to)
			case t.open:
				s.low = min(s.low, t.found)
			default:
				s.circle = s.circle || t.circle
			}
			continue
		}
		path = path[:len(path)-1]
		if s.low == s.found {
			c.leave(at)
		}
		if len(path) > 0 {
			up := &c.state[path[len(path)-1]]
			up.low = min(up.low, s.low)
			up.circle = up.circle || s.circle
		}
	}
}

func (c *circles) enter(n int32) {
	c.next++
	c.state[n].found, c.state[n].low, c.state[n].open = c.next, c.next, true
	c.stack = append(c.stack, n)
}

// leave closes the component whose first product is n; of more than one, all are on
// a circle.
func (c *circles) leave(n int32) {
	first := len(c.stack) - 1
	for c.stack[first] != n {
		first--
	}
	for _, m := range c.stack[first:] {
		c.state[m].open = false
		c.state[m].circle = c.state[m].circle || len(c.stack)-first > 1
	}
	c.stack = c.stack[:first]
}
