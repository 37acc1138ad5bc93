package webui

import (
	"cmp"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// operation is one operation as /api/docs shows it.
type operation struct {
	Method, Path, Summary, Description, Access string
	Params                                     []*huma.Param
	Body, Answer                               string
}

type apiField struct {
	Name, Type, Doc string
	Required        bool
}

type apiSchema struct {
	Name   string
	Fields []apiField
}

type apiView struct {
	Ops     []operation
	Schemas []apiSchema
}

// apiPage renders the description as a plain page.
func (a *App) apiPage(c *Ctx) error {
	spec := a.api.OpenAPI()
	access := map[string]string{}
	for _, r := range a.routes {
		access[r.Method+" "+r.Path] = c.T("api.access." + r.Access.key())
	}
	var v apiView
	for path, item := range spec.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put,
			"PATCH": item.Patch, "DELETE": item.Delete} {
			if op != nil && !op.Hidden {
				o := operation{Method: method, Path: path, Summary: op.Summary, Description: op.Description,
					Access: access[method+" "+path], Params: op.Parameters}
				if op.RequestBody != nil {
					o.Body = contentName(op.RequestBody.Content)
				}
				for _, code := range []string{"200", "201", "202"} {
					if r := op.Responses[code]; r != nil && o.Answer == "" {
						o.Answer = contentName(r.Content)
					}
				}
				v.Ops = append(v.Ops, o)
			}
		}
	}
	slices.SortFunc(v.Ops, func(x, y operation) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Method, y.Method))
	})
	v.Schemas = schemasOf(spec)
	return c.Render("apidocs", v)
}

func contentName(content map[string]*huma.MediaType) string {
	for _, m := range content {
		return typeName(m.Schema)
	}
	return ""
}

func schemasOf(spec *huma.OpenAPI) []apiSchema {
	var out []apiSchema
	for name, s := range spec.Components.Schemas.Map() {
		v := apiSchema{Name: name}
		for field, fs := range s.Properties {
			v.Fields = append(v.Fields, apiField{Name: field, Type: typeName(fs), Doc: fs.Description, Required: slices.Contains(s.Required, field)})
		}
		slices.SortFunc(v.Fields, func(x, y apiField) int { return cmp.Compare(x.Name, y.Name) })
		out = append(out, v)
	}
	slices.SortFunc(out, func(x, y apiSchema) int { return cmp.Compare(x.Name, y.Name) })
	return out
}
