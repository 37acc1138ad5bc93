// Package services is a client of the CVE Services, the API through which a CVE
// Numbering Authority (CNA) reserves CVE ids and publishes their records.
//
//	c, err := services.New(services.Config{
//		URL:  services.Test,
//		Org:  "example", User: "bot@example.org", Key: services.NewKey(key),
//		HTTP: httpClient,
//	})
//	ticket, err := c.Prepare(ctx, services.Ask{Year: 2026, Amount: 5})
//	// keep the ticket where a crash does not lose it
//	got, err := c.Reserve(ctx, ticket)
//	...
//	record, err := c.Put(ctx, got.IDs[0].ID, container)
//
// # What is believed
//
// The HTTP status is looked at before anything else of an answer. Every write is
// read back, and the record that is then there is compared with what was sent; a
// difference is a *DifferenceError that names the JSON pointer. What the API sets by
// itself (providerMetadata, and members of the container that begin with x_) is not
// compared.
//
// # What is tried again
//
// Reading is tried again after a cut connection, 429 and 5xx, a few times and with
// pauses. Writing never is: an answer that was lost, a 5xx or an answer that cannot be
// read leaves open whether the write happened. For a record the client then reads what
// is there, and when it is what was sent, all is well. For a reservation, which asked
// twice reserves twice, it looks what has been reserved since the ticket was made.
// What stays open is an *UnclearError. Calling Put, Reject or Look again is always
// safe; Reserve is only after Look has found nothing and the first request cannot be
// under way any more.
//
// # One writer for each id
//
// Writes to one id never overlap: each holds the id's lock (Config.Locker) from its
// first look to the end of the read-back. Within does several steps under one lock.
// Locks is the lock of one process; programs of several processes inject one of their
// own.
//
// # The key
//
// Key never prints, and a text of the API that holds it is changed before it becomes
// part of an error. Redirects are refused, since a header of ours would follow them
// to another host; plain http is, unless the host is this machine. The package logs
// nothing.
//
// # Limits
//
// An answer is read up to Config.MaxBytes, a request lasts at most Config.Timeout.
// Answers are read strictly: no duplicate members, no deep nesting; members that the
// package does not know are ignored.
//
// What is in is what a CNA needs: ids, its records, its quota, its organisation and
// users. What only the Secretariat or ADPs may do is not in. The types of records are
// those of package cve, one folder up. The API is described by the OpenAPI document of
// CVEProject/cve-services, version 2.3.3.
package services
