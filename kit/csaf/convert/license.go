package convert

import (
	"regexp"
	"strings"
)

// license looks for licence expressions in the legal disclaimers (clause 18,
// $.document.license_expression). An expression is found where a text says
// "SPDX-License-Identifier:", or is an expression of well-known licences and nothing else.
func (c *conv) license() {
	if c.NoLicense {
		return
	}
	var found, where []string
	for i, n := range c.src.Document.Notes {
		if n.Category != "legal_disclaimer" {
			continue
		}
		for _, e := range expressions(n.Text) {
			found = append(found, e)
			where = append(where, at("/document/notes/%/text", i))
		}
	}
	target := &spot{"/document/license_expression"}
	switch len(found) {
	case 0:
	case 1:
		c.out.Document.LicenseExpression = found[0]
		c.warn("document.license_expression", where[0], target, "", found[0], "a licence expression was found and set as the document's")
	default:
		var all []string
		for i, e := range found {
			all = append(all, e+" at "+where[i])
		}
		c.warn("document.license_expression", where[0], gone(), "", "", "several licence expressions were found, so none could be determined: %s", strings.Join(all, ", "))
	}
}

var (
	markerRE = regexp.MustCompile(`SPDX-License-Identifier:[ \t]*([^\r\n]+)`)
	simpleRE = regexp.MustCompile(`^((DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+|[A-Za-z0-9][A-Za-z0-9.-]*\+?)$`)
)

// known are licences that a text may consist of without saying that it is one.
const known = " 0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause CC0-1.0 CC-BY-4.0 CC-BY-3.0 CC-BY-SA-4.0 CC-BY-SA-3.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC-BY-ND-4.0 " +
	"GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later AGPL-3.0-only AGPL-3.0-or-later " +
	"MIT MIT-0 MPL-2.0 EPL-2.0 EUPL-1.2 ODbL-1.0 Unlicense Zlib "

// expressions are the licence expressions in a text, each once.
func expressions(text string) []string {
	var out []string
	for _, m := range markerRE.FindAllStringSubmatch(text, -1) {
		if e := strings.TrimRight(strings.TrimSpace(m[1]), ".,;"); isExpression(e, false) && !has(out, e) {
			out = append(out, e)
		}
	}
	if e := strings.TrimSpace(text); len(out) == 0 && isExpression(e, true) {
		out = append(out, e)
	}
	return out
}

// isExpression reports whether s follows the grammar of SPDX 2.3, annex D; with
// wellKnown each identifier must be one of the list above.
func isExpression(s string, wellKnown bool) bool {
	if len(s) > 1000 {
		return false
	}
	depth, operand := 0, false
	afterWith := false
	for _, w := range strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s)) {
		switch {
		case w == "(":
			if operand || afterWith {
				return false
			}
			depth++
		case w == ")":
			if !operand || depth == 0 {
				return false
			}
			depth--
		case w == "AND" || w == "OR" || w == "WITH":
			if !operand {
				return false
			}
			operand, afterWith = false, w == "WITH"
		default:
			if operand || !simpleRE.MatchString(w) || wellKnown && !afterWith && !strings.Contains(known, " "+w+" ") {
				return false
			}
			operand, afterWith = true, false
		}
	}
	return operand && depth == 0
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
