// Package checkrun checks many documents at once for `tocsin check`: it finds them
// (files, folders, archives, URLs, the documents that a CSAF provider lists), checks
// them on all processors, and writes the results in order, for people or as JSON,
// SARIF 2.1.0 or JUnit.
//
// What a check of one document is stands in kit/check; flags and exit codes are in
// internal/cli.
package checkrun
