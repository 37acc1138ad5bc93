package cveservices

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// spec is the part of an OpenAPI description that is used.
type spec struct {
	Paths      map[string]map[string]*operation
	Components struct{ Parameters map[string]parameter }

	dir     string
	schemas map[string]*jsonschema.Schema
}

type operation struct {
	OperationID string
	Parameters  []parameter
	RequestBody struct {
		Required bool
		Content  map[string]media
	}
	Responses map[string]struct{ Content map[string]media }

	method, path string
}

type media struct {
	Schema struct {
		Ref   string `json:"$ref"`
		OneOf []struct {
			Ref string `json:"$ref"`
		}
	}
}

type parameter struct {
	Ref      string `json:"$ref"`
	Name, In string
	Required bool
	Schema   struct {
		Type, Format string
		Enum         []string
		Minimum      *int
	}
}

// load reads the description.
func load(t testing.TB) *spec {
	t.Helper()
	s := &spec{dir: filepath.Join(shared.Dir(t), "data", "cve"), schemas: map[string]*jsonschema.Schema{}}
	data, err := os.ReadFile(filepath.Join(s.dir, "api-docs", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, s); err != nil {
		t.Fatal(err)
	}
	for path, methods := range s.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			for i, p := range op.Parameters {
				if p.Ref != "" {
					op.Parameters[i] = s.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
				}
			}
		}
	}
	return s
}

// named is the name of a message schema: its path below the folder "schemas", which the
// description writes in two ways.
func named(ref string) string {
	_, name, _ := strings.Cut(ref, "/schemas/")
	return name
}

// compiled returns the schema that a reference of the description names.
func (s *spec) compiled(t testing.TB, ref string) *jsonschema.Schema {
	name := named(ref)
	if c := s.schemas[name]; c != nil {
		return c
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "schemas", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	amend(name, doc)
	data, err = json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	url := "https://schemas.invalid/" + name
	s.schemas[name] = schema.Compile(t, url, map[string]string{url: file})
	return s.schemas[name]
}

// prepare compiles every schema that the description names, before requests come.
func (s *spec) prepare(t testing.TB) {
	each := func(m map[string]media) {
		for _, m := range m {
			if m.Schema.Ref != "" {
				s.compiled(t, m.Schema.Ref)
			}
			for _, one := range m.Schema.OneOf {
				s.compiled(t, one.Ref)
			}
		}
	}
	for _, methods := range s.Paths {
		for _, op := range methods {
			each(op.RequestBody.Content)
			for _, r := range op.Responses {
				each(r.Content)
			}
		}
	}
}

// answer holds an answer against the schema of its status.
func (s *spec) answer(op *operation, status int, body any) error {
	r, ok := op.Responses[strconv.Itoa(status)]
	if !ok {
		return fmt.Errorf("the description has no answer %d", status)
	}
	m, ok := r.Content["application/json"]
	if !ok {
		return nil
	}
	v, err := plain(body)
	if err != nil {
		return err
	}
	if m.Schema.Ref != "" {
		return s.schemas[named(m.Schema.Ref)].Validate(v)
	}
	var all []error
	for _, one := range m.Schema.OneOf {
		err := s.schemas[named(one.Ref)].Validate(v)
		if err == nil {
			return nil
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// plain is v as a validator takes it.
func plain(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
}

// detail is one parameter that is wrong, after errors/bad-request.json.
type detail struct {
	Msg      string `json:"msg"`
	Param    string `json:"param"`
	Location string `json:"location"`
}

// request holds a request against the description and returns its body.
func (s *spec) request(op *operation, r *http.Request, data []byte) (any, []detail) {
	var wrong []detail
	query := r.URL.Query()
	known := map[string]bool{}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		known[p.Name] = true
		if msg := p.check(query); msg != "" {
			wrong = append(wrong, detail{msg, p.Name, "query"})
		}
	}
	for name := range query {
		if !known[name] {
			wrong = append(wrong, detail{"unknown parameter", name, "query"})
		}
	}
	m, has := op.RequestBody.Content["application/json"]
	switch {
	case !has && len(data) > 0:
		wrong = append(wrong, detail{"no body is expected", "", "body"})
	case has:
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
		if err == nil && m.Schema.Ref != "" {
			err = s.schemas[named(m.Schema.Ref)].Validate(v)
		}
		if err != nil {
			wrong = append(wrong, detail{err.Error(), "cnaContainer", "body"})
		}
		return v, wrong
	}
	return nil, wrong
}

func (p parameter) check(query url.Values) string {
	values := query[p.Name]
	if len(values) == 0 {
		if p.Required {
			return "is required"
		}
		return ""
	}
	v := values[0]
	switch {
	case len(values) > 1:
		return "occurs twice"
	case len(p.Schema.Enum) > 0 && !slices.Contains(p.Schema.Enum, v):
		return "invalid value"
	case p.Schema.Type == "integer":
		n, err := strconv.Atoi(v)
		if err != nil || p.Schema.Minimum != nil && n < *p.Schema.Minimum {
			return "is no such number"
		}
	case p.Schema.Format == "date-time":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			return "is no time"
		}
	}
	return ""
}
