// Package csaf21 reads and writes the files of the Common Security Advisory
// Framework 2.1 (OASIS).
package csaf21
