// Package scoring is how bad a problem is and of what kind: the checked vectors of CVSS
// with the scores that follow from them, and the ids of weaknesses (CWE). Each problem
// with what was typed is noted beside its field.
//
// Not here: CVSS itself (kit/severity), and who may say so of a case (casework).
package scoring

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Severity is how bad the problem is: a checked vector of CVSS 3.1, of 4.0, or
// both, with what follows from them. The zero value is "not assessed".
type Severity struct {
	Vector31 string          `json:"vector31,omitempty"`
	Score31  float64         `json:"score31,omitempty"`
	Vector40 string          `json:"vector40,omitempty"`
	Score40  float64         `json:"score40,omitempty"`
	Rating   severity.Rating `json:"rating,omitempty"` // of 4.0 if given, else of 3.1
}

// Score is the score that lists sort by: that of 4.0 if given, else of 3.1.
func (s Severity) Score() float64 {
	if s.Vector40 != "" {
		return s.Score40
	}
	return s.Score31
}

// Known reports whether the severity was assessed.
func (s Severity) Known() bool { return s.Vector31 != "" || s.Vector40 != "" }

// Check reads both vectors, either may be empty, and notes a problem
// beside the field that has it, with the metric's name.
func Check(c *fault.Checks, v31, v40 string) Severity {
	var s Severity
	if v31 = strings.TrimSpace(v31); v31 != "" {
		got, err := severity.Parse31(v31)
		vectorProblem(c, "vector31", "CVSS:3.1/", err)
		s.Vector31, s.Score31, s.Rating = got.Vector, got.Score, got.Rating
	}
	if v40 = strings.TrimSpace(v40); v40 != "" {
		got, err := severity.Parse40(v40)
		vectorProblem(c, "vector40", "CVSS:4.0/", err)
		s.Vector40, s.Score40, s.Rating = got.Vector, got.Score, got.Rating
	}
	return s
}

func vectorProblem(c *fault.Checks, path, prefix string, err error) {
	var e *severity.Error
	if !errors.As(err, &e) {
		return
	}
	key := map[severity.Problem]string{
		severity.TooLong: "casework.vector.too_long", severity.UnknownPrefix: "casework.vector.prefix",
		severity.Malformed: "casework.vector.malformed", severity.UnknownMetric: "casework.vector.metric",
		severity.BadValue: "casework.vector.value", severity.Twice: "casework.vector.twice",
		severity.Missing: "casework.vector.missing", severity.Order: "casework.vector.order",
	}[e.Problem]
	c.Add(path, key, "metric", e.Metric, "value", e.Value, "prefix", prefix)
}

// MaxWeaknesses is how many a case takes.
const MaxWeaknesses = 20

// maxWeakness is above the highest number that CWE has given (1430 in 4.16),
// with room for the numbers of some years.
const maxWeakness = 2999

// Weaknesses reads ids such as "CWE-79" or "79", drops repetitions and notes
// what is none.
func Weaknesses(c *fault.Checks, in []string) []string {
	var out []string
	seen := map[int]bool{}
	for _, w := range in {
		w = strings.ToUpper(strings.TrimSpace(w))
		if w == "" {
			continue
		}
		digits := strings.TrimPrefix(w, "CWE-")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n > maxWeakness || strconv.Itoa(n) != digits {
			c.Add("cwe", "casework.field.cwe", "id", clip(w))
			continue
		}
		if !seen[n] {
			seen[n] = true
			out = append(out, "CWE-"+strconv.Itoa(n))
		}
	}
	c.Require(len(out) <= MaxWeaknesses, "cwe", "casework.field.many", "n", MaxWeaknesses)
	return out
}

// clip shortens what was typed for an error.
func clip(s string) string {
	const longest = 20
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
