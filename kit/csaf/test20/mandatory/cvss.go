package mandatory

import (
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/cvss"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// computation is 6.1.9: scores and severities are what the vector gives, which takes
// precedence. Vectors that break the pattern of the schema are 6.1.8's; of those that
// fit it but have no score, since metrics are missing, no value is computed right.
func computation(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	scores(doc, func(at score, s *csaf.Score) {
		if s.CVSSv2 != nil {
			if err := cvss.Compute2(s.CVSSv2, present(env, at.of("/cvss_v2/"), report)); err != nil {
				report(at.of("/cvss_v2/baseScore"), "the vector has no score: %v", err)
			}
		}
		if s.CVSSv3 != nil {
			if err := cvss.Compute3(s.CVSSv3, present(env, at.of("/cvss_v3/"), report)); err != nil {
				report(at.of("/cvss_v3/baseScore"), "the vector has no score: %v", err)
			}
		}
	})
}

// present reports what differs from the vector, but for a score of 0 that is none at
// all: the reader says so.
func present(env *rule.Env, object string, report rule.Report) cvss.Differ {
	return func(member string, given, want any) {
		if given == 0.0 {
			for i := range env.Problems {
				if env.Problems[i].Pointer == object+member {
					return
				}
			}
		}
		f := report(object+member, "the vector gives %v, not %v", want, given)
		f.Fix = rule.Replace(f.Pointer, want)
	}
}

// missingScore is the fix of 6.1.8: baseScore and baseSeverity are what the vector
// gives, when they are missing and it gives something.
func missingScore(doc *csaf.Advisory, p *csaf.Problem) rule.Fix {
	steps := strings.Split(p.Pointer, "/") // "", vulnerabilities, 0, scores, 0, cvss_v3, baseScore
	if p.Code != csaf.Missing || len(steps) != 7 {
		return nil
	}
	v, errV := strconv.Atoi(steps[2])
	i, errI := strconv.Atoi(steps[4])
	if errV != nil || errI != nil || v >= len(doc.Vulnerabilities) || i >= len(doc.Vulnerabilities[v].Scores) {
		return nil
	}
	var base float64
	err := cvss.ErrIncomplete
	switch s := &doc.Vulnerabilities[v].Scores[i]; {
	case steps[5] == "cvss_v2" && s.CVSSv2 != nil:
		base, err = cvss.Base("2.0", s.CVSSv2.VectorString)
	case steps[5] == "cvss_v3" && s.CVSSv3 != nil:
		base, err = cvss.Base(s.CVSSv3.Version, s.CVSSv3.VectorString)
	}
	switch {
	case err != nil:
	case steps[6] == "baseScore":
		return rule.Add(p.Pointer, base)
	case steps[6] == "baseSeverity":
		return rule.Add(p.Pointer, csaf.Severity(base))
	}
	return nil
}
