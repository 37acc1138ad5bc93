// Package pgp does what Tocsin needs of OpenPGP: read foreign keys and messages
// within bounds, decrypt and verify as a stream, sign and encrypt.
package pgp
