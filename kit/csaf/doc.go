// Package csaf reads and writes the files of the Common Security Advisory
// Framework 2.0 (OASIS): advisories, provider metadata, aggregators and ROLIE feeds,
// services and categories. Package csaf/csaf21 does the same for 2.1.
//
// Read an advisory from foreign hands:
//
//	doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
//	if problems.Fatal() {
//		return problems // each with JSON pointer, line and column
//	}
//
// The reader has the verdict of the standard's JSON schema, with formats asserted (URIs
// after RFC 3986, date-times after RFC 3339), and of the CVSS schemas that it refers to;
// ReadStrict follows CVSS's strict ones. Beyond the schema, members that occur twice are
// errors. All problems are found in one pass and each is named with its place. Unknown
// members are warnings, since the standard lets them be (test 6.2.20); they are lost when
// the document is written. What the reader takes is bounded, see Limits; the engine is
// package strictjson.
//
// Write writes canonically: members sorted as the standard asks (5.3), two spaces,
// one line feed at the end. Filename derives the file's name from the id (5.1), Builder
// makes a product tree of plain products, Locate finds line and column of pointers.
//
// The tests of section 6 of the standard are not here: they are in csaf/test20, a
// package for each of 6.1, 6.2 and 6.3, and what they share is in csaf/rule. Nothing in
// here uses the network, a database or a clock.
package csaf
