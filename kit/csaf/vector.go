package csaf

import "strings"

// IsCVSS2 reports whether s follows the pattern of FIRST's schema for CVSS 2.0 vectors: known metrics with
// known values in any order; what is missing or repeated is test 6.1.8's.
func IsCVSS2(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		metric, value, ok := strings.Cut(part, ":")
		if !ok || !oneOf(value, values2(metric)) {
			return false
		}
	}
	return true
}

// values2 are the values of a CVSS 2.0 metric, separated by spaces.
func values2(metric string) string {
	switch metric {
	case "AV":
		return "N A L"
	case "AC":
		return "L M H"
	case "Au":
		return "M S N"
	case "C", "I", "A":
		return "N P C"
	case "E":
		return "U POC F H ND"
	case "RL":
		return "OF TF W U ND"
	case "RC":
		return "UC UR C ND"
	case "CDP":
		return "N L LM MH H ND"
	case "TD":
		return "N L M H ND"
	case "CR", "IR", "AR":
		return "L M H ND"
	}
	return ""
}

// IsCVSS3 reports whether s follows the pattern of FIRST's schemas for vectors of CVSS 3.0 and 3.1.
func IsCVSS3(version, s string) bool {
	rest, ok := strings.CutPrefix(s, "CVSS:"+version+"/")
	if !ok || version != "3.0" && version != "3.1" {
		return false
	}
	for part := range strings.SplitSeq(rest, "/") {
		metric, value, ok := strings.Cut(part, ":")
		if !ok || !oneOf(value, values3(metric)) {
			return false
		}
	}
	return true
}

// values3 are the values of a CVSS 3 metric, separated by spaces.
func values3(metric string) string {
	switch metric {
	case "AV":
		return "N A L P"
	case "AC":
		return "L H"
	case "PR":
		return "N L H"
	case "UI":
		return "N R"
	case "S":
		return "U C"
	case "C", "I", "A":
		return "N L H"
	case "E":
		return "X U P F H"
	case "RL":
		return "X O T W U"
	case "RC":
		return "X U R C"
	case "CR", "IR", "AR":
		return "X L M H"
	case "MAV":
		return "X N A L P"
	case "MAC":
		return "X L H"
	case "MPR":
		return "X N L H"
	case "MUI":
		return "X N R"
	case "MS":
		return "X U C"
	case "MC", "MI", "MA":
		return "X N L H"
	}
	return ""
}

// oneOf reports whether value is one of the words of a list.
func oneOf(value, list string) bool {
	for list != "" {
		word, rest, _ := strings.Cut(list, " ")
		if word == value {
			return true
		}
		list = rest
	}
	return false
}
