// Package cveservices is a CVE Services API for tests, made from the OpenAPI
// description in the shared data when a test begins: its routes, parameters, requests
// and answers come from there, and every request and every answer is held against the
// schemas. What an operation does to ids, records and quotas is written here
// (operations.go), after the texts of the description; an operation of the description
// that has nothing here answers 403, as one for the Secretariat does.
//
// Faults are scripted: an answer with a status, a connection that is cut before or
// after the work is done, an answer that never comes, JSON that is none.
//
// Where the description contradicts itself amend.go says how it is read.
package cveservices
