package mailmsg

import (
	"bytes"
	"strings"
)

// Get returns the value of the first field of that name, decoded (RFC 2047), on
// one line and without control and bidi characters; "" when there is none.
func (h Header) Get(name string) string {
	raw, _ := h.Raw(name)
	return decodeWords(raw)
}

// Raw returns the unfolded value of the first field of that name.
func (h Header) Raw(name string) (string, bool) {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// All returns the unfolded values of all fields of that name in order.
func (h Header) All(name string) []string {
	var all []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return all
}

// Has reports whether there is a field of that name.
func (h Header) Has(name string) bool { _, ok := h.Raw(name); return ok }

// headerEnd says how a header ended.
type headerEnd int

const (
	endBlank    headerEnd = iota + 1 // at an empty line: a body follows
	endBoundary                      // at a boundary: the part has no body
	endInput                         // at the end of the input
)

// header reads the fields up to the empty line. Lines that are no fields are
// given to bad and skipped.
func (s *scanner) header(l Limits, bad func(line string)) (Header, headerEnd, error) {
	var h Header
	var value, line []byte
	var name string
	s.hit = -1
	total := 0
	flush := func() {
		if name != "" {
			h = append(h, Field{Name: name, Value: strings.TrimSpace(string(value))})
		}
		name, value = "", value[:0]
	}
	for {
		chunk, first := s.next()
		if chunk == nil {
			flush()
			return h, endInput, s.err
		}
		if total += len(chunk); total > l.HeaderBytes {
			flush()
			return h, endInput, &LimitError{What: "header_bytes", Limit: int64(l.HeaderBytes)}
		}
		if first && s.boundary(chunk) {
			flush()
			return h, endBoundary, nil
		}
		line = append(line, chunk...)
		if chunk[len(chunk)-1] != '\n' && len(chunk) == chunkSize {
			continue // the rest of a long line follows
		}
		text := bytes.TrimRight(line, "\r\n")
		line = line[:0]
		if len(text) == 0 {
			flush()
			return h, endBlank, nil
		}
		if text[0] == ' ' || text[0] == '\t' {
			if name != "" {
				value = append(value, text...)
			} else {
				bad(string(text))
			}
			continue
		}
		flush()
		if len(h) >= l.Fields {
			return h, endInput, &LimitError{What: "header_fields", Limit: int64(l.Fields)}
		}
		var ok bool
		if name, ok = fieldName(text); !ok {
			bad(string(text))
			continue
		}
		value = append(value, text[bytes.IndexByte(text, ':')+1:]...)
	}
}

// fieldName returns the name in front of the colon. White space before the
// colon is obsolete but allowed (RFC 5322 section 4.5).
func fieldName(line []byte) (string, bool) {
	i := bytes.IndexByte(line, ':')
	if i < 1 {
		return "", false
	}
	name := bytes.TrimRight(line[:i], " \t")
	if len(name) == 0 || len(name) > 200 {
		return "", false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return "", false
		}
	}
	return string(name), true
}

// parseFields reads blocks of fields separated by empty lines, as delivery
// reports have them.
func parseFields(text string) []Header {
	l := Limits{}.orDefault()
	s := newScanner(strings.NewReader(text), int64(len(text))+1)
	var blocks []Header
	for len(blocks) < 1000 {
		h, end, err := s.header(l, func(string) {})
		if len(h) > 0 {
			blocks = append(blocks, h)
		}
		if err != nil || end != endBlank {
			break
		}
	}
	return blocks
}
