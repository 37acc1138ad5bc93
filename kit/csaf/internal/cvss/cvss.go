// Package cvss compares CVSS objects with their vectors: scores and severities (6.1.9
// of CSAF 2.0 and 2.1) and the members that repeat metrics in words (6.1.10). The
// tests are in csaf/test20 and csaf/test21; what a vector may hold is checked by the
// readers.
package cvss

import (
	"errors"
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

// ErrIncomplete is a vector without a base metric, or with a metric twice: the schemas
// allow it, but it has no score.
var ErrIncomplete = errors.New("a base metric is missing, or a metric is there twice")

// Compute2 compares the scores of a CVSS 2.0 object with its vector. It fails with
// ErrIncomplete; a vector that the schema refuses is compared with nothing.
func Compute2(c *csaf.CVSSv2, differ Differ) error {
	if !csaf.IsCVSS2(c.VectorString) {
		return nil
	}
	vector, ok := tidy(c.VectorString, groups2, "ND")
	v, err := cvss20.ParseVector(vector)
	if !ok || err != nil {
		return ErrIncomplete
	}
	score(differ, "baseScore", &c.BaseScore, v.BaseScore())
	score(differ, "temporalScore", c.TemporalScore, v.TemporalScore())
	score(differ, "environmentalScore", c.EnvironmentalScore, v.EnvironmentalScore())
	return nil
}

// Compute3 compares scores and severities of a CVSS 3 object with its vector. It fails
// with ErrIncomplete; a vector that the schema refuses is compared with nothing.
func Compute3(c *csaf.CVSSv3, differ Differ) error {
	if !csaf.IsCVSS3(c.Version, c.VectorString) {
		return nil
	}
	v, err := parse3(c.Version, c.VectorString)
	if err != nil {
		return ErrIncomplete
	}
	score(differ, "baseScore", &c.BaseScore, v.base)
	severity(differ, "baseSeverity", c.BaseSeverity, v.base)
	score(differ, "temporalScore", c.TemporalScore, v.temporal)
	severity(differ, "temporalSeverity", c.TemporalSeverity, v.temporal)
	score(differ, "environmentalScore", c.EnvironmentalScore, v.environmental)
	severity(differ, "environmentalSeverity", c.EnvironmentalSeverity, v.environmental)
	return nil
}

// Compute4 compares score and severity of a CVSS 4.0 object with its vector, unless the
// schema refuses that. CVSS 4.0 has one score: that of all metrics of the vector.
func Compute4(c *csaf21.CVSSv4, differ Differ) {
	v, err := cvss40.ParseVector(c.VectorString)
	if err != nil {
		return
	}
	want := v.Score()
	score(differ, "baseScore", &c.BaseScore, want)
	severity(differ, "baseSeverity", c.BaseSeverity, want)
}

// Base returns the base score of a vector of CVSS 2.0, 3.0 or 3.1. It fails with
// ErrIncomplete.
func Base(version, vector string) (float64, error) {
	if version == "2.0" {
		tidied, ok := tidy(vector, groups2, "ND")
		v, err := cvss20.ParseVector(tidied)
		if !ok || err != nil {
			return 0, ErrIncomplete
		}
		return v.BaseScore(), nil
	}
	if !csaf.IsCVSS3(version, vector) {
		return 0, ErrIncomplete
	}
	v, err := parse3(version, vector)
	if err != nil {
		return 0, ErrIncomplete
	}
	return v.base, nil
}

// groups2 are the metrics of CVSS 2.0 in their order; a group ends with |.
const groups2 = "AV AC Au C I A | E RL RC | CDP TD CR IR AR |"

// tidy writes the metrics of a CVSS 2.0 vector in the order of the specification, with
// all metrics of a group once one is there: the calculator wants it so, the schema does
// not. ok is false when a base metric is missing or any metric is there twice.
func tidy(vector, groups, undefined string) (tidied string, ok bool) {
	var b, group strings.Builder
	used, base, taken := false, true, 0
	for metric := range strings.FieldsSeq(groups) {
		if metric == "|" {
			if used {
				b.WriteString(group.String())
			}
			group.Reset()
			used, base = false, false
			continue
		}
		value, there := metricOf(vector, metric)
		switch {
		case there:
			used = true
			taken++
		case base:
			return "", false
		default:
			value = undefined
		}
		group.WriteString("/" + metric + ":" + value)
	}
	return strings.TrimPrefix(b.String(), "/"), taken == 1+strings.Count(vector, "/")
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

// contradict compares words with the vector. A metric that the vector leaves out
// contradicts nothing.
func contradict(differ Differ, vector string, list []property) {
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
