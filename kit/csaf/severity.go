package csaf

// Severity returns the qualitative rating of a CVSS 3 or 4 score (CVSS 3.1,
// section 5): NONE, LOW, MEDIUM, HIGH or CRITICAL.
func Severity(score float64) string {
	switch {
	case score <= 0:
		return "NONE"
	case score < 4:
		return "LOW"
	case score < 7:
		return "MEDIUM"
	case score < 9:
		return "HIGH"
	}
	return "CRITICAL"
}
