// Package rule holds what the tests of section 6 of the CSAF standard have in
// common: their result and the type of a test. The tests themselves are in
// csaf/test20, a package for each of 6.1, 6.2 and 6.3.
package rule

import "github.com/tocsin-sec/tocsin/kit/csaf"

// Finding is one breach of one test.
type Finding struct {
	Test    string // "6.1.27.4"
	Pointer string // JSON pointer into the document
	Message string // English
}

// Report takes a finding's place and text.
type Report func(pointer, format string, args ...any)

// Test is one test of the standard.
type Test struct {
	ID   string // "6.1.1"
	Name string // the standard's heading
	Run  func(doc *csaf.Advisory, report Report)
}
