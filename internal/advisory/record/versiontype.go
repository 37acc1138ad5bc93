package record

import (
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// VersionType is the versionType that CVE records give the branches of one product: semver when all its versions are, else the type
// of its package URL, which is also that of VERS; generic says that the order is the
// usual one and not written down.
func VersionType(branches []Branch) string {
	kind, semantic, any := "", true, false
	for _, b := range branches {
		kind = b.Type()
		texts := []string{b.Affected}
		if b.Status == NotAffected || b.Status == Investigating {
			texts = []string{b.Covers}
		}
		for _, t := range texts {
			list, _, _ := ParseVersions(t)
			for _, v := range list {
				semantic, any = semantic && strictjson.IsSemver(PlainVersion(v.Version, "semver")), true
			}
		}
		if b.Status == Fixed && b.Fixed != "" {
			semantic, any = semantic && strictjson.IsSemver(PlainVersion(b.Fixed, "semver")), true
		}
	}
	switch kind {
	case "deb", "rpm", "apk", "alpm":
		return kind
	case "maven":
		return "maven"
	case "pypi":
		return "python"
	}
	if semantic && any {
		return "semver"
	}
	return kind
}

// Type is the type of the branch's package URL, generic without one.
func (b Branch) Type() string {
	if u, err := purl.Parse(b.Purl); err == nil {
		return u.Type
	}
	return "generic"
}

// PlainVersion is a version as its type writes it: semantic ones have no v.
func PlainVersion(v, kind string) string {
	if kind == "semver" && len(v) > 1 && v[0] == 'v' {
		return v[1:]
	}
	return v
}
