package vex

import (
	"encoding/json"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Write returns the canonical bytes of a document: members in the order of the
// specification, two spaces, one line feed at the end. Equal documents give equal bytes.
// Optional texts that are empty are left out. It does not check the document.
func Write(doc *Document) ([]byte, error) { return strictjson.Write(doc) }

// MarshalJSON writes the statement with the members that its status asks for, even
// when they are empty: the schema takes an empty reason, not a missing one.
func (s Statement) MarshalJSON() ([]byte, error) {
	type plain Statement
	empty := map[string]json.RawMessage{}
	if s.Status == NotAffected && s.Justification == "" && s.ImpactStatement == "" {
		empty["impact_statement"] = json.RawMessage(`""`)
	}
	if s.Status == Affected && s.ActionStatement == "" {
		empty["action_statement"] = json.RawMessage(`""`)
	}
	return strictjson.WithRest(plain(s), empty)
}

// MarshalJSON writes at least one identifier, as the schema asks.
func (i Identifiers) MarshalJSON() ([]byte, error) {
	type plain Identifiers
	if i == (Identifiers{}) {
		return []byte(`{"purl":""}`), nil
	}
	return strictjson.WithRest(plain(i), nil)
}
