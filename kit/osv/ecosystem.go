package osv

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/purl"
)

// FromPURL returns the package of the schema that a package URL names. The distribution's
// release comes from the qualifier distro ("almalinux-9", "debian-12"), as in "AlmaLinux:9".
// It is false for types that have no ecosystem, such as generic and github.
func FromPURL(u purl.Package) (Package, bool) {
	full := u.Name
	if u.Namespace != "" {
		full = u.Namespace + "/" + u.Name
	}
	out := Package{Name: full, PURL: u.Versioned("")}
	switch u.Type {
	case "maven":
		out.Name = strings.Replace(full, "/", ":", 1)
	case "deb", "rpm", "apk":
		out.Name = u.Name
		out.Ecosystem = distribution(u)
		return out, out.Ecosystem != ""
	}
	for _, e := range ecosystems() {
		if e.kind == u.Type && e.namespace == "" {
			out.Ecosystem = e.name
			return out, true
		}
	}
	return Package{}, false
}

// ecosystem pairs a type of package URLs, and for distributions their namespace, with the
// name of the schema. The first of several with the same name is the one that ToPURL
// writes.
type ecosystem struct{ kind, namespace, name string }

func ecosystems() []ecosystem {
	return []ecosystem{
		{"golang", "", "Go"}, {"npm", "", "npm"}, {"pypi", "", "PyPI"}, {"maven", "", "Maven"}, {"cargo", "", "crates.io"},
		{"gem", "", "RubyGems"}, {"nuget", "", "NuGet"}, {"composer", "", "Packagist"}, {"pub", "", "Pub"}, {"hex", "", "Hex"},
		{"hackage", "", "Hackage"}, {"cran", "", "CRAN"}, {"conan", "", "ConanCenter"}, {"swift", "", "SwiftURL"},
		{"bitnami", "", "Bitnami"}, {"julia", "", "Julia"}, {"opam", "", "opam"},
		{"deb", "debian", "Debian"}, {"deb", "ubuntu", "Ubuntu"},
		{"rpm", "almalinux", "AlmaLinux"}, {"rpm", "redhat", "Red Hat"}, {"rpm", "rocky-linux", "Rocky Linux"},
		{"rpm", "rocky", "Rocky Linux"}, {"rpm", "opensuse", "openSUSE"}, {"rpm", "suse", "SUSE"}, {"rpm", "openeuler", "openEuler"},
		{"rpm", "mageia", "Mageia"}, {"rpm", "azure-linux", "Azure Linux"},
		{"apk", "alpine", "Alpine"}, {"apk", "wolfi", "Wolfi"}, {"apk", "chainguard", "Chainguard"}, {"apk", "alpaquita", "Alpaquita"},
		{"apk", "minimos", "MinimOS"},
	}
}

func distribution(u purl.Package) string {
	for _, e := range ecosystems() {
		if e.kind != u.Type || e.namespace == "" || e.namespace != u.Namespace {
			continue
		}
		release := release(u.Qualifier("distro"))
		switch {
		case release == "" || e.name == "Wolfi" || e.name == "Chainguard" || e.name == "MinimOS" || e.name == "SUSE" || e.name == "Red Hat":
			return e.name
		case e.name == "Alpine" || e.name == "Alpaquita":
			return e.name + ":v" + release
		case e.name == "Ubuntu" && longTerm(release):
			return e.name + ":" + release + ":LTS"
		}
		return e.name + ":" + release
	}
	return ""
}

// release is the number in "almalinux-9.4" or "12", "" for a code name: those change
// with the years, and an ecosystem of the wrong release is worse than one without.
func release(distro string) string {
	if i := strings.LastIndexByte(distro, '-'); i >= 0 {
		distro = distro[i+1:]
	}
	distro = strings.TrimPrefix(distro, "v")
	if distro == "" || strings.Trim(distro, "0123456789.") != "" {
		return ""
	}
	return distro
}

// longTerm tells Ubuntu's releases of April in even years, which are kept for long.
func longTerm(release string) bool {
	year, month, _ := strings.Cut(release, ".")
	return month == "04" && year != "" && (year[len(year)-1]-'0')%2 == 0
}

// ToPURL returns the package URL of a package of the schema, its own when it has one. It
// is false for ecosystems whose package URLs nobody has settled.
func ToPURL(p Package) (string, bool) {
	if p.PURL != "" {
		u, err := purl.Parse(p.PURL)
		return u.Versioned(""), err == nil
	}
	base, suffix, _ := strings.Cut(p.Ecosystem, ":")
	for _, e := range ecosystems() {
		if e.name != base {
			continue
		}
		text := "pkg:" + e.kind + "/"
		if e.namespace != "" {
			text += e.namespace + "/" + escape(p.Name)
			if n := release(strings.TrimSuffix(suffix, ":LTS")); n != "" {
				text += "?distro=" + e.namespace + "-" + n
			}
		} else if e.kind == "maven" {
			text += escape(strings.Replace(p.Name, ":", "/", 1))
		} else {
			text += escape(p.Name)
		}
		u, err := purl.Parse(text)
		if err != nil {
			return "", false
		}
		// What does not come back as the same package is not certain.
		back, ok := FromPURL(u)
		return u.String(), ok && back.Ecosystem == p.Ecosystem && back.Name == p.Name
	}
	return "", false
}

// escape writes what separates in a package URL with percent signs; slashes stay.
func escape(name string) string {
	return strings.NewReplacer("%", "%25", "@", "%40", "?", "%3F", "#", "%23", "+", "%2B", " ", "%20", ":", "%3A").Replace(name)
}

// KnownID reports whether an id has the prefix of a database that the schema knows, or
// "x_", which every database may use.
func KnownID(id string) bool { return isID(id) }
