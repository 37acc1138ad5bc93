// Package vex reads, checks and writes OpenVEX documents (OpenVEX specification 0.2.0),
// and reads and writes the VEX profile of CSAF.
//
//	doc, problems := vex.Read(data, strictjson.Limits{})
//	if problems.Fatal() {
//		return problems // each with JSON pointer, line and column
//	}
//	for _, f := range vex.Lint(doc) {
//		fmt.Println(f) // "error VEX-03 /statements/0/justification: ..."
//	}
//	out, err := vex.Write(doc)
//
// Read has the verdict of OpenVEX's JSON schema, formats asserted; beyond it, members
// that occur twice are errors. Lint has the rules of the specification that a schema
// cannot say, see Rules.
//
// FromCSAF and FromCSAF21 read the statements out of a CSAF document of any profile;
// ToCSAF writes a document of the profile csaf_vex, which the tests 6.1.27.x of CSAF 2.0
// pass. For CSAF 2.1 give its result to csaf/convert.
//
// Nothing in here uses the network, a database or a clock. The CSAF formats themselves
// are in kit/csaf and kit/csaf/csaf21.
package vex
