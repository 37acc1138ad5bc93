package check

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The rules for what concerns the bytes of a document.
const (
	encodingRule = "encoding" // RFC 8259, section 8.1: UTF-8 without byte order mark
	jsonRule     = "json"     // RFC 8259
	formatRule   = "format"   // one of the formats
)

// magic are the first bytes of files that are no text.
var magic = [...]struct{ begins, what string }{
	{"\x1f\x8b", "a file compressed with gzip; it has to be unpacked first"},
	{"PK\x03\x04", "a ZIP archive; its files have to be unpacked first"},
	{"PK\x05\x06", "an empty ZIP archive"},
	{"BZh", "a file compressed with bzip2; it has to be unpacked first"},
	{"\xfd7zXZ\x00", "a file compressed with xz; it has to be unpacked first"},
	{"\x28\xb5\x2f\xfd", "a file compressed with zstd; it has to be unpacked first"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; its files have to be unpacked first"},
	{"%PDF-", "a PDF file"},
	{"\x7fELF", "a program"},
	{"MZ\x90", "a program"},
	{"\x89PNG", "a picture"},
	{"\xff\xd8\xff", "a picture"},
	{"SQLite format 3\x00", "an SQLite database"},
}

// beginnings are those of texts that are no JSON, in small letters.
var beginnings = [...]struct{ begins, what string }{
	{"<!doctype html", "an HTML page, perhaps the error page of a web server"},
	{"<html", "an HTML page, perhaps the error page of a web server"},
	{"-----begin pgp signature", "an OpenPGP signature; the document is another file"},
	{"-----begin pgp", "an OpenPGP message or key; the document is in it or another file"},
	{"http/1.", "an HTTP answer with its header"},
	{"from ", "a mail"},
	{"%yaml", "a YAML document"},
	{"---\n", "a YAML document"},
	{"---\r\n", "a YAML document"},
	{"openapi:", "a YAML document"},
	{"diff --git", "a patch"},
	{"//", "JSON with comments, which JSON does not have"},
	{"/*", "JSON with comments, which JSON does not have"},
	{"version https://git-lfs.github.com", "a pointer of Git LFS; the document was not fetched"},
	{"<<<<<<<", "a file with the marks of a merge conflict"},
}

// notJSON says what bytes are that cannot be a JSON document, "" when they may be one.
func notJSON(data []byte) string {
	text := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(data) == 0:
		return "an empty file"
	case len(text) == 0:
		return "an empty file: it has nothing but white space"
	case text[0] == '{' || text[0] == '[':
		return ""
	}
	for _, m := range magic {
		if bytes.HasPrefix(data, []byte(m.begins)) {
			return m.what
		}
	}
	head := strings.ToLower(string(text[:min(len(text), 4096)]))
	for _, b := range beginnings {
		if strings.HasPrefix(head, b.begins) {
			return b.what
		}
	}
	switch {
	case text[0] == '<':
		return xmlKind(head)
	case bytes.IndexByte(text[:min(len(text), 4096)], 0) >= 0:
		return "a binary file"
	case isHash(text):
		return "a file with a hash; the document is another file"
	}
	return ""
}

func xmlKind(head string) string {
	for _, x := range [...]struct{ has, what string }{
		{"<html", "an HTML page, perhaps the error page of a web server"},
		{"cvrfdoc", "a CVRF document (XML), the format before CSAF 2.0; it has to be converted first"},
		{"<updates", "an updateinfo.xml of RPM repositories, which is not checked here"},
		{"<feed", "an Atom feed (XML), not a ROLIE feed in JSON"},
		{"<rss", "an RSS feed"},
		{"oval_definitions", "an OVAL document, which is not checked here"},
	} {
		if strings.Contains(head, x.has) {
			return x.what
		}
	}
	return "an XML document"
}

// isHash reports whether a text is a line of sha256sum or sha512sum.
func isHash(text []byte) bool {
	digits := 0
	for digits < len(text) && (text[digits] >= '0' && text[digits] <= '9' || text[digits]|0x20 >= 'a' && text[digits]|0x20 <= 'f') {
		digits++
	}
	return (digits == 64 || digits == 128) && len(text) < digits+4096
}

// asUTF8 returns the document in UTF-8 without byte order mark, and what was wrong with
// its encoding, "" when nothing was.
func asUTF8(data []byte, most int) (plain []byte, wrong string) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		return data[3:], "the file begins with a byte order mark; JSON has none (RFC 8259, 8.1)"
	case bytes.HasPrefix(data, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xFE\xFF")):
		return nil, "the file is in UTF-32; JSON is in UTF-8 (RFC 8259, 8.1)"
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		return fromUTF16(data[2:], binary.LittleEndian, most), "the file is in UTF-16 (little-endian); JSON is in UTF-8 (RFC 8259, 8.1)"
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return fromUTF16(data[2:], binary.BigEndian, most), "the file is in UTF-16 (big-endian); JSON is in UTF-8 (RFC 8259, 8.1)"
	case len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0:
		return fromUTF16(data, binary.LittleEndian, most), "the file is in UTF-16 (little-endian); JSON is in UTF-8 (RFC 8259, 8.1)"
	case len(data) >= 4 && data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0:
		return fromUTF16(data, binary.BigEndian, most), "the file is in UTF-16 (big-endian); JSON is in UTF-8 (RFC 8259, 8.1)"
	}
	return data, ""
}

// fromUTF16 decodes at most the bytes that a reader would take.
func fromUTF16(data []byte, order binary.ByteOrder, most int) []byte {
	data = data[:min(len(data), 2*most+2)]
	out := make([]byte, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) && i+3 < len(data) {
			if both := utf16.DecodeRune(r, rune(order.Uint16(data[i+2:]))); both != utf8.RuneError {
				r = both
				i += 2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}
