// Package mandatory holds the 43 mandatory tests of section 6.1 of CSAF 2.0: their
// findings are errors. Those of 6.2 are in package optional, those of 6.3 in package
// informative; csaf/validate runs all of them, and the check against the schema that
// comes before.
//
// 6.1.8 repeats what the reader found (Options.Problems).
package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Check runs every test and returns the findings in the order of the tests.
func Check(doc *csaf.Advisory) []rule.Finding {
	return rule.Findings(Tests(), doc, rule.New20(doc, rule.Options{}))
}

// Tests returns the tests in the order of the standard.
func Tests() rule.Set[csaf.Advisory] {
	return rule.Set[csaf.Advisory]{
		{ID: "6.1.1", Name: "Missing Definition of Product ID", Run: missingProduct},
		{ID: "6.1.2", Name: "Multiple Definition of Product ID", Run: multipleProduct},
		{ID: "6.1.3", Name: "Circular Definition of Product ID", Run: circular},
		{ID: "6.1.4", Name: "Missing Definition of Product Group ID", Run: missingGroup},
		{ID: "6.1.5", Name: "Multiple Definition of Product Group ID", Run: multipleGroup},
		{ID: "6.1.6", Name: "Contradicting Product Status", Run: contradicting},
		{ID: "6.1.7", Name: "Multiple Scores with same Version per Product", Run: multipleScores},
		{ID: "6.1.8", Name: "Invalid CVSS", Run: invalidCVSS},
		{ID: "6.1.9", Name: "Invalid CVSS computation", Run: computation},
		{ID: "6.1.10", Name: "Inconsistent CVSS", Run: inconsistent},
		{ID: "6.1.11", Name: "CWE", Run: weakness},
		{ID: "6.1.12", Name: "Language", Run: languages},
		{ID: "6.1.13", Name: "PURL", Run: purl},
		{ID: "6.1.14", Name: "Sorted Revision History", Run: sorted},
		{ID: "6.1.15", Name: "Translator", Run: translator},
		{ID: "6.1.16", Name: "Latest Document Version", Run: latest},
		{ID: "6.1.17", Name: "Document Status Draft", Run: statusDraft},
		{ID: "6.1.18", Name: "Released Revision History", Run: released},
		{ID: "6.1.19", Name: "Revision History Entries for Pre-release Versions", Run: preReleaseEntries},
		{ID: "6.1.20", Name: "Non-draft Document Version", Run: nonDraft},
		{ID: "6.1.21", Name: "Missing Item in Revision History", Run: missingRevision},
		{ID: "6.1.22", Name: "Multiple Definition in Revision History", Run: multipleRevision},
		{ID: "6.1.23", Name: "Multiple Use of Same CVE", Run: multipleCVE},
		{ID: "6.1.24", Name: "Multiple Definition in Involvements", Run: multipleInvolvement},
		{ID: "6.1.25", Name: "Multiple Use of Same Hash Algorithm", Run: multipleHash},
		{ID: "6.1.26", Name: "Prohibited Document Category Name", Run: category},
		{ID: "6.1.27.1", Name: "Document Notes", Run: documentNotes},
		{ID: "6.1.27.2", Name: "Document References", Run: documentReferences},
		{ID: "6.1.27.3", Name: "Vulnerabilities", Run: noVulnerabilities},
		{ID: "6.1.27.4", Name: "Product Tree", Run: productTree},
		{ID: "6.1.27.5", Name: "Vulnerability Notes", Run: vulnerabilityNotes},
		{ID: "6.1.27.6", Name: "Product Status", Run: productStatus},
		{ID: "6.1.27.7", Name: "VEX Product Status", Run: vexStatus},
		{ID: "6.1.27.8", Name: "Vulnerability ID", Run: vulnerabilityID},
		{ID: "6.1.27.9", Name: "Impact Statement", Run: impactStatement},
		{ID: "6.1.27.10", Name: "Action Statement", Run: actionStatement},
		{ID: "6.1.27.11", Name: "Vulnerabilities", Run: vulnerabilities},
		{ID: "6.1.28", Name: "Translation", Run: translation},
		{ID: "6.1.29", Name: "Remediation without Product Reference", Run: remediationProducts},
		{ID: "6.1.30", Name: "Mixed Integer and Semantic Versioning", Run: mixedVersioning},
		{ID: "6.1.31", Name: "Version Range in Product Version", Run: versionRange},
		{ID: "6.1.32", Name: "Flag without Product Reference", Run: flagProducts},
		{ID: "6.1.33", Name: "Multiple Flags with VEX Justification Codes per Product", Run: multipleFlags},
	}
}
