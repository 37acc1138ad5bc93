// Package message reads what people write into the messages of commits. What one message
// says of other commits is kit/branchfix.
package message

import (
	"regexp"
	"strings"
)

var (
	cveName  = regexp.MustCompile(`(?i)\bCVE-\d{4}-\d{4,19}\b`)
	prefixes = regexp.MustCompile(`^(?:\s*(?:\[[^\]]{1,60}\]|\((?:cherry[- ]?pick(?:ed)?|back-?port)[^)]{0,60}\)|(?:back-?port(?:ed)?|cherry-?pick(?:ed)?|upstream)(?: to [^:]{1,40}| of [^:]{1,40})?:|automated cherry pick of #\d+:|(?:release|stable|maint|branch)?[-/ ]?v?\d+\.[\dx]+(?:\.[\dx]+)?(?:-maint|-stable|-fixes)?:|re:))+\s*`)
	suffixes = regexp.MustCompile(`\s*(?:\(#\d+\)|\[[^\]]{1,60}\]|\((?:cherry[- ]?pick(?:ed)?|back-?port)[^)]{0,60}\)|\(release[^)]{0,40}\)|\.)+\s*$`)
)

// Max is how much of a commit's message is read.
const Max = 64 << 10

// Subject returns the first paragraph's first line in the form in which subjects are
// compared: lower case, white space collapsed, without what backports put around it
// ("[1.1]", "backport:", "(#123)"). It is empty when nothing is left.
func Subject(message string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(message, "\n\r\t "), "\n")
	line = strings.Join(strings.Fields(strings.ToLower(line[:min(len(line), 1000)])), " ")
	if s := strings.TrimSpace(suffixes.ReplaceAllString(prefixes.ReplaceAllString(line, ""), "")); s != "" {
		return s
	}
	return line
}

// CVEs finds the CVE ids that a commit's message names, in capitals.
func CVEs(message string) []string {
	var out []string
	for _, name := range cveName.FindAllString(message[:min(len(message), Max)], 32) {
		out = append(out, strings.ToUpper(name))
	}
	return out
}
