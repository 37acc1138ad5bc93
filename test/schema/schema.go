// Package schema is the oracle of tests for strict readers: JSON schemas of the shared
// data compiled with everything that the formats need (patterns with look-around,
// strict URIs), and random mutations of documents. A reader has to give the same
// verdict as the schema for each of them.
//
// It is for tests only; the readers themselves use no schema.
package schema

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// draft is what every schema is read as: OASIS's own meta-schemas only switch formats
// on, which Compile does for all.
const draft = "https://json-schema.org/draft/2020-12/schema"

// Compile reads schema files by their URL and compiles the one named. Formats are
// asserted; "uri" follows RFC 3986 to the letter.
func Compile(t testing.TB, name string, files map[string]string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(func(s string) (jsonschema.Regexp, error) {
		re, err := regexp2.Compile(s, regexp2.ECMAScript)
		return (*lookahead)(re), err
	})
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: uri})
	for url, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := doc.(map[string]any); ok {
			if s, _ := m["$schema"].(string); !strings.Contains(s, "json-schema.org") || strings.Contains(url, "metaschema") {
				m["$schema"] = draft
				delete(m, "$vocabulary")
			}
			// FIRST's ids end in ?date, which the references to them do not have.
			for _, id := range []string{"id", "$id"} {
				if s, ok := m[id].(string); ok {
					m[id], _, _ = strings.Cut(s, "?")
				}
			}
		}
		if err := c.AddResource(url, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lookahead lets the JSON schemas use look-around, which Go's regexp has not.
type lookahead regexp2.Regexp

func (re *lookahead) MatchString(s string) bool {
	ok, err := (*regexp2.Regexp)(re).MatchString(s)
	return err == nil && ok
}

func (re *lookahead) String() string { return (*regexp2.Regexp)(re).String() }

// rfc3986 is the grammar of URI in RFC 3986, appendix A, without the rules for the
// inside of IP literals.
var rfc3986 = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:` +
	`(//((` + chars + `|:)*@)?(\[[0-9A-Fa-fvV:.]+\]|(` + chars + `)*)(:[0-9]*)?(/(` + chars + `|[:@])*)*|/?((` + chars + `|[:@])+(/(` + chars + `|[:@])*)*)?)` +
	`(\?(` + chars + `|[:@/?])*)?(#(` + chars + `|[:@/?])*)?$`)

const chars = `[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f][0-9A-Fa-f]`

func uri(v any) error {
	if s, ok := v.(string); ok && !rfc3986.MatchString(s) {
		return fmt.Errorf("%q is no URI", s)
	}
	return nil
}

// Decode decodes JSON as Validate takes it.
func Decode(t testing.TB, data []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Pointers returns the JSON pointers that a schema's verdict names.
func Pointers(err error) []string {
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return nil
	}
	return pointers(ve)
}

func pointers(ve *jsonschema.ValidationError) []string {
	if len(ve.Causes) == 0 {
		var b strings.Builder
		for _, step := range ve.InstanceLocation {
			b.WriteByte('/')
			b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(step))
		}
		return []string{b.String()}
	}
	var out []string
	for _, c := range ve.Causes {
		out = append(out, pointers(c)...)
	}
	return out
}

// Above reports whether the pointer is one of the others or above one of them.
func Above(pointer string, others []string) bool {
	for _, o := range others {
		if o == pointer || strings.HasPrefix(o, pointer+"/") {
			return true
		}
	}
	return false
}
