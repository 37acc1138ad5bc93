package check

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

// Detect returns the format of a document of JSON, by the members at its top, and what
// it is when the format is not known: "a CycloneDX document", "a list of OSV records".
// A document that is broken is recognised by what stands before the fault.
func Detect(data []byte) (Format, string) {
	h := &head{}
	rest := bytes.TrimLeft(data, " \t\r\n")
	if len(rest) > 0 && rest[0] == '[' {
		item := bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(item) == 0 || item[0] != '{' { // nor is it looked into lists of lists
			return "", "a JSON list"
		}
		if f, _ := Detect(item); f != "" {
			return "", "a list of documents (the first is of the format " + f.What() + "); each has to be checked on its own"
		}
		return "", "a JSON list"
	}
	if len(rest) == 0 || rest[0] != '{' {
		if _, wrong := asUTF8(data[:min(len(data), 4)], 0); wrong != "" {
			return "", "a text in a wrong encoding: " + wrong
		}
		if what := notJSON(data); what != "" {
			return "", what
		}
		return "", "no JSON object"
	}
	h.read(rest)
	for _, m := range marks {
		if f := m(h, data); f != "" {
			return f, f.What()
		}
	}
	for _, f := range foreign {
		if h.has(f.member) && (f.value == "" || strings.Contains(strings.ToLower(h.text(f.member)), f.value)) {
			return "", f.what
		}
	}
	if len(h.names) == 0 {
		return "", "a JSON object without members"
	}
	return "", fmt.Sprintf("a JSON object with the members %s, which no format here has", quoted(h.names))
}

// marks are what documents of the known formats have, the surest first.
var marks = [...]func(h *head, data []byte) Format{
	func(h *head, data []byte) Format {
		if h.object("document") || h.has("product_tree") || strings.Contains(h.text("$schema"), "csaf_json_schema") {
			if validate.Version(data) == validate.V21 {
				return CSAF21
			}
			return CSAF20
		}
		return ""
	},
	func(h *head, _ []byte) Format {
		if strings.Contains(h.text("@context"), "openvex") || h.has("statements") && h.has("@id") {
			return OpenVEX
		}
		return ""
	},
	func(h *head, _ []byte) Format {
		if h.text("dataType") == "CVE_RECORD" || h.has("cveMetadata") || h.has("dataVersion") && h.has("containers") {
			return CVE
		}
		if h.has("cnaContainer") {
			return CNA
		}
		return ""
	},
	func(h *head, _ []byte) Format {
		if h.has("aggregator_version") || h.has("csaf_providers") {
			return either(h.text("aggregator_version"), Aggregator20, Aggregator21)
		}
		if h.has("metadata_version") || h.has("list_on_CSAF_aggregators") || h.has("canonical_url") && h.has("publisher") {
			return either(h.text("metadata_version"), Provider20, Provider21)
		}
		return ""
	},
	func(h *head, data []byte) Format {
		switch {
		case h.object("feed"):
			return either(feedVersion(data), Feed20, Feed21)
		case h.object("service"):
			return Service
		case h.object("categories"):
			return Category
		}
		return ""
	},
	func(h *head, _ []byte) Format {
		osv := 0
		for _, name := range [...]string{"schema_version", "id", "modified", "published", "withdrawn", "aliases", "affected", "summary", "details", "database_specific"} {
			if h.has(name) {
				osv++
			}
		}
		if h.has("id") && osv >= 3 || h.has("schema_version") && osv >= 2 || h.has("id") && h.has("modified") {
			return OSV
		}
		return ""
	},
	func(h *head, _ []byte) Format {
		if h.has("rejectedReasons") || h.has("descriptions") && (h.has("affected") || h.has("providerMetadata") || h.has("problemTypes")) {
			return CNA
		}
		return ""
	},
}

func either(version string, v20, v21 Format) Format {
	if version == validate.V21 {
		return v21
	}
	return v20
}

// feedVersion is the version of CSAF that the first entry of a feed speaks of.
func feedVersion(data []byte) string {
	if i := bytes.Index(data, []byte("/csaf/v2.1/")); i >= 0 {
		return validate.V21
	}
	return validate.V20
}

// foreign are documents that people take for one of ours, by a member at the top.
var foreign = [...]struct{ member, value, what string }{
	{"bomFormat", "", "a CycloneDX document, which is not checked here"},
	{"spdxVersion", "", "an SPDX document, which is not checked here"},
	{"@context", "spdx", "an SPDX document, which is not checked here"},
	{"runs", "", "a SARIF log, which is not checked here"},
	{"CVE_data_meta", "", "a CVE record of format 4, which ended in 2024; records of format 5 are checked here"},
	{"data_type", "cve", "a CVE record of format 4, which ended in 2024; records of format 5 are checked here"},
	{"resultsPerPage", "", "an answer of the NVD API, which is not checked here"},
	{"catalogVersion", "", "the catalogue of exploited vulnerabilities, which is not checked here"},
	{"ghsa_id", "", "an advisory of the GitHub REST API; GitHub publishes the same as OSV records"},
	{"vulns", "", "an answer of the OSV API; the records in it are checked one by one"},
	{"payloadType", "", "a DSSE envelope; the document is in its payload"},
	{"_type", "in-toto", "an in-toto statement; the document is in its predicate"},
	{"predicateType", "", "an in-toto statement; the document is in its predicate"},
	{"openapi", "", "an OpenAPI description"},
	{"$defs", "", "a JSON schema, not a document"},
	{"definitions", "", "a JSON schema, not a document"},
	{"lockfileVersion", "", "a lock file of npm"},
	{"statusCode", "", "an error message of a web server"},
	{"error", "", "an error message of a web server"},
}

// head is what stands at the top of an object.
type head struct {
	names  []string
	values map[string][]byte // the bytes from the value on
}

func (h *head) has(name string) bool    { _, ok := h.values[name]; return ok }
func (h *head) object(name string) bool { v := h.values[name]; return len(v) > 0 && v[0] == '{' }

// text is a member's value when it is a text, or the first text in its list.
func (h *head) text(name string) string {
	v := h.values[name]
	if len(v) > 0 && v[0] == '[' {
		v = bytes.TrimLeft(v[1:], " \t\r\n")
	}
	if end := stringEnd(v); end > 0 {
		return unquote(v[:end])
	}
	return ""
}

// maxHead bounds the members that are looked at.
const maxHead = 200

// read goes over the members of the object until its end, a fault, or the first member
// that only one format has.
func (h *head) read(data []byte) {
	h.values = map[string][]byte{}
	at := skipSpace(data, 1)
	for at < len(data) && data[at] == '"' && len(h.names) < maxHead {
		end := stringEnd(data[at:])
		if end == 0 {
			return
		}
		name := unquote(data[at : at+end])
		at = skipSpace(data, at+end)
		if at >= len(data) || data[at] != ':' {
			return
		}
		at = skipSpace(data, at+1)
		if !h.has(name) {
			h.names, h.values[name] = append(h.names, name), data[at:]
		}
		if name == "document" && h.object(name) {
			return
		}
		at = skipSpace(data, skipValue(data, at))
		if at >= len(data) || data[at] != ',' {
			return
		}
		at = skipSpace(data, at+1)
	}
}

func skipSpace(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\t' || data[at] == '\r' || data[at] == '\n') {
		at++
	}
	return at
}

// skipValue returns the offset behind a value, roughly: it counts brackets.
func skipValue(data []byte, at int) int {
	depth := 0
	for at < len(data) {
		switch data[at] {
		case '"':
			end := stringEnd(data[at:])
			if end == 0 {
				return len(data)
			}
			at += end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return at
			}
		case ',':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	return at
}

// stringEnd returns the offset behind the string that data begins with, 0 for none.
func stringEnd(data []byte) int {
	if len(data) == 0 || data[0] != '"' {
		return 0
	}
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

func unquote(quoted []byte) string {
	plain := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(plain, '\\') >= 0 {
		if s, err := strconv.Unquote(string(quoted)); err == nil {
			return s
		}
	}
	return string(plain)
}

// quoted lists a few names for a message.
func quoted(names []string) string {
	const most = 5
	var out []string
	for _, n := range names[:min(len(names), most)] {
		out = append(out, strconv.Quote(n[:min(len(n), 40)]))
	}
	text := strings.Join(out, ", ")
	if len(names) > most {
		text += ", ..."
	}
	return text
}

// known reports whether a format is one of those here.
func known(f Format) bool { return slices.Contains(Formats(), f) }
