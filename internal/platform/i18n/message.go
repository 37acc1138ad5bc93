package i18n

import (
	"errors"
	"strings"
)

// message is a parsed text: literals and argument names in turn.
type message []piece

type piece struct {
	text string
	arg  bool
}

// parse splits a text at its {names}. "{{" is a literal brace.
func parse(text string) (message, error) {
	var m message
	var lit strings.Builder
	for {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			lit.WriteString(text)
			break
		}
		lit.WriteString(text[:i])
		if i+1 < len(text) && text[i+1] == text[i] {
			lit.WriteByte(text[i])
			text = text[i+2:]
			continue
		}
		if text[i] == '}' {
			return nil, errors.New("a closing brace without an opening one")
		}
		end := strings.IndexByte(text[i:], '}')
		if end < 0 {
			return nil, errors.New("an opening brace without a closing one")
		}
		name := text[i+1 : i+end]
		if !isName(name) {
			return nil, errors.New("an argument's name is lower-case letters, digits and _")
		}
		if lit.Len() > 0 {
			m = append(m, piece{text: lit.String()})
			lit.Reset()
		}
		m = append(m, piece{text: name, arg: true})
		text = text[i+end+1:]
	}
	if lit.Len() > 0 {
		m = append(m, piece{text: lit.String()})
	}
	return m, nil
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// names returns the names of the message's arguments.
func (m message) names() []string {
	var out []string
	for _, p := range m {
		if p.arg {
			out = append(out, p.text)
		}
	}
	return out
}
