package version

import "strings"

// MaxLength bounds a version in bytes: longer texts are not compared.
const MaxLength = 1024

// Order is the way in which one family of packaging systems orders versions.
type Order uint8

// The orders. Two are not transitive everywhere, since what they follow is not:
// Packagist on versions with the letter "#", which PHP holds equal to every number;
// Maven on versions with a word after a dot or a zero before another number, as in
// 1.0.RC1, which is after 1.0-1 and yet before 1.0 (MNG-7644).
const (
	None Order = iota // nothing is known: Compare is always false
	Semver
	Debian
	RPM
	Alpine
	PyPI
	Maven
	RubyGems
	NuGet
	Packagist
	CRAN
	Hackage
	Pub
)

// String is the name of the order, "none" for None.
func (o Order) String() string {
	switch o {
	case Semver:
		return "semver"
	case Debian:
		return "Debian"
	case RPM:
		return "RPM"
	case Alpine:
		return "Alpine"
	case PyPI:
		return "PyPI"
	case Maven:
		return "Maven"
	case RubyGems:
		return "RubyGems"
	case NuGet:
		return "NuGet"
	case Packagist:
		return "Packagist"
	case CRAN:
		return "CRAN"
	case Hackage:
		return "Hackage"
	case Pub:
		return "Pub"
	}
	return "none"
}

// Compare returns -1 when a is before b, 0 when they are equal and 1 when a is after
// b. It is false when one of them is no version of this order, or too long.
func (o Order) Compare(a, b string) (order int, ok bool) {
	if len(a) > MaxLength || len(b) > MaxLength || a == "" || b == "" {
		return 0, false
	}
	switch o {
	case Semver:
		return compareSemver(a, b, false)
	case Pub:
		return compareSemver(a, b, true)
	case Debian:
		return compareDebian(a, b)
	case RPM:
		return compareRPM(a, b), true
	case Alpine:
		return compareAlpine(a, b), true
	case PyPI:
		return comparePyPI(a, b), true
	case Maven:
		return compareMaven(a, b), true
	case RubyGems:
		return compareRubyGems(a, b)
	case NuGet:
		return compareNuGet(a, b)
	case Packagist:
		return comparePackagist(a, b), true
	case CRAN:
		return compareLists(a, b, ".-")
	case Hackage:
		return compareLists(a, b, ".")
	}
	return 0, false
}

// Valid reports whether Compare takes the version.
func (o Order) Valid(v string) bool {
	_, ok := o.Compare(v, v)
	return ok
}

// For returns the order of an ecosystem of the OSV schema, with or without its
// suffix ("Debian:12"), and None for one whose order is not known. The ecosystem Root
// has the order of the one in its suffix ("Root:PyPI").
func For(ecosystem string) Order {
	name, suffix, _ := strings.Cut(ecosystem, ":")
	switch name {
	case "Go", "npm", "crates.io", "Hex", "SwiftURL", "Bitnami", "Julia", "Kubernetes", "VSCode":
		return Semver
	case "Debian", "Ubuntu", "Echo":
		return Debian
	case "AlmaLinux", "Red Hat", "Rocky Linux", "SUSE", "openSUSE", "openEuler", "Mageia", "Photon OS", "Azure Linux":
		return RPM
	case "Alpine", "Alpaquita", "BellSoft Hardened Containers", "Chainguard", "Wolfi", "MinimOS":
		return Alpine
	case "PyPI":
		return PyPI
	case "Maven":
		return Maven
	case "RubyGems":
		return RubyGems
	case "NuGet":
		return NuGet
	case "Packagist":
		return Packagist
	case "CRAN", "Bioconductor":
		return CRAN
	case "Hackage", "GHC":
		return Hackage
	case "Pub":
		return Pub
	case "Root":
		if base, _, _ := strings.Cut(suffix, ":"); base != "Root" {
			return For(base)
		}
	}
	return None
}
