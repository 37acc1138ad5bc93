package cveservices

// amendments change what the message schemas of the shared data say where they
// contradict the description's own examples or a later format:
//
//   - An answer with a record has "affected" as an object, while the request, the
//     example beside the schema and the record format have an array. It is read as an
//     array here.
//   - A tag is "oneOf" two schemas that both hold for every text, since the request's schema
//     has lost the pattern ^x_ and the lists that the record format has there. They are read
//     as: one that begins with x_, or another.
//   - packageURL came with format 5.2, the request's schema is of 5.0.
//
// And one of the OpenAPI description, see spec.answer: GET /cve/{id} answers "oneOf" two
// schemas that both hold for every rejected record; it is read as anyOf.
func amend(name string, v any) {
	switch name {
	case "cve/get-cve-record-response.json", "cve/create-cve-record-response.json", "cve/update-full-cve-record-response.json":
		visit(v, func(m map[string]any) {
			if a, ok := m["affected"].(map[string]any); ok && a["type"] == "object" {
				m["affected"] = map[string]any{"type": "array", "items": map[string]any{"type": "object"}}
			}
		})
	case "cve/create-cve-record-cna-request.json":
		visit(v, func(m map[string]any) {
			if of, ok := m["oneOf"].([]any); ok && len(of) == 2 {
				if first, ok := of[0].(map[string]any); ok && first["$ref"] == "#/definitions/tagExtension" {
					m["oneOf"] = []any{map[string]any{"type": "string", "pattern": "^x_.*$"}, map[string]any{"type": "string", "pattern": "^[^x]|^x[^_]"}}
				}
			}
			if p, ok := m["product"].(map[string]any); ok {
				if props, ok := p["properties"].(map[string]any); ok && props["packageName"] != nil {
					props["packageURL"] = map[string]any{"type": "string", "minLength": 1, "maxLength": 2048}
				}
			}
		})
	}
}

func visit(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, x := range v {
			visit(x, f)
		}
	case []any:
		for _, x := range v {
			visit(x, f)
		}
	}
}
