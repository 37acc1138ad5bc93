// Package walk is the whole-program test: it walks one report from a researcher's
// mail to a signed, published advisory with the shipped binary, as the people who
// use it would: mail by swaks, keys by gpg, pages by Chromium. No clock is moved,
// no row is written behind the program's back, and nothing inside it is called.
//
// There is no code here but tests. How the binary is started is in test/program,
// how Chromium is driven in test/browser.
//
//	go test ./test/walk                    # SQLite, and PostgreSQL where there is one
//	go test ./test/walk -run '/SQLite'     # one engine
//	go test ./test/walk -run '/SQLite' -update   # take the pictures of docs/img again
package walk
