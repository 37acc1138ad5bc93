// Package cve keeps the CVE numbers of a project's flaws (requirement row LV-8): the
// pool of a project that is a CVE Numbering Authority (CNA), the number of each case,
// and requests to a member or another CNA for the projects that are none.
//
// A Number is one id from its first mention to its end:
//
//	requested -> assigned      somebody was asked and has given it
//	requested -> dropped       the request was taken back
//	reserved  -> assigned      taken from the pool; never one id for two flaws
//	reserved  -> rejected      given up unused
//	assigned  -> published     the CVE record is there, read back
//	published <-> disputed     somebody contests it; it stays published
//	assigned, published, disputed -> rejected
//
// What is done at the CVE Services is a wish of the number (Todo) that the job KindWrite
// carries out: the state changes only after the status and the record read back say
// so. KindRefill reserves ids: the ticket of a reservation is stored before it is asked
// for, and what an unclear or lost answer has brought is looked up before anything is
// asked again.
//
// In here are the rules. Its tables are in cvedb, its pages in cveweb, the client
// in kit/cve/services; the connection is made in server, since domains know no HTTP.
// The record that is published comes through Records: the advisory stands after cve.
package cve
