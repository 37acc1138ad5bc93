// Package casework is the work on one case, from the release of a report (or from
// a finding of the team's own) to its close: the states of the Vultron report
// management model, severity, weaknesses, what is affected, the facts "public",
// "exploited" and "attacked", the numbered conversation with the reporter, internal
// notes, files, mail that came in, participants and invitations, who saw what,
// lists and search (requirement rows LV-2, LV-4, OC-1).
//
// Not in: held reports and the threads of mail (desk), the date before which nothing
// is told (embargo), CVE numbers (cve), the advisory (advisory). SQL is in
// caseworkdb; pages and API in caseworkweb.
//
// Who may do what: a lead decides and grants, a member works, a reporter sees
// and writes what is addressed to everyone on the case, an observer reads that.
// The bearer of a report's secret link is its reporter. For everybody else a
// case does not exist (fault.NotFound).
package casework
