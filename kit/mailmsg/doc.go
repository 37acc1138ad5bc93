// Package mailmsg reads a hostile mail into plain values and writes clean ones.
package mailmsg
