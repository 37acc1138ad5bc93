// Package osv reads, checks and writes records of the Open Source Vulnerability
// format, schema 1.9.
//
//	record, problems := osv.Read(data, osv.Limits{})
//	if problems.Fatal() {
//		return problems // each with JSON pointer, line and column
//	}
//	for _, f := range osv.Lint(record) {
//		fmt.Println(f.Rule, f.Pointer, f.Message)
//	}
//
// Read has the verdict of the JSON schema with its formats asserted; beyond it,
// members that occur twice are errors. All problems are found in one pass. Members
// that the schema does not know are errors at the top and warnings below, as the
// schema has it; those below are lost when the record is written. What databases add
// (database_specific, ecosystem_specific) is kept as it is written. The arrays that
// may be null are nil for null and for absent; Write leaves them out, which the schema
// holds equal.
//
// Lint finds what the schema cannot say. Its rules are those of osv-linter, under
// its numbers, and ours from REC:101, RNG:101 and PKG:101 on; Rules lists them, and
// docs/lint.md is the table. Orders of versions are those of package version: where
// nobody has written down the order of an ecosystem, nothing is said about it.
//
// Nothing in here uses the network, a database or a clock. Whether a package exists
// in its registry (PKG:001, PKG:002) is asked through Options, or not at all.
package osv
