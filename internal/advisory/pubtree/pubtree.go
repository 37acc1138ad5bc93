// Package pubtree lays out the published tree of CSAF files, OSV records and pages and
// makes those of its files that follow from others: index.txt, changes.csv, ROLIE feeds,
// category and service documents, Atom, the OSV source, provider metadata and the text
// of security.txt.
//
// Nothing here is confidential, signed or stored: advisory decides what becomes
// public and when, advisorydb keeps the bytes.
package pubtree

import (
	"net/url"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
)

// Texts gives the fixed texts of the outputs in one language; an i18n.Printer is one.
type Texts interface {
	T(key string, args ...any) string
}

// File is one file of the tree; nil bytes remove it, unless its kind is Moved.
type File struct {
	Path  string
	Bytes []byte // of a list: its frame
	Kind  Kind   `json:",omitempty"`
	// Project and Level say who may read it: what has no level, everybody.
	Project people.ProjectID `json:",omitempty"`
	Level   Level            `json:",omitempty"`
	Year    int              `json:",omitempty"` // of a list: only documents of this year, 0 for all
	// Touched says that the lines of a list changed, if not its frame.
	Touched bool `json:",omitempty"`
}

// Document is one row of the public table of documents: what lists and feeds are
// derived from. It holds approved text only.
type Document struct {
	Advisory  string // id of the advisory that owns the file name
	Project   people.ProjectID
	Name      string // of its files: "lan-2026-0001"
	Number    string
	Title     string
	Summary   string
	Rating    string // "high", "" for none
	CVEs      []string
	Version   string
	Year      int
	Initial   time.Time
	Current   time.Time
	Withdrawn bool
	Level     Level
	Member    Member // its OSV record, where it has one
	// Entry and Atom are its lines in the feeds, made by Make under the settings of Stamp.
	Entry, Atom []byte
	Stamp       string
}

// Place is the folder in which the document lies.
func (d Document) Place() Place { return Place{Level: d.Level, Year: d.Year} }

// Key is an OpenPGP certificate.
type Key struct {
	Fingerprint string
	Armored     []byte
	Signs       bool // signs what is published, or did and verifies something still
	InUse       bool // signs what is published from now on
	Encrypts    bool // opens what is sent to the project
	Expires     time.Time
}

// IsWeb reports whether s is a plain http or https address.
func IsWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 2000 &&
		!strings.ContainsAny(s, " \"<>\\^`{|}\r\n")
}
