package purl

import (
	"slices"

	packageurl "github.com/package-url/packageurl-go"
)

// Qualified returns the canonical text of p with a qualifier set to a value, in place of
// one that is there.
func (p Package) Qualified(key, value string) string {
	u, err := packageurl.FromString(p.canonical)
	if err != nil {
		return p.canonical
	}
	u.Qualifiers = slices.DeleteFunc(u.Qualifiers, func(q packageurl.Qualifier) bool { return q.Key == key })
	u.Qualifiers = append(u.Qualifiers, packageurl.Qualifier{Key: key, Value: value})
	u.Qualifiers = packageurl.QualifiersFromMap(u.Qualifiers.Map()) // in the order of the keys
	return u.ToString()
}
