package mailmsg

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseParams reads "value; name=value; ..." of Content-Type and
// Content-Disposition with quoted strings, RFC 2231 continuations and charsets,
// and the encoded words that RFC 2047 forbids there and everybody sends. Of
// parameters that come twice the first counts. ok is false when the value is missing.
func parseParams(raw string) (value string, params map[string]string, ok bool) {
	if len(raw) > maxWords {
		raw = raw[:maxWords]
	}
	head, rest, _ := strings.Cut(raw, ";")
	value = strings.ToLower(strings.TrimSpace(head))
	if i := strings.IndexByte(value, '('); i > 0 {
		value = strings.TrimSpace(value[:i])
	}
	params = map[string]string{}
	pieces := map[string]string{} // "name*0*" as written
	for n := 0; rest != "" && n < 100; n++ {
		var name, v string
		if name, v, rest = oneParam(rest); name == "" {
			continue
		}
		if strings.IndexByte(name, '*') > 0 {
			if _, twice := pieces[name]; !twice {
				pieces[name] = v
			}
		} else if _, twice := params[name]; !twice {
			params[name] = decodeWords(v)
		}
	}
	for name := range pieces {
		base, _, _ := strings.Cut(name, "*")
		if v, found := joined(base, pieces); found {
			params[base], _ = cleanLine(v)
		}
	}
	return value, params, value != ""
}

// oneParam cuts the first "name=value" off s.
func oneParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t;")
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return "", "", ""
	}
	if s[i] == ';' {
		return "", "", s[i+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:i]))
	s = strings.TrimLeft(s[i+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return name, strings.TrimSpace(value), rest
	}
	var b strings.Builder
	for i = 1; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	if i >= len(s) {
		return name, b.String(), ""
	}
	_, rest, _ = strings.Cut(s[i+1:], ";")
	return name, b.String(), rest
}

// joined puts the pieces of one RFC 2231 parameter together.
func joined(base string, pieces map[string]string) (string, bool) {
	if v, ok := pieces[base+"*"]; ok {
		charset, text := cutCharset(v)
		out, _, _ := toUTF8(percent(text), charset)
		return out, true
	}
	var all []byte
	charset := ""
	for i := 0; i < 100; i++ {
		at := base + "*" + strconv.Itoa(i)
		if v, ok := pieces[at]; ok {
			all = append(all, v...)
		} else if v, ok := pieces[at+"*"]; ok {
			if i == 0 {
				charset, v = cutCharset(v)
			}
			all = append(all, percent(v)...)
		} else {
			break
		}
	}
	out, _, _ := toUTF8(all, charset)
	return out, len(all) > 0
}

func cutCharset(v string) (charset, text string) {
	charset, rest, ok := strings.Cut(v, "'")
	if !ok {
		return "", v
	}
	_, text, ok = strings.Cut(rest, "'")
	if !ok {
		return "", v
	}
	return charset, text
}

func percent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) < 16 && unhex(s[i+2]) < 16 {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// safeName makes a file name of what the mail says: no folders, no control or
// bidi characters, no leading dots, at most 200 bytes.
func safeName(s string) string {
	s, _ = cleanLine(s)
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimRight(strings.TrimLeft(strings.TrimSpace(s), "."), ". ")
	for len(s) > 200 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}
