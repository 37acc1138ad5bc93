// Package recommended holds the recommended tests of section 6.2 of CSAF 2.1. Their
// findings are warnings. 6.2.10 is obsolete and not among them. The mandatory and the
// informative tests are in the packages beside this one.
//
// What a test needs besides the document is in rule.Options: the bytes (6.2.13), the
// reader's problems (6.2.12, 6.2.20, 6.2.43), the day of the check (6.2.33), what is
// known of extensions (6.2.20, 6.2.54).
package recommended

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// Tests returns the tests in the order of the standard.
func Tests() rule.Set[csaf21.Advisory] {
	return rule.Set[csaf21.Advisory]{
		{ID: "6.2.1", Name: "Unused Definition of Product ID", Run: unusedProduct},
		{ID: "6.2.2", Name: "Missing Remediation", Run: missingRemediation},
		{ID: "6.2.3", Name: "Missing Metric", Run: missingMetric},
		{ID: "6.2.4", Name: "Build Metadata in Revision History", Run: buildMetadata},
		{ID: "6.2.5", Name: "Older Initial Release Date than Revision History", Run: olderInitialRelease},
		{ID: "6.2.6", Name: "Older Current Release Date than Revision History", Run: olderCurrentRelease},
		{ID: "6.2.7", Name: "Missing Date in Involvements", Run: involvementDate},
		{ID: "6.2.8", Name: "Use of MD5 As the Only Hash Algorithm", Run: onlyMD5},
		{ID: "6.2.9", Name: "Use of SHA-1 As the Only Hash Algorithm", Run: onlySHA1},
		{ID: "6.2.11", Name: "Missing Canonical URL", Run: canonicalURL},
		{ID: "6.2.12", Name: "Missing Document Language", Run: missingLanguage},
		{ID: "6.2.13", Name: "Sorting", Run: sorting},
		{ID: "6.2.14", Name: "Use of Private Language", Run: privateLanguage},
		{ID: "6.2.15", Name: "Use of Default Language", Run: defaultLanguage},
		{ID: "6.2.16", Name: "Missing Product Identification Helper", Run: missingHelper},
		{ID: "6.2.17", Name: "CVE in Field IDs", Run: cveInIDs},
		{ID: "6.2.18", Name: "Product Version Range without VERS", Run: rangeWithoutVERS},
		{ID: "6.2.19", Name: "CVSS for Fixed Products", Run: scoreOfFixed},
		{ID: "6.2.20", Name: "Additional Properties", Run: additionalProperties},
		{ID: "6.2.21", Name: "Same Timestamps in Revision History", Run: sameTimestamps},
		{ID: "6.2.22", Name: "Document Tracking ID in Title", Run: idInTitle},
		{ID: "6.2.23", Name: "Usage of Deprecated CWE", Run: deprecatedCWE},
		{ID: "6.2.24", Name: "Usage of Non-Latest CWE Version", Run: latestCWE},
		{ID: "6.2.25", Name: "Usage of CWE Not Allowed for Vulnerability Mapping", Run: forbiddenCWE},
		{ID: "6.2.26", Name: "Usage of CWE Allowed with Review for Vulnerability Mapping", Run: reviewCWE},
		{ID: "6.2.27", Name: "Discouraged Product Status Remediation Combination", Run: discouragedRemediation},
		{ID: "6.2.28", Name: "Usage of Max UUID", Run: maxUUID},
		{ID: "6.2.29", Name: "Usage of Nil UUID", Run: nilUUID},
		{ID: "6.2.30", Name: "Usage of Sharing Group on TLP:CLEAR", Run: sharingClear},
		{ID: "6.2.31", Name: "Hardware and Software", Run: hardware},
		{ID: "6.2.32", Name: "Use of Same Product Identification Helper for Different Products", Run: sameHelper},
		{ID: "6.2.33", Name: "Disclosure Date Newer than Revision History", Run: disclosureDate},
		{ID: "6.2.34", Name: "Usage of Unknown SSVC Decision Point Base Namespace", Run: unknownNamespace},
		{ID: "6.2.35", Name: "Usage of Unregistered SSVC Decision Point Base Namespace in TLP:CLEAR Document", Run: unregisteredNamespace},
		{ID: "6.2.36", Name: "Usage of SSVC Decision Point Namespace with Extension in TLP:CLEAR Document", Run: extendedNamespace},
		{ID: "6.2.37", Name: "Usage of Unknown SSVC Decision Point Namespace without Resource", Run: namespaceResource},
		{ID: "6.2.38", Name: "Usage of Deprecated Profile", Run: deprecatedProfile},
		{ID: "6.2.39.1", Name: "Missing Fixed Product", Run: missingFixed},
		{ID: "6.2.39.2", Name: "Language Specific Reasoning for Withdrawal", Run: withdrawal},
		{ID: "6.2.39.3", Name: "Language Specific Reasoning for Supersession", Run: supersession},
		{ID: "6.2.39.4", Name: "Language Specific Superseding Document", Run: supersedingDocument},
		{ID: "6.2.39.5", Name: "Extension in Superseded or Withdrawn Document", Run: extensionInWithdrawn},
		{ID: "6.2.40", Name: "Product Description without Product Reference", Run: productDescription},
		{ID: "6.2.41", Name: "Old EPSS Timestamp", Run: oldEPSS},
		{ID: "6.2.42", Name: "Inconsistent Product Identification Helper", Run: inconsistentHelper},
		{ID: "6.2.43", Name: "Missing License Expression", Run: missingLicense},
		{ID: "6.2.44", Name: "Deprecated License Identifier", Run: deprecatedLicense},
		{ID: "6.2.45", Name: "Non-Existing License Identifier", Run: unknownLicense},
		{ID: "6.2.46", Name: "Language Specific License Text", Run: licenseText},
		{ID: "6.2.47", Name: "Use of Qualitative Severity Rating by Issuing Party", Run: qualitative},
		{ID: "6.2.48", Name: "Misuse at Vendor Name", Run: vendorName},
		{ID: "6.2.49", Name: "Upper Open Ended Product Version Range", Run: openRange},
		{ID: "6.2.50.1", Name: "Overlapping Product Version Range with VERS in Contradicting Product Status Group", Run: overlapVERS},
		{ID: "6.2.50.2", Name: "Overlapping Product Version Range with vls in Contradicting Product Status Group", Run: overlapVLS},
		{ID: "6.2.50.3", Name: "Overlapping Product Version Range with Product Version in Contradicting Product Status Group", Run: overlapVersion},
		{ID: "6.2.51", Name: "Unknown VERS Type", Run: unknownVERS},
		{ID: "6.2.52", Name: "Unknown Hash Algorithm", Run: unknownHash},
		{ID: "6.2.53", Name: "Matching Text for Registered ID System", Run: idText},
		{ID: "6.2.54.1", Name: "Registered Extension", Run: registeredExtension},
		{ID: "6.2.54.2", Name: "Official Extension", Run: officialExtension},
		{ID: "6.2.54.3", Name: "Critical Extension", Run: criticalExtension},
		{ID: "6.2.54.4", Name: "Usage of Experimental Extension in TLP:CLEAR Document", Run: experimentalClear},
	}
}
