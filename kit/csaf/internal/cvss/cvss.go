// Package cvss compares CVSS objects with their vectors: scores and severities (6.1.9
// of CSAF 2.0 and 2.1) and the members that repeat metrics in words (6.1.10). The
// tests are in csaf/test20 and csaf/test21; what a vector may hold is checked by the
// readers.
package cvss

import (
	"math"
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// Differ is told of a member of a CVSS object that differs from the vector: what is
// given and what the vector gives.
type Differ func(member string, given, want any)

// Valid2 reports whether a vector of CVSS 2.0 is complete.
func Valid2(c *csaf.CVSSv2) bool { _, err := cvss20.ParseVector(c.VectorString); return err == nil }

// Valid3 reports whether a vector of CVSS 3 is complete and of the object's version.
func Valid3(c *csaf.CVSSv3) bool { _, err := parse3(c.Version, c.VectorString); return err == nil }

// Valid4 reports whether a vector of CVSS 4.0 is complete.
func Valid4(c *csaf21.CVSSv4) bool { _, err := cvss40.ParseVector(c.VectorString); return err == nil }

// Compute2 compares the scores of a CVSS 2.0 object with its vector. A vector that
// cannot be read is compared with nothing.
func Compute2(c *csaf.CVSSv2, differ Differ) {
	v, err := cvss20.ParseVector(c.VectorString)
	if err != nil {
		return
	}
	score(differ, "baseScore", &c.BaseScore, v.BaseScore())
	score(differ, "temporalScore", c.TemporalScore, v.TemporalScore())
	score(differ, "environmentalScore", c.EnvironmentalScore, v.EnvironmentalScore())
}

// Compute3 compares scores and severities of a CVSS 3 object with its vector.
func Compute3(c *csaf.CVSSv3, differ Differ) {
	v, err := parse3(c.Version, c.VectorString)
	if err != nil {
		return
	}
	score(differ, "baseScore", &c.BaseScore, v.base)
	severity(differ, "baseSeverity", c.BaseSeverity, v.base)
	score(differ, "temporalScore", c.TemporalScore, v.temporal)
	severity(differ, "temporalSeverity", c.TemporalSeverity, v.temporal)
	score(differ, "environmentalScore", c.EnvironmentalScore, v.environmental)
	severity(differ, "environmentalSeverity", c.EnvironmentalSeverity, v.environmental)
}

// Compute4 compares score and severity of a CVSS 4.0 object with its vector. CVSS 4.0
// has one score: that of all metrics of the vector.
func Compute4(c *csaf21.CVSSv4, differ Differ) {
	v, err := cvss40.ParseVector(c.VectorString)
	if err != nil {
		return
	}
	want := v.Score()
	score(differ, "baseScore", &c.BaseScore, want)
	severity(differ, "baseSeverity", c.BaseSeverity, want)
}

type scores3 struct{ base, temporal, environmental float64 }

func parse3(version, vector string) (scores3, error) {
	if version == "3.0" {
		v, err := cvss30.ParseVector(vector)
		if err != nil {
			return scores3{}, err
		}
		return scores3{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
	}
	v, err := cvss31.ParseVector(vector)
	if err != nil {
		return scores3{}, err
	}
	return scores3{v.BaseScore(), v.TemporalScore(), v.EnvironmentalScore()}, nil
}

func score(differ Differ, member string, given *float64, want float64) {
	if given != nil && math.Abs(*given-want) > 0.01 {
		differ(member, *given, want)
	}
}

func severity(differ Differ, member, given string, score float64) {
	if want := csaf.Severity(score); given != "" && given != want {
		differ(member, given, want)
	}
}

// property is a member of a CVSS object that repeats a metric of the vector in words.
type property struct {
	name, metric, value string
	words               string // "N=NETWORK A=ADJACENT_NETWORK"
}

// contradict compares words with the vector. A metric that the vector leaves out is
// NOT_DEFINED.
func contradict(differ Differ, vector string, list []property) {
	for i := range list {
		p := &list[i]
		if p.value == "" {
			continue
		}
		want := "NOT_DEFINED"
		if letters, there := metricOf(vector, p.metric); there {
			want = wordOf(p.words, letters)
		}
		if p.value != want {
			differ(p.name, p.value, want)
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
