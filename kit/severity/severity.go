// Package severity reads CVSS 3.1 and 4.0 vectors strictly, computes their
// scores and names the qualitative rating.
//
//	s, err := severity.Parse("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
//	// s.Score == 9.8, s.Rating == severity.Critical
//
// What is wrong with a vector is an *Error that names the metric. The formulas
// are those of github.com/pandatix/go-cvss; the checks in front of them are ours,
// because a person who typed a vector needs to know which letter is wrong.
//
// Sources: FIRST, CVSS v3.1 Specification Document (revision 1) section 6 and
// CVSS v4.0 Specification Document section 7.
package severity

import (
	"fmt"
	"strings"

	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"
)

// Rating is the qualitative severity of a score.
type Rating string

// The ratings of both versions (3.1 section 5, 4.0 section 6).
const (
	None     Rating = "none"
	Low      Rating = "low"
	Medium   Rating = "medium"
	High     Rating = "high"
	Critical Rating = "critical"
)

// MaxLength bounds a vector in bytes: the longest correct one of 4.0 has fewer
// than 250.
const MaxLength = 512

// Score is a checked vector with what follows from it.
type Score struct {
	Version string  // "3.1" or "4.0"
	Vector  string  // in the order of the specification, undefined metrics left out
	Base    float64 // base score; in 4.0 the same as Score when only base metrics are set
	Score   float64 // the score of all metrics that are set
	Rating  Rating  // of Score
}

// Problem is what is wrong with a vector.
type Problem string

// The problems. Each is also the end of a catalogue key in programs that speak
// to people.
const (
	TooLong       Problem = "too_long"
	UnknownPrefix Problem = "prefix"    // neither CVSS:3.1/ nor CVSS:4.0/
	Malformed     Problem = "malformed" // a part that is not METRIC:VALUE
	UnknownMetric Problem = "metric"    // no metric of this version
	BadValue      Problem = "value"     // not a value of this metric
	Twice         Problem = "twice"     // a metric that is given twice
	Missing       Problem = "missing"   // a base metric that is not given
	Order         Problem = "order"     // 4.0 fixes the order
)

// Error says what is wrong with a vector and where.
type Error struct {
	Problem Problem
	Metric  string // the metric or part concerned, cut to 20 bytes
	Value   string // the value as typed, cut to 20 bytes
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("cvss vector: %s (metric %q, value %q)", e.Problem, e.Metric, e.Value)
}

// Parse reads a vector of either version. It fails with *Error only.
func Parse(vector string) (Score, error) {
	switch {
	case len(vector) > MaxLength:
		return Score{}, &Error{Problem: TooLong}
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		return Parse31(vector)
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		return Parse40(vector)
	default:
		head, _, _ := strings.Cut(vector, "/")
		return Score{}, &Error{Problem: UnknownPrefix, Value: short(head)}
	}
}

// Parse31 reads a vector of version 3.1. It fails with *Error only.
func Parse31(vector string) (Score, error) {
	if err := check(vector, "CVSS:3.1/", metrics31(), false); err != nil {
		return Score{}, err
	}
	v, err := cvss31.ParseVector(vector)
	if err != nil {
		return Score{}, &Error{Problem: Malformed}
	}
	s := Score{Version: "3.1", Vector: v.Vector(), Base: v.BaseScore()}
	s.Score = v.EnvironmentalScore()
	if onlyBase(s.Vector) {
		s.Score = s.Base
	}
	s.Rating = Rate(s.Score)
	return s, nil
}

// onlyBase reports whether a canonical 3.1 vector has its eight base metrics alone.
func onlyBase(vector string) bool { return strings.Count(vector, "/") == 8 }

// Parse40 reads a vector of version 4.0. It fails with *Error only.
func Parse40(vector string) (Score, error) {
	if err := check(vector, "CVSS:4.0/", metrics40(), true); err != nil {
		return Score{}, err
	}
	v, err := cvss40.ParseVector(vector)
	if err != nil {
		return Score{}, &Error{Problem: Malformed}
	}
	s := Score{Version: "4.0", Vector: v.Vector(), Score: v.Score()}
	s.Base = s.Score
	if parts := strings.Split(s.Vector, "/"); len(parts) > 12 {
		if b, err := cvss40.ParseVector(strings.Join(parts[:12], "/")); err == nil {
			s.Base = b.Score()
		}
	}
	s.Rating = Rate(s.Score)
	return s, nil
}

// Rate names the rating of a score between 0 and 10.
func Rate(score float64) Rating {
	switch {
	case score >= 9:
		return Critical
	case score >= 7:
		return High
	case score >= 4:
		return Medium
	case score > 0:
		return Low
	default:
		return None
	}
}

// short cuts foreign text before it goes into an error.
func short(s string) string {
	if len(s) > 20 {
		return strings.ToValidUTF8(s[:20], "")
	}
	return s
}
