package mandatory

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The metrics of a vector by group, in the order of the specification.
var (
	metrics2 = [...][]string{{"AV", "AC", "Au", "C", "I", "A"}, {"E", "RL", "RC"}, {"CDP", "TD", "CR", "IR", "AR"}}
	metrics3 = [...][]string{{"AV", "AC", "PR", "UI", "S", "C", "I", "A"}, {"E", "RL", "RC"},
		{"CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"}}
)

// scored are the scores of a vector.
type scored struct{ base, temporal, environmental float64 }

// tidy writes the metrics of a vector in the order of the specification, with all
// metrics of a group once one is there: the calculators want it so, the schemas do
// not. It fails when a base metric is missing, or any is there twice.
func tidy(vector string, groups [3][]string, undefined string) (string, error) {
	var values [22]string
	for part := range strings.SplitSeq(vector, "/") {
		name, value, _ := strings.Cut(part, ":")
		i, found := 0, -1
		for _, g := range groups {
			for _, metric := range g {
				if metric == name {
					found = i
				}
				i++
			}
		}
		switch {
		case found < 0:
			return "", fmt.Errorf("unknown metric %q", part)
		case values[found] != "":
			return "", fmt.Errorf("the metric %s is there twice", name)
		}
		values[found] = value
	}
	var b strings.Builder
	i := 0
	for n, g := range groups {
		used := strings.Join(values[i:i+len(g)], "") != ""
		for _, metric := range g {
			value := values[i]
			if i++; value == "" {
				if n == 0 {
					return "", errors.New("the metric " + metric + " is missing")
				}
				value = undefined
			}
			if used {
				b.WriteString("/" + metric + ":" + value)
			}
		}
	}
	return b.String(), nil
}

func score2(vector string) (scored, error) {
	s, err := tidy(vector, metrics2, "ND")
	if err != nil {
		return scored{}, err
	}
	v, err := cvss20.ParseVector(s[1:])
	if err != nil {
		return scored{}, err
	}
	return scored{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
}

func score3(version, vector string) (scored, error) {
	rest, ok := strings.CutPrefix(vector, "CVSS:"+version+"/")
	if !ok {
		return scored{}, errors.New("it is of another version")
	}
	s, err := tidy(rest, metrics3, "X")
	if err != nil {
		return scored{}, err
	}
	if version == "3.0" {
		v, err := cvss30.ParseVector("CVSS:3.0" + s)
		if err != nil {
			return scored{}, err
		}
		return scored{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
	}
	v, err := cvss31.ParseVector("CVSS:3.1" + s)
	if err != nil {
		return scored{}, err
	}
	return scored{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
}

// computation is 6.1.9: scores and severities are what the vector gives, which takes
// precedence. Vectors that break the pattern of the schema are 6.1.8's; of those that
// fit it but have no score, since metrics are missing, no value is computed right.
func computation(doc *csaf.Advisory, env *rule.Env, report rule.Report) {
	scores(doc, func(at score, s *csaf.Score) {
		if c := s.CVSSv2; c != nil && csaf.IsCVSS2(c.VectorString) {
			v, err := score2(c.VectorString)
			if err != nil {
				report(at.of("/cvss_v2/baseScore"), "the vector has no score: %v", err)
			} else {
				if !absent(env, at, "/cvss_v2/baseScore", c.BaseScore) {
					differ(report, at, "/cvss_v2/baseScore", &c.BaseScore, v.base)
				}
				differ(report, at, "/cvss_v2/temporalScore", c.TemporalScore, v.temporal)
				differ(report, at, "/cvss_v2/environmentalScore", c.EnvironmentalScore, v.environmental)
			}
		}
		if c := s.CVSSv3; c != nil && csaf.IsCVSS3(c.Version, c.VectorString) {
			v, err := score3(c.Version, c.VectorString)
			if err != nil {
				report(at.of("/cvss_v3/baseScore"), "the vector has no score: %v", err)
				return
			}
			if !absent(env, at, "/cvss_v3/baseScore", c.BaseScore) {
				differ(report, at, "/cvss_v3/baseScore", &c.BaseScore, v.base)
			}
			differ(report, at, "/cvss_v3/temporalScore", c.TemporalScore, v.temporal)
			differ(report, at, "/cvss_v3/environmentalScore", c.EnvironmentalScore, v.environmental)
			named(report, at, "/cvss_v3/baseSeverity", c.BaseSeverity, v.base)
			named(report, at, "/cvss_v3/temporalSeverity", c.TemporalSeverity, v.temporal)
			named(report, at, "/cvss_v3/environmentalSeverity", c.EnvironmentalSeverity, v.environmental)
		}
	})
}

func differ(report rule.Report, at score, below string, given *float64, want float64) {
	if given != nil && math.Abs(*given-want) > 1e-9 {
		f := report(at.of(below), "the vector gives %.1f, not %g", want, *given)
		f.Fix = rule.Replace(f.Pointer, want)
	}
}

// absent reports whether a score of 0 is none at all: the reader says so.
func absent(env *rule.Env, at score, below string, given float64) bool {
	if given != 0 || len(env.Problems) == 0 {
		return false
	}
	pointer := at.of(below)
	for i := range env.Problems {
		if env.Problems[i].Pointer == pointer {
			return true
		}
	}
	return false
}

func named(report rule.Report, at score, below, given string, score float64) {
	if want := csaf.Severity(score); given != "" && given != want {
		f := report(at.of(below), "the vector's score of %.1f is %s, not %s", score, want, given)
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
	var score scored
	err := errors.New("no object")
	switch s := &doc.Vulnerabilities[v].Scores[i]; {
	case steps[5] == "cvss_v2" && s.CVSSv2 != nil:
		score, err = score2(s.CVSSv2.VectorString)
	case steps[5] == "cvss_v3" && s.CVSSv3 != nil:
		score, err = score3(s.CVSSv3.Version, s.CVSSv3.VectorString)
	}
	switch {
	case err != nil:
	case steps[6] == "baseScore":
		return rule.Add(p.Pointer, score.base)
	case steps[6] == "baseSeverity":
		return rule.Add(p.Pointer, csaf.Severity(score.base))
	}
	return nil
}
