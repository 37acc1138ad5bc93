// Package optional holds the 20 optional tests of section 6.2 of CSAF 2.0: their
// findings are warnings. Those of 6.1 are in package mandatory, those of 6.3 in package
// informative; csaf/validate runs all of them.
//
// 6.2.13 needs Options.Data and 6.2.20 Options.Problems: without them they find
// nothing.
package optional

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Tests returns the tests in the order of the standard.
func Tests() rule.Set[csaf.Advisory] {
	return rule.Set[csaf.Advisory]{
		{ID: "6.2.1", Name: "Unused Definition of Product ID", Run: unusedProduct},
		{ID: "6.2.2", Name: "Missing Remediation", Run: missingRemediation},
		{ID: "6.2.3", Name: "Missing Score", Run: missingScore},
		{ID: "6.2.4", Name: "Build Metadata in Revision History", Run: buildMetadata},
		{ID: "6.2.5", Name: "Older Initial Release Date than Revision History", Run: olderInitial},
		{ID: "6.2.6", Name: "Older Current Release Date than Revision History", Run: olderCurrent},
		{ID: "6.2.7", Name: "Missing Date in Involvements", Run: missingDate},
		{ID: "6.2.8", Name: "Use of MD5 as the only Hash Algorithm", Run: onlyMD5},
		{ID: "6.2.9", Name: "Use of SHA-1 as the only Hash Algorithm", Run: onlySHA1},
		{ID: "6.2.10", Name: "Missing TLP label", Run: missingTLP},
		{ID: "6.2.11", Name: "Missing Canonical URL", Run: missingCanonical},
		{ID: "6.2.12", Name: "Missing Document Language", Run: missingLanguage},
		{ID: "6.2.13", Name: "Sorting", Run: sorting},
		{ID: "6.2.14", Name: "Use of Private Language", Run: privateLanguage},
		{ID: "6.2.15", Name: "Use of Default Language", Run: defaultLanguage},
		{ID: "6.2.16", Name: "Missing Product Identification Helper", Run: missingHelper},
		{ID: "6.2.17", Name: "CVE in field IDs", Run: cveInIDs},
		{ID: "6.2.18", Name: "Product Version Range without vers", Run: rangeWithoutVers},
		{ID: "6.2.19", Name: "CVSS for Fixed Products", Run: scoreOfFixed},
		{ID: "6.2.20", Name: "Additional Properties", Run: additional},
	}
}
