package fault

// Checks collects the problems of one input so that all are reported in one
// pass. The zero value is ready.
type Checks struct{ fields []Field }

// Add notes a problem with the field at path.
func (c *Checks) Add(path, key string, args ...any) {
	c.fields = append(c.fields, Field{Path: path, Key: key, Args: args})
}

// Require notes the problem unless ok holds.
func (c *Checks) Require(ok bool, path, key string, args ...any) {
	if !ok {
		c.Add(path, key, args...)
	}
}

// Err returns an Invalid fault with every noted field, or nil when there is none.
func (c *Checks) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "fault.invalid", Fields: c.fields}
}
