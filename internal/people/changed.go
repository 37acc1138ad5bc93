package people

import (
	"reflect"
	"strings"
)

// changed names the settings of a project that differ, "policy.assess" and the like: the
// record says which, and not what they say.
func (p Project) changed(old Project) []string {
	p.Version = old.Version
	return differing("", reflect.ValueOf(old), reflect.ValueOf(p))
}

func differing(prefix string, a, b reflect.Value) []string {
	var out []string
	for i := range a.NumField() {
		name := prefix + strings.ToLower(a.Type().Field(i).Name)
		x, y := a.Field(i), b.Field(i)
		switch {
		case reflect.DeepEqual(x.Interface(), y.Interface()):
		case x.Kind() == reflect.Slice && x.Len() == 0 && y.Len() == 0:
		case x.Kind() == reflect.Struct && prefix == "":
			out = append(out, differing(name+".", x, y)...)
		default:
			out = append(out, name)
		}
	}
	return out
}
