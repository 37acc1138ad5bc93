//go:build peers

package csaf_test

import (
	"bytes"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

// disagreement is one test of one document that the library and we judge differently.
type disagreement struct {
	test   string
	ours   bool // we found something
	throws bool // theirs ended in an exception
	fits   bool // the document fits the schema
	data   []byte
}

// explained returns the row of the table "Beside the reference library" of
// docs/csaf-tests.md that says why, 0 when there is none.
func (d *disagreement) explained() (row int) {
	switch {
	case d.test == validate.Schema20 || d.test == validate.Schema20Strict:
		return 0 // the schema's verdict is the same, always
	case !d.fits:
		return 1
	case d.test == "6.1.21" && !d.ours:
		return 2
	case d.test == "6.1.26" && d.ours && bytes.Contains(d.data, []byte(`"category":"csaf`)):
		return 3
	case d.test == "6.2.1" && !d.ours && bytes.Contains(d.data, []byte(`"flags"`)):
		return 4
	case d.test == "6.3.9" && d.ours:
		return 5
	}
	return 0
}
