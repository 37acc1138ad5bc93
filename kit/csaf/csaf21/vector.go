package csaf21

import "strings"

// isCVSS4 is the pattern of FIRST's schema for CVSS 4.0 vectors: the base metrics,
// then the others in their order, each at most once.
func isCVSS4(s string) bool {
	rest, ok := strings.CutPrefix(s, "CVSS:4.0/")
	if !ok {
		return false
	}
	next := 0
	for part := range strings.SplitSeq(rest, "/") {
		metric, value, ok := strings.Cut(part, ":")
		for next < len(metrics4) && metrics4[next].name != metric {
			if next < base4 {
				return false
			}
			next++
		}
		if !ok || next == len(metrics4) || !allowed(metrics4[next].values, value) {
			return false
		}
		next++
	}
	return next >= base4
}

// allowed reports whether value is one letter of values, or a word of them when they
// are separated by spaces.
func allowed(values, value string) bool {
	if strings.Contains(values, " ") {
		return strings.Contains(" "+values+" ", " "+value+" ") && !strings.Contains(value, " ") && value != ""
	}
	return len(value) == 1 && strings.Contains(values, value)
}

// base4 is the number of base metrics, which must be there.
const base4 = 11

var metrics4 = [...]struct{ name, values string }{
	{"AV", "NALP"}, {"AC", "LH"}, {"AT", "NP"}, {"PR", "NLH"}, {"UI", "NPA"},
	{"VC", "HLN"}, {"VI", "HLN"}, {"VA", "HLN"}, {"SC", "HLN"}, {"SI", "HLN"}, {"SA", "HLN"},
	{"E", "XAPU"}, {"CR", "XHML"}, {"IR", "XHML"}, {"AR", "XHML"},
	{"MAV", "XNALP"}, {"MAC", "XLH"}, {"MAT", "XNP"}, {"MPR", "XNLH"}, {"MUI", "XNPA"},
	{"MVC", "XNLH"}, {"MVI", "XNLH"}, {"MVA", "XNLH"}, {"MSC", "XNLH"}, {"MSI", "XNLHS"}, {"MSA", "XNLHS"},
	{"S", "XNP"}, {"AU", "XNY"}, {"R", "XAUI"}, {"V", "XDC"}, {"RE", "XLMH"}, {"U", "X Clear Green Amber Red"},
}
