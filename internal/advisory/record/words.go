package record

// Roles returns what somebody may be thanked for in one word, after OSV (credits.type) and
// CVE 5 (credits.type), which have the same list.
func Roles() []string {
	return []string{"finder", "reporter", "analyst", "coordinator", "remediation_developer", "remediation_reviewer",
		"remediation_verifier", "tool", "sponsor", "other"}
}

// Kinds returns what a link may be, after OSV (references.type).
func Kinds() []string {
	return []string{"advisory", "article", "detection", "discussion", "report", "fix", "introduced", "git", "package", "evidence", "web"}
}
