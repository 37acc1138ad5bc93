package convert

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/registry/spdx"
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

var markerRE = regexp.MustCompile(`SPDX-License-Identifier:[ \t]*([^\r\n]+)`)

// known are licences that a text may consist of without saying that it is one.
const known = " 0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause CC0-1.0 CC-BY-4.0 CC-BY-3.0 CC-BY-SA-4.0 CC-BY-SA-3.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC-BY-ND-4.0 " +
	"GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later AGPL-3.0-only AGPL-3.0-or-later " +
	"MIT MIT-0 MPL-2.0 EPL-2.0 EUPL-1.2 ODbL-1.0 Unlicense Zlib "

// expressions are the licence expressions in a text, each once.
func expressions(text string) []string {
	var out []string
	for _, m := range markerRE.FindAllStringSubmatch(text, -1) {
		if e := strings.TrimRight(strings.TrimSpace(m[1]), ".,;"); isExpression(e, false) && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	if e := strings.TrimSpace(text); len(out) == 0 && isExpression(e, true) {
		out = append(out, e)
	}
	return out
}

// isExpression reports whether s is a licence expression as CSAF 2.1 takes them; with
// wellKnown each licence must be one of the list above.
func isExpression(s string, wellKnown bool) bool {
	if len(s) > 1000 {
		return false
	}
	foreign := false
	err := spdx.Parse(s, func(kind spdx.Kind, id string) {
		if kind == spdx.LicenseID || kind == spdx.LicenseRef {
			foreign = foreign || !strings.Contains(known, " "+id+" ")
		}
	})
	return err == nil && !(wellKnown && foreign)
}
