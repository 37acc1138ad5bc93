package rule

// Fix is a change of the document that is certainly right, as a JSON patch (RFC
// 6902). Encoded as JSON it is one.
type Fix []Operation

// Operation is one step of a Fix.
type Operation struct {
	Op    string `json:"op"`              // add, remove, replace or move
	From  string `json:"from,omitempty"`  // of move
	Path  string `json:"path"`            // JSON pointer
	Value any    `json:"value,omitempty"` // of add and replace
}

// Add returns the fix that adds a value at a pointer ("/a/-" appends to an array).
func Add(pointer string, value any) Fix {
	return Fix{{Op: "add", Path: pointer, Value: value}}
}

// Remove returns the fix that removes the value at a pointer.
func Remove(pointer string) Fix { return Fix{{Op: "remove", Path: pointer}} }

// Replace returns the fix that puts another value at a pointer.
func Replace(pointer string, value any) Fix {
	return Fix{{Op: "replace", Path: pointer, Value: value}}
}

// Move returns the fix that moves a value from one pointer to another.
func Move(from, to string) Fix { return Fix{{Op: "move", From: from, Path: to}} }
