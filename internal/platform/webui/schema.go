package webui

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaName names a type in the API's description: the domain in front, so that two
// domains may each have a ListOutput. huma's own naming stops the program there.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	domain := typeDomain(t, 0)
	if domain == "" || strings.HasPrefix(strings.ToLower(name), domain) {
		return name
	}
	return strings.ToUpper(domain[:1]) + domain[1:] + name
}

// typeDomain is the package of ours that made the type (without its "web"), or that
// of the first such type within one without a name; "" for none.
func typeDomain(t reflect.Type, depth int) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	if t.PkgPath() != "" {
		if !strings.Contains(t.PkgPath(), "/internal/") {
			return ""
		}
		return strings.TrimSuffix(path.Base(t.PkgPath()), "web")
	}
	if t.Kind() != reflect.Struct || depth > 3 {
		return ""
	}
	for i := range t.NumField() {
		if d := typeDomain(t.Field(i).Type, depth+1); d != "" {
			return d
		}
	}
	return ""
}
