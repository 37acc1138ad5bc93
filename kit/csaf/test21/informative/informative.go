// Package informative holds the informative tests of section 6.3 of CSAF 2.1: their
// findings are infos. The mandatory and the recommended tests are in the packages
// beside this one.
//
// 6.3.6 and 6.3.7 are not run without Options.Fetcher, 6.3.8 not without
// Options.Speller (csaf/spell has one), and 6.3.16 not without Options.Grammar, for
// which there is nothing here.
package informative

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// Tests returns the tests in the order of the standard.
func Tests() rule.Set[csaf21.Advisory] {
	return rule.Set[csaf21.Advisory]{
		{ID: "6.3.1", Name: "Use of CVSS v2 As the Only Scoring System", Run: onlyCVSS2},
		{ID: "6.3.2", Name: "Use of CVSS v3.0", Run: cvss30},
		{ID: "6.3.3", Name: "Missing CVE", Run: missingCVE},
		{ID: "6.3.4", Name: "Missing CWE", Run: missingCWE},
		{ID: "6.3.5", Name: "Use of Short Hash", Run: shortHash},
		{ID: "6.3.6", Name: "Use of Non-Self Referencing URLs Failing to Resolve", Needs: rule.Network, Run: otherURLs},
		{ID: "6.3.7", Name: "Use of Self Referencing URLs Failing to Resolve", Needs: rule.Network, Run: selfURLs},
		{ID: "6.3.8", Name: "Spell Check", Needs: rule.Words, Run: spelling},
		{ID: "6.3.9", Name: "Branch Categories", Run: branchCategories},
		{ID: "6.3.10", Name: "Usage of Product Version Range", Run: versionRange},
		{ID: "6.3.11", Name: "Usage of V as Version Indicator", Run: versionIndicator},
		{ID: "6.3.12", Name: "Missing CVSS v4.0", Run: missingCVSS4},
		{ID: "6.3.13", Name: "Usage of Non-Latest SSVC Decision Point Version", Run: latestDecisionPoint},
		{ID: "6.3.14", Name: "Usage of Unregistered SSVC Decision Point Base Namespace in Non-TLP:CLEAR Document", Run: unregisteredNamespace},
		{ID: "6.3.15", Name: "Usage of SSVC Decision Point Namespace with Extension in Non-TLP:CLEAR Document", Run: extendedNamespace},
		{ID: "6.3.16", Name: "Grammar Check", Needs: rule.Grammar, Run: grammar},
		{ID: "6.3.17", Name: "Use of Unregistered License", Run: unregisteredLicense},
		{ID: "6.3.18", Name: "Use of Qualitative Severity Rating", Run: qualitative},
		{ID: "6.3.19.1", Name: "Overlapping Product Version Range with VERS in Same Product Status Group", Run: overlapVERS},
		{ID: "6.3.19.2", Name: "Overlapping Product Version Range with vls in Same Product Status Group", Run: overlapVLS},
		{ID: "6.3.19.3", Name: "Overlapping Product Version Range with Product Version in Same Product Status Group", Run: overlapVersion},
		{ID: "6.3.19.4", Name: "Overlapping Product Version Range with Product Version Range in Branch", Run: overlapBranchRange},
		{ID: "6.3.19.5", Name: "Overlapping Product Version Range with Product Version in Branch", Run: overlapBranchVersion},
		{ID: "6.3.20", Name: "Use of Unregistered ID System", Run: unregisteredSystem},
		{ID: "6.3.21.1", Name: "Extension Category Essential", Run: essential},
		{ID: "6.3.21.2", Name: "Usage of Experimental Extension in Non-TLP:CLEAR Document", Run: experimental},
		{ID: "6.3.21.3", Name: "Usage of Extension at Document Level", Run: extensionAt(facts.AtDocument)},
		{ID: "6.3.21.4", Name: "Usage of Extension in Product Tree Branch Path", Run: extensionAt(facts.AtBranch)},
		{ID: "6.3.21.5", Name: "Usage of Extension in Product Tree Full Product Names Path", Run: extensionAt(facts.AtFullProductName)},
		{ID: "6.3.21.6", Name: "Usage of Extension in Product Tree Product Paths Path", Run: extensionAt(facts.AtProductPath)},
		{ID: "6.3.21.7", Name: "Usage of Extension in Vulnerabilities Metrics Path", Run: extensionAt(facts.AtMetric)},
		{ID: "6.3.21.8", Name: "Usage of Extension at Vulnerabilities Level", Run: extensionAt(facts.AtVulnerability)},
		{ID: "6.3.21.9", Name: "Usage of Extension at Root Level", Run: extensionAt(facts.AtRoot)},
		{ID: "6.3.22", Name: "Nested Product Path", Run: nestedPath},
	}
}
