// Package csaf21 reads and writes the files of the Common Security Advisory
// Framework 2.1 (OASIS): advisories, provider metadata, aggregators and ROLIE
// documents. Package csaf does the same for 2.0; types that both versions share are
// aliases of its types.
//
// Read an advisory from foreign hands:
//
//	doc, problems := csaf21.ReadAdvisory(data, csaf.Limits{})
//	if problems.Fatal() {
//		return problems // each with JSON pointer, line and column
//	}
//
// The reader has the verdict of the standard's JSON schema, with formats asserted, and of
// the schemas that it refers to: CVSS 2.0, 3.0, 3.1 and 4.0, the selection lists of SSVC
// 2.0, EPSS. Members that the schema does not know are errors (Forbidden), as it says;
// in CVSS 2 and 3 scores they are warnings, and errors with ReadStrict. Duplicate members,
// which no schema sees, are errors.
//
// What differs from 2.0 in the types: a document names its $schema; distribution and its
// TLP label (2.0 of the protocol) are required, sharing groups are new; notes, ids and
// involvements may speak of some products only; product paths stand in place of
// relationships, and a product has several purls; a vulnerability has several CWEs,
// each of a version of CWE; metrics with a source stand in place of scores and hold CVSS,
// EPSS, SSVC, a qualitative severity rating and extensions; CSAF extensions
// (x_extensions) keep their content as it is written, since only their own schema
// describes it.
//
// Write writes canonically. csaf.Filename derives the file's name from the id.
//
// The tests of section 6 are in csaf/test21, what they share is in csaf/rule, and
// csaf/convert makes a 2.1 document of one of 2.0. Nothing in here uses the network, a
// database or a clock.
package csaf21
