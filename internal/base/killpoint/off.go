//go:build !killpoints

// Package killpoint names the steps at which the kill test (test/kill) ends the
// process with SIGKILL. In the shipped binary At is empty and inlined away, names
// included; only a build with the tag killpoints has it.
//
// The names are <group>.<step>:
//
//	intake.begin      the first bytes of a mail came, nothing is stored
//	intake.received   all bytes came; those of a large mail lie in the store, unnamed
//	intake.stored     in the transaction that takes the mail, before its commit
//	intake.committed  after the commit; the sender knows nothing yet
//	intake.answer     the 250 is about to be written
//	intake.leased     the job that reads the mail began
//	intake.understood the mail is read, decrypted and checked
//	intake.filing     in the transaction that makes the report, before its commit
//	intake.filed      after it
//	release.deciding  in the transaction that makes a case of a report: the report is released
//	release.opened    in it: the case and its embargo are there, before the commit
//	release.done      after it; who asked knows nothing yet
//	embargo.due       the job at the date began
//	embargo.ending    in its transaction, before the commit
//	embargo.lifted    after it
//	cve.asking        the ticket of a reservation is stored, nothing is asked
//	cve.answered      the CVE Services have answered a write, nothing of it is believed
//	cve.reserved      ids are reserved, nothing is stored
//	cve.pooling       in the transaction that puts them into the pool, before its commit
//	cve.pooled        after it
//	cve.claimed       a job has a number for itself, nothing is written to the CVE Services
//	cve.readback      a record was written and read back, nothing is stored
//	cve.recording     in the transaction that changes the number's state, before its commit
//	cve.recorded      after it
//	publish.stage     published without having been staged before
//	publish.numbered  the number of the series is taken
//	publish.rendered  the document is made, nothing is signed
//	publish.signed    every file is made and signed
//	publish.staged    the files are in sealed staging
//	publish.flip.before, publish.flip.inside, publish.flip.after  around the flip's transaction
//	publish.batch.before, publish.batch.inside, publish.batch  around a flip of several documents
//	publish.checked   the tree was fetched back, the result is not stored
//	publish.list.dev, publish.list.announce  in the transaction that queues the mail to the list
//	letter.rendered   a mail is made, its bytes are not kept
//	letter.kept       its bytes are kept
//	letter.send       before the smarthost gets it
//	letter.sent       the smarthost took it, nobody wrote it down
//	letter.marking    in the transaction that writes it down
//	resign.signed     a batch is signed anew, nothing is stored
//	resign.switching, resign.stored  in the transaction that switches its signatures; after it
//	downstream.fan    in the transaction that makes deliveries to subscribers
//	downstream.send   before a webhook is called
//	downstream.sent   it answered, nobody wrote it down
//	purge.told        the cache took the list, nobody wrote it down
package killpoint

import "time"

// At does nothing in the shipped binary.
func At(string) {}

// Wait returns the lease of a job, or the wait before something is tried or looked
// at again, unchanged in the shipped binary.
func Wait(d time.Duration) time.Duration { return d }

// Tries returns how many tries a piece of work has, unchanged in the shipped binary.
func Tries(n int) int { return n }
