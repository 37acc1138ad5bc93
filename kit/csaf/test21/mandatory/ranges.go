package mandatory

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/vers"
)

// eachRange calls f for every branch of the category product_version_range.
func eachRange(env *rule.Env, f func(b *rule.Branch)) {
	all := env.Branches()
	for i := range all {
		if all[i].Category == csaf.BranchVersionRange {
			f(&all[i])
		}
	}
}

const scheme = "vers:"

// parseRange reads a VERS, or a VERS-like specifier where there is no scheme.
func parseRange(name string) (vers.Range, error) {
	if strings.HasPrefix(name, scheme) {
		return vers.Parse(name)
	}
	return vers.ParseLike(name)
}

// rangeRules is 6.1.50: a range of versions is a VERS in its canonical form, or the
// constraints of one (3.1.2.3.2). All versions are vers:all/*. A type that is not
// known is a warning; the order of its versions cannot be checked then, all else is.
func rangeRules(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachRange(env, func(b *rule.Branch) {
		r, err := parseRange(b.Name)
		if err == nil {
			err = r.Check()
		}
		switch {
		case err != nil:
			report(b.Pointer()+"/name", "%q is no range as VERS or VERS-like specifier: %v", b.Name, err)
		case r.All && r.Type != "all":
			f := report(b.Pointer()+"/name", "all versions are written vers:all/*, not %q", b.Name)
			f.Fix = rule.Replace(f.Pointer, "vers:all/*")
		case r.Type != "" && !r.All && !r.None && !vers.Registered(r.Type):
			report(b.Pointer()+"/name", "the VERS type %q is not known: the order of its versions was not checked", r.Type).Severity = rule.Warning
		}
	})
}

// singleVersion is 6.1.59: a range of versions is more than one version.
func singleVersion(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachRange(env, func(b *rule.Branch) {
		r, err := parseRange(b.Name)
		if err != nil {
			return // 6.1.50 reports it
		}
		if version, ok := only(r); ok {
			f := report(b.Pointer()+"/name", "%q is the single version %q", b.Name, version)
			f.Fix = rule.Fix{
				{Op: "replace", Path: b.Pointer() + "/category", Value: csaf.BranchVersion},
				{Op: "replace", Path: b.Pointer() + "/name", Value: version},
			}
		}
	})
}

// only returns the one version of a range that has no other.
func only(r vers.Range) (string, bool) {
	version, found := "", false
	for i, c := range r.Constraints {
		switch c.Comparator {
		case vers.NotEqual:
		case vers.Equal:
			if found {
				return "", false
			}
			version, found = c.Version, true
		case vers.GreaterEqual: // >=1|<=1
			if i+1 == len(r.Constraints) || r.Constraints[i+1] != (vers.Constraint{Comparator: vers.LessEqual, Version: c.Version}) {
				return "", false
			}
			version, found = c.Version, true
		case vers.LessEqual:
			if i == 0 || r.Constraints[i-1] != (vers.Constraint{Comparator: vers.GreaterEqual, Version: c.Version}) {
				return "", false
			}
		default:
			return "", false
		}
	}
	return version, found
}
