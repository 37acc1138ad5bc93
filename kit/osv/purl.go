package osv

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/purl"
)

// purlAgrees reports whether a package URL is of the package's ecosystem and has its
// name, where that is certain; otherwise it agrees.
func purlAgrees(p *Package, u purl.Package) bool {
	base, _, _ := strings.Cut(p.Ecosystem, ":")
	if kind := distributionType(base); kind != "" {
		// The namespace is not compared: it is debian, redhat, opensuse. SUSE's
		// records have a distro behind the name that should be a qualifier.
		name, _, _ := strings.Cut(u.Name, "&")
		return kind == u.Type && p.Name == name
	}
	kind, name := purlOf(base, p.Name)
	return kind == "" || kind == u.Type && name == purlName(u)
}

// distributionType is the type of package URL that the packages of a distribution have.
func distributionType(ecosystem string) string {
	switch ecosystem {
	case "Debian", "Ubuntu", "Echo":
		return "deb"
	case "AlmaLinux", "Red Hat", "Rocky Linux", "SUSE", "openSUSE", "openEuler", "Mageia", "Photon OS", "Azure Linux":
		return "rpm"
	case "Alpine", "Alpaquita", "BellSoft Hardened Containers", "Chainguard", "Wolfi", "MinimOS":
		return "apk"
	}
	return ""
}

// purlOf is the type and the name that a package URL has in an ecosystem, "" where
// that is not certain.
func purlOf(ecosystem, name string) (kind, inPURL string) {
	switch ecosystem {
	case "Go":
		if name == "stdlib" || name == "toolchain" {
			return "", ""
		}
		return "golang", strings.ToLower(name)
	case "npm":
		return "npm", strings.ToLower(name)
	case "PyPI":
		return "pypi", strings.ReplaceAll(strings.ToLower(name), "_", "-")
	case "Maven":
		return "maven", strings.Replace(name, ":", "/", 1)
	case "crates.io":
		return "cargo", name
	case "RubyGems":
		return "gem", name
	case "NuGet":
		return "nuget", strings.ToLower(name)
	case "Packagist":
		return "composer", strings.ToLower(name)
	case "Pub":
		return "pub", name
	case "Hex":
		return "hex", strings.ToLower(name)
	case "Hackage":
		return "hackage", name
	case "CRAN":
		return "cran", name
	case "Bitnami":
		return "bitnami", strings.ToLower(name)
	}
	return "", ""
}

// purlName is the name of a package URL as purlOf writes it.
func purlName(u purl.Package) string {
	name := u.Name
	if u.Namespace != "" {
		name = u.Namespace + "/" + u.Name
	}
	switch u.Type {
	case "golang", "npm", "composer", "hex", "nuget", "bitnami":
		return strings.ToLower(name)
	case "pypi":
		return strings.ReplaceAll(strings.ToLower(name), "_", "-")
	}
	return name
}
