package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
)

// cursor reads one line of an export. The format is fixed to the byte, which
// leaves an attacker no second way to write a line and makes a million of them
// quick to read; ok turns false at the first deviation.
type cursor struct {
	rest []byte
	ok   bool
}

func (c *cursor) lit(s string) {
	if c.ok = c.ok && bytes.HasPrefix(c.rest, []byte(s)); c.ok {
		c.rest = c.rest[len(s):]
	}
}

// int reads a key and a decimal number in its only spelling.
func (c *cursor) int(key string) int64 {
	c.lit(key)
	end := 0
	for end < len(c.rest) && (c.rest[end] == '-' || c.rest[end] >= '0' && c.rest[end] <= '9') {
		end++
	}
	n, err := strconv.ParseInt(string(c.rest[:end]), 10, 64)
	var again [24]byte
	if err != nil || !bytes.Equal(strconv.AppendInt(again[:0], n, 10), c.rest[:end]) {
		c.ok = false
	}
	c.rest = c.rest[end:]
	return n
}

// text reads a key and what stands before the next quotation mark.
func (c *cursor) text(key string) []byte {
	c.lit(key)
	end := bytes.IndexByte(c.rest, '"')
	if !c.ok || end < 0 || bytes.IndexByte(c.rest[:end], '\\') >= 0 {
		c.ok = false
		return nil
	}
	out := c.rest[:end]
	c.rest = c.rest[end+1:]
	return out
}

// hash reads a key and 32 bytes.
func (c *cursor) hash(key string, into []byte) {
	enc := c.text(key)
	if len(enc) != base64.RawStdEncoding.EncodedLen(len(into)) {
		c.ok = false
		return
	}
	n, err := strict.Decode(into, enc)
	c.ok = c.ok && err == nil && n == len(into)
}

// strict refuses base64 whose last bits are not zero: a second spelling.
var strict = base64.RawStdEncoding.Strict()

func (c *cursor) end() bool {
	c.lit("}")
	return c.ok && len(c.rest) == 0
}

// parseEntry reads an entry's line. stream is the one of the line before, reused
// when it is the same; body is scratch space, and e.body lies in it.
func parseEntry(line []byte, e *entry, stream string, body []byte) ([]byte, bool) {
	c := cursor{line, true}
	s := c.text(`{"s":"`)
	if e.stream = stream; string(s) != stream {
		e.stream = string(s)
	}
	e.seq = c.int(`,"n":`)
	e.at = c.int(`,"t":`)
	e.leaf = c.int(`,"l":`)
	c.hash(`,"p":"`, e.prev[:])
	c.hash(`,"d":"`, e.sum[:])
	c.hash(`,"h":"`, e.hash[:])
	enc := c.text(`,"b":"`)
	if !c.end() || e.seq < 1 || e.leaf < -1 || e.stream == "" {
		return body, false
	}
	e.body = nil
	if len(enc) == 0 {
		return body, true
	}
	body, err := strict.AppendDecode(body[:0], enc)
	e.body = body
	return body, err == nil
}

func parseHead(line []byte) (h head, ok bool) {
	c := cursor{line, true}
	h.stream = string(c.text(`{"head":"`))
	h.seq = c.int(`,"n":`)
	c.hash(`,"h":"`, h.hash[:])
	return h, c.end() && h.seq > 0
}

func parseLeaf(line []byte) (l leaf, ok bool) {
	c := cursor{line, true}
	l.n = c.int(`{"leaf":`)
	l.at = c.int(`,"t":`)
	l.mark = string(c.text(`,"m":"`))
	l.nonce = make([]byte, 16)
	c.hash(`,"x":"`, l.nonce)
	c.hash(`,"r":"`, l.root[:])
	return l, c.end()
}

func parseNote(line []byte) (string, bool) {
	var x struct {
		Checkpoint string `json:"checkpoint"`
	}
	err := json.Unmarshal(line, &x)
	return x.Checkpoint, err == nil && x.Checkpoint != ""
}

func parseEnd(line []byte) (int64, bool) {
	c := cursor{line, true}
	n := c.int(`{"end":`)
	return n, c.end()
}
