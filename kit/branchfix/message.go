package branchfix

import (
	"regexp"
	"strings"
)

// Link is what a commit message says about another commit.
type Link struct {
	Kind LinkKind
	To   ID // as written: at least seven digits of an object name
}

// LinkKind says how two commits hang together.
type LinkKind uint8

// The kinds of links.
const (
	_             LinkKind = iota
	CherryPicked           // "(cherry picked from commit …)", git cherry-pick -x
	Upstream               // "commit … upstream", "[ Upstream commit … ]": the stable trees of Linux
	Backport               // "backport of commit …" and its like
	Reverts                // "This reverts commit …"
	PartlyReverts          // the same with "partially" before it
	FixesCommit            // "Fixes: …": the commit that brought the flaw
)

const hexName = `([0-9a-f]{7,64})`

// The phrases, each with the commit's name as its only group. They are the words of git
// itself and of the big projects' stable rules (Linux: Documentation/process/stable-kernel-rules).
var (
	phrases = []struct {
		kind LinkKind
		re   *regexp.Regexp
	}{
		{CherryPicked, regexp.MustCompile(`(?i)\bcherry[- ]?pick(?:ed)?(?: from| of)?(?: commits?)?:? ` + hexName + `\b`)},
		{Upstream, regexp.MustCompile(`(?im)^\s*(?:\[ *)?(?:upstream )?commit ` + hexName + ` upstream\b`)},
		{Upstream, regexp.MustCompile(`(?i)\bupstream[- ]commit:? ` + hexName + `\b`)},
		{Backport, regexp.MustCompile(`(?i)\bback-?port(?:ed|s)?(?: from| of)?(?: upstream)?(?: commit)?:? ` + hexName + `\b`)},
		{FixesCommit, regexp.MustCompile(`(?im)^fixes:\s*(?:commit )?` + hexName + `\b`)},
	}
	revertLine = regexp.MustCompile(`(?i)\b(partial(?:ly)? )?reverts? commits? ([^.\n]*)`)
	anyName    = regexp.MustCompile(`\b[0-9a-f]{7,64}\b`)
	cveName    = regexp.MustCompile(`(?i)\bCVE-\d{4}-\d{4,19}\b`)
	prefixes   = regexp.MustCompile(`^(?:\s*(?:\[[^\]]{1,60}\]|\((?:cherry[- ]?pick(?:ed)?|back-?port)[^)]{0,60}\)|(?:back-?port(?:ed)?|cherry-?pick(?:ed)?|upstream)(?: to [^:]{1,40}| of [^:]{1,40})?:|automated cherry pick of #\d+:|(?:release|stable|maint|branch)?[-/ ]?v?\d+\.[\dx]+(?:\.[\dx]+)?(?:-maint|-stable|-fixes)?:|re:))+\s*`)
	suffixes   = regexp.MustCompile(`\s*(?:\(#\d+\)|\[[^\]]{1,60}\]|\((?:cherry[- ]?pick(?:ed)?|back-?port)[^)]{0,60}\)|\(release[^)]{0,40}\)|\.)+\s*$`)
)

// MaxMessage is how much of a commit's message is read.
const MaxMessage = 64 << 10

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

// Links finds what a commit's message says of other commits. The phrases are looked for
// in its first MaxMessage bytes.
func Links(message string) []Link {
	message = message[:min(len(message), MaxMessage)]
	var out []Link
	// Most messages name no commit at all.
	if !anyName.MatchString(message) {
		return nil
	}
	for _, p := range phrases {
		for _, m := range p.re.FindAllStringSubmatch(message, 32) {
			out = append(out, Link{p.kind, ID(strings.ToLower(m[1]))})
		}
	}
	for _, m := range revertLine.FindAllStringSubmatch(message, 32) {
		kind := Reverts
		if m[1] != "" {
			kind = PartlyReverts
		}
		// "reverts commit A, reversing changes made to B" is about A alone.
		list, _, _ := strings.Cut(m[2], "reversing")
		for _, name := range anyName.FindAllString(strings.ToLower(list), 64) {
			out = append(out, Link{kind, ID(name)})
		}
	}
	return out
}

// CVEs finds the CVE ids that a commit's message names, in capitals.
func CVEs(message string) []string {
	var out []string
	for _, name := range cveName.FindAllString(message[:min(len(message), MaxMessage)], 32) {
		out = append(out, strings.ToUpper(name))
	}
	return out
}
