package incoming

import "strings"

// Told is what is told of a document that is imported.
type Told struct {
	Number string
	Hash   string
	// Lost names what the record cannot hold. Kept says that the document itself is
	// published: then it is lost by a correction alone.
	Lost []string
	Kept bool
	// Dropped are the pointers of members that the standard does not know: they are not
	// published. Filled names what was taken from elsewhere in the document.
	Dropped, Filled []string
}

// Told returns what is told of the document.
func (d Document) Told() Told {
	return Told{Number: d.Number, Hash: d.Content.Hash(), Kept: d.Kept(), Lost: d.Lost, Dropped: d.Dropped, Filled: d.Filled}
}

// Cut is the text within n bytes.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + " …"
}
