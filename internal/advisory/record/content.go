package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Content is everything of a revision that can become public. Exactly this is
// hashed, approved and rendered.
type Content struct {
	Record Record
	// Source is the imported CSAF document as it was published elsewhere. While
	// it is set it is what is published; a changed Record drops it.
	Source json.RawMessage `json:",omitempty"`
	// Change is the line of the revision history: "Initial version."
	Change string
	// Withdrawn says why the advisory is withdrawn, "" when it is not.
	Withdrawn string
	// Superseded says by what the advisory is replaced, nil when it is not. It is never
	// together with Withdrawn (CSAF 2.1, 4.7 and 4.8).
	Superseded *Supersession `json:",omitempty"`
}

// Hash is the SHA-256 of the content in hexadecimal. Equal contents have
// equal hashes on every machine: the JSON of Go structs has a fixed order.
func (c Content) Hash() string {
	raw, err := json.Marshal(c)
	if err != nil {
		// Only a Source that is no JSON can get here; import has read it before.
		panic(fmt.Sprintf("advisory: content does not marshal: %v", err))
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Problems returns what keeps the content from being approved. Of an imported document
// its own checks were made when it was read.
func (c Content) Problems() []fault.Field {
	if c.Source != nil || c.Retired() {
		return nil
	}
	return c.Record.Problems()
}

// Warnings returns what is allowed and perhaps not meant, as Problems does.
func (c Content) Warnings() []fault.Field {
	if c.Source != nil || c.Retired() {
		return nil
	}
	return c.Record.Warnings()
}

// SameRecord reports whether r is the record of c.
func (c Content) SameRecord(r Record) bool {
	return Content{Record: c.Record}.Hash() == Content{Record: r}.Hash()
}
