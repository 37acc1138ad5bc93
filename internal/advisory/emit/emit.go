// Package emit has the table of all outputs of an advisory. Each format that needs more
// than a few lines is a folder beside this file; a new one is a new folder and one line in
// Formats. All are made from record.Input alone: nothing can be public that is not in it.
//
// What each format holds of the record, and what it cannot, is in docs/formats.md. The CSAF
// 2.0 document, from which some others are made, is in record; signing, staging and the
// public tree are advisory's.
package emit

import (
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit/osv"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
)

// Format is one output of an advisory.
type Format struct {
	Name  string // "csaf-2.0"
	Media string // media type
	Ext   string // of its files, with the dot
	// Make returns the bytes. It fails with fault.Invalid when the record does not fit the
	// format or the result would break it; with Input.Loose, for previews, only when
	// nothing can be made at all.
	Make func(record.Input) ([]byte, error)
}

// Formats returns all formats in the order in which they are offered.
func Formats() []Format {
	return []Format{
		{"csaf-2.0", "application/json", ".json", csaf20},
		{"osv", "application/json", ".json", osv.Make},
	}
}

// Find returns the format of a name.
func Find(name string) (Format, bool) {
	list := Formats()
	i := slices.IndexFunc(list, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return list[i], true
}

func csaf20(in record.Input) ([]byte, error) {
	_, raw, err := record.Document(in)
	return raw, err
}
