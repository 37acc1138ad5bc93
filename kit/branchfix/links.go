package branchfix

import (
	"regexp"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix/message"
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
)

// Links finds what a commit's message says of other commits. The phrases are looked for
// in its first message.Max bytes.
func Links(text string) []Link {
	text = text[:min(len(text), message.Max)]
	var out []Link
	// Most messages name no commit at all.
	if !anyName.MatchString(text) {
		return nil
	}
	for _, p := range phrases {
		for _, m := range p.re.FindAllStringSubmatch(text, 32) {
			out = append(out, Link{p.kind, ID(strings.ToLower(m[1]))})
		}
	}
	for _, m := range revertLine.FindAllStringSubmatch(text, 32) {
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
