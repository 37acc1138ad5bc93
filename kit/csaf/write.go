package csaf

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Document20 is any of the documents that Write writes.
type Document20 interface {
	*Advisory | *Provider | *FeedDocument | *ServiceDocument | *CategoryDocument
}

// Write returns the canonical bytes of a document: members in the order of the
// standard's examples (sorted in advisories, 5.3), two spaces, no escapes that JSON
// does not ask for, one line feed at the end. Equal documents give equal bytes. It
// does not check the document; read it back with ReadAdvisory to do so. It fails on
// numbers that JSON cannot hold.
func Write[D Document20](doc D) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("write CSAF: %w", err)
	}
	return b.Bytes(), nil
}
