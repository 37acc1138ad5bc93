// Package convert makes a CSAF 2.1 document of one of CSAF 2.0, after conformance clause
// 18 of CSAF 2.1 ("CSAF 2.0 to CSAF 2.1 Converter"), and lists what a person must decide.
//
//	result, problems := convert.From(data, csaf.Limits{}, convert.Options{})
//	if problems.Fatal() {
//		return problems // no CSAF 2.0 document
//	}
//	for _, d := range result.Decisions {
//		fmt.Println(d) // what was assumed, where, and why
//	}
//	out, err := result.Write() // convert.ErrUndecided when there are errors
//
// # Decisions
//
// Each decision has the JSON pointers of the value in the source and in the result, the
// reason, the original value and what was assumed. A Warning is an assumption that is
// mostly right: a TLP label that was missing, a star behind a model number, a version of
// CWE. An Error is what the rules do not resolve: the result fails a mandatory test of
// CSAF 2.1 there. Result.Write refuses such a document unless Options.Invalid is set;
// Result.Document has it in any case, for editors.
//
// # What is done beyond the clause
//
// Every document that the 2.0 reader takes gives one that the 2.1 reader takes. For this
// a package URL that does not fit the pattern of 2.1 is made canonical or removed, names
// of hash algorithms lose what 2.1 does not allow in them, and objects that held nothing
// but unknown members are removed; each is a decision. Version ranges in words ("All
// versions < V3.0", "> 1.1 and < 1.3", "4.2 and prior") become VERS-like ones with a
// warning; what has more than one meaning is an error. Ranges are repaired before the
// branches above them, since a range of one version becomes a version. Contradicting
// remediations (6.1.35, 6.1.36), which the clause does not speak of, are errors.
//
// Not here: the mapping of ids to registered systems (RVISC-M), which is not part of
// the standard's files and counts as not implemented; the collapsing of product paths; other languages
// than English for withdrawn and superseded documents; the tests of CSAF 2.1, which are
// in csaf/test21.
package convert
