// Package pgp does what Tocsin needs of OpenPGP (RFC 9580, RFC 4880): read
// foreign keys within bounds and say what they are good for, make our own,
// decrypt and verify messages as a stream, sign and encrypt.
//
// It stands on ProtonMail's go-crypto for packets and cryptography, and walks
// the packets of messages itself: the library's own reader collects any number
// of one-pass signatures and session keys, which costs a hostile mail's reader
// quadratic time. Here all counts, sizes, nestings and expansions are bounded,
// and the packets must stand in the order that the standard's grammar allows.
//
// What is not here: taking mails apart and PGP/MIME (kit/mailmsg), whose key
// belongs to whom and where private keys are kept (people, platform/seal), S/MIME.
//
// A Key is a plain value that may be used by several goroutines at once: each
// use reads its packets anew, because the library caches in them.
//
// Faults carry keys of the catalogue file pgp.json.
package pgp
