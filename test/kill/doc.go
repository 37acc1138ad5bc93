// Package kill has the tests of what survives: kill -9 inside every named step of
// intake, embargo end, publication and letters (base/killpoint), a sync of the
// disk before every 250, and surroundings that fail: a full disk, a smarthost
// that is down, a locked or corrupt database.
//
// The server is the real program (test/program), driven over SMTP and the HTTP API
// and judged from outside. Only the first project and person are made with the
// program's own services, before it starts, and the counts of ledger entries are
// read after it stopped.
//
// Beside them is what needs the same world: readers of TLP:AMBER by a client certificate
// (restricted_test.go).
//
// Not here: the whole walk of one report (test/walk) and what a damaged ledger is
// called (platform/ledger).
package kill
