// Package cve reads, checks and writes CVE records of the formats 5.1 and 5.2.
//
//	record, problems := cve.Read(data, cve.Limits{})
//	if problems.Fatal() {
//		return problems // each with JSON pointer, line and column
//	}
//	for _, f := range cve.Lint(record) {
//		fmt.Println(f.Test, f.Pointer, f.Message)
//	}
//
// Read has the verdict of the JSON schema, published and rejected records alike, with
// two exceptions. A time needs no zone, as the schema's text says while its format
// asks for one. And packageURL, which 5.2 added, is a package URL without version.
// Members of the form x_name are kept as they are written, in Rest.
//
// Lint finds what the schema cannot say, under the numbers of cvelint (E001 to E020,
// there is no E012). Rules lists them and docs/lint.md is the table.
//
// Nothing in here uses the network, a database or a clock. The client of the CVE
// Services is not here.
package cve
