// Package csaf reads and writes the files of the Common Security Advisory
// Framework 2.0 (OASIS): advisories, provider metadata and ROLIE feeds.
//
// Read an advisory from foreign hands:
//
//	doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
//	if problems.Fatal() {
//		return problems // each with JSON pointer, line and column
//	}
//
// The reader is strict: duplicate keys, wrong types, missing or unknown members,
// values outside of a list, bad dates, addresses and patterns are all found in one
// pass and each is named with its place. Unknown members are warnings, since the
// standard lets them be (test 6.2.20); they are lost when the document is written.
//
// Write writes canonically: members sorted as the standard asks (5.3), two spaces,
// one line feed at the end. Filename derives the file's name from the id (5.1), Tree
// builds a product tree from plain products.
//
// The tests of section 6 of the standard are not here: the mandatory ones are
// in csaf/test20/mandatory, their result type in csaf/rule. Nothing in here uses the
// network, a database or a clock. CSAF 2.1 is not read yet.
package csaf
