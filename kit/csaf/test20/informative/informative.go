// Package informative holds the 11 informative tests of section 6.3 of CSAF 2.0: their
// findings are infos. Those of 6.1 are in package mandatory, those of 6.2 in package
// optional; csaf/validate runs all of them.
//
// 6.3.6 and 6.3.7 are not run without Options.Fetcher, and 6.3.8 not without
// Options.Speller (csaf/spell has one).
package informative

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Tests returns the tests in the order of the standard.
func Tests() rule.Set[csaf.Advisory] {
	return rule.Set[csaf.Advisory]{
		{ID: "6.3.1", Name: "Use of CVSS v2 as the only Scoring System", Run: onlyCVSS2},
		{ID: "6.3.2", Name: "Use of CVSS v3.0", Run: cvss30},
		{ID: "6.3.3", Name: "Missing CVE", Run: missingCVE},
		{ID: "6.3.4", Name: "Missing CWE", Run: missingCWE},
		{ID: "6.3.5", Name: "Use of Short Hash", Run: shortHash},
		{ID: "6.3.6", Name: "Use of non-self referencing URLs Failing to Resolve", Needs: rule.Network, Run: otherURLs},
		{ID: "6.3.7", Name: "Use of self referencing URLs Failing to Resolve", Needs: rule.Network, Run: selfURLs},
		{ID: "6.3.8", Name: "Spell check", Needs: rule.Words, Run: spelling},
		{ID: "6.3.9", Name: "Branch Categories", Run: branchCategories},
		{ID: "6.3.10", Name: "Usage of Product Version Range", Run: versionRange},
		{ID: "6.3.11", Name: "Usage of V as Version Indicator", Run: versionIndicator},
	}
}
