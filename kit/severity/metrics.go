package severity

import "strings"

// metric is one metric of a version with its values, "X" (not defined)
// included where it is allowed.
type metric struct {
	name     string
	values   string // separated by spaces
	required bool
}

// metrics31 lists the metrics of CVSS v3.1, section 6, table 15.
func metrics31() []metric {
	return []metric{
		{"AV", "N A L P", true}, {"AC", "L H", true}, {"PR", "N L H", true}, {"UI", "N R", true},
		{"S", "U C", true}, {"C", "H L N", true}, {"I", "H L N", true}, {"A", "H L N", true},
		{"E", "X U P F H", false}, {"RL", "X O T W U", false}, {"RC", "X U R C", false},
		{"CR", "X L M H", false}, {"IR", "X L M H", false}, {"AR", "X L M H", false},
		{"MAV", "X N A L P", false}, {"MAC", "X L H", false}, {"MPR", "X N L H", false},
		{"MUI", "X N R", false}, {"MS", "X U C", false}, {"MC", "X N L H", false},
		{"MI", "X N L H", false}, {"MA", "X N L H", false},
	}
}

// metrics40 lists the metrics of CVSS v4.0, section 7, table 23, in their order.
func metrics40() []metric {
	return []metric{
		{"AV", "N A L P", true}, {"AC", "L H", true}, {"AT", "N P", true}, {"PR", "N L H", true},
		{"UI", "N P A", true}, {"VC", "H L N", true}, {"VI", "H L N", true}, {"VA", "H L N", true},
		{"SC", "H L N", true}, {"SI", "H L N", true}, {"SA", "H L N", true},
		{"E", "X A P U", false}, {"CR", "X H M L", false}, {"IR", "X H M L", false}, {"AR", "X H M L", false},
		{"MAV", "X N A L P", false}, {"MAC", "X L H", false}, {"MAT", "X N P", false},
		{"MPR", "X N L H", false}, {"MUI", "X N P A", false}, {"MVC", "X H L N", false},
		{"MVI", "X H L N", false}, {"MVA", "X H L N", false}, {"MSC", "X H L N", false},
		{"MSI", "X S H L N", false}, {"MSA", "X S H L N", false},
		{"S", "X N P", false}, {"AU", "X N Y", false}, {"R", "X A U I", false}, {"V", "X D C", false},
		{"RE", "X L M H", false}, {"U", "X Clear Green Amber Red", false},
	}
}

// check walks the vector's parts and reports the first problem by name.
func check(vector, prefix string, ms []metric, ordered bool) error {
	if len(vector) > MaxLength {
		return &Error{Problem: TooLong}
	}
	rest, ok := strings.CutPrefix(vector, prefix)
	if !ok {
		return &Error{Problem: UnknownPrefix}
	}
	seen, last := make(map[string]bool, len(ms)), -1
	for part := range strings.SplitSeq(rest, "/") {
		name, value, ok := strings.Cut(part, ":")
		if !ok {
			return &Error{Problem: Malformed, Metric: short(part)}
		}
		at := index(ms, name)
		switch {
		case at < 0:
			return &Error{Problem: UnknownMetric, Metric: short(name)}
		case seen[name]:
			return &Error{Problem: Twice, Metric: name}
		case value == "" || !hasWord(ms[at].values, value):
			return &Error{Problem: BadValue, Metric: name, Value: short(value)}
		case ordered && at < last:
			return &Error{Problem: Order, Metric: name}
		}
		seen[name], last = true, at
	}
	for _, m := range ms {
		if m.required && !seen[m.name] {
			return &Error{Problem: Missing, Metric: m.name}
		}
	}
	return nil
}

func index(ms []metric, name string) int {
	for i, m := range ms {
		if m.name == name {
			return i
		}
	}
	return -1
}

func hasWord(words, w string) bool {
	for v := range strings.SplitSeq(words, " ") {
		if v == w {
			return true
		}
	}
	return false
}
