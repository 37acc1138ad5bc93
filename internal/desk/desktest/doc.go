// Package desktest has the tests of the whole front desk: the rules, the reading, the
// tables on both engines and the pages, put together as the server does. It has no
// code of its own.
package desktest
