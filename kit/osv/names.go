package osv

import "strings"

// isEcosystem reports whether a text is an ecosystem of the schema, with or without a
// suffix, or GIT.
func isEcosystem(s string) bool {
	name, suffix, found := strings.Cut(s, ":")
	return (name == "GIT" || KnownEcosystem(name)) && (!found || suffix != "" && !strings.Contains(suffix, "\n"))
}

// KnownEcosystem reports whether the schema knows an ecosystem by its name alone.
func KnownEcosystem(name string) bool {
	switch name {
	case "AlmaLinux", "Alpaquita", "Alpine", "Android", "Azure Linux", "BellSoft Hardened Containers", "Bioconductor", "Bitnami",
		"Chainguard", "CleanStart", "ConanCenter", "CRAN", "crates.io", "Debian", "Docker Hardened Images", "Echo",
		"FreeBSD", "GHC", "GitHub Actions", "Go", "Hackage", "Hex", "Homebrew", "Julia",
		"Kubernetes", "Linux", "Mageia", "Maven", "MinimOS", "npm", "NuGet", "opam",
		"openEuler", "openSUSE", "OSS-Fuzz", "Packagist", "Photon OS", "Pub", "PyPI", "Red Hat",
		"Rocky Linux", "Root", "RubyGems", "SUSE", "SwiftURL", "TuxCare", "Ubuntu", "vcpkg",
		"VSCode", "Wolfi", "WordPress":
		return true
	}
	return false
}

// isID reports whether an id has the prefix of a database that the schema knows.
func isID(s string) bool {
	if strings.HasPrefix(s, "x_") {
		return true
	}
	// A few prefixes hold a dash themselves.
	for i := range len(s) {
		if s[i] == '-' && knownPrefix(s[:i]) {
			return true
		}
		if i > 16 {
			break
		}
	}
	return false
}

func knownPrefix(s string) bool {
	switch s {
	case "ASB-A", "PUB-A", "ALPINE", "ALSA", "ALBA", "ALEA", "AZL", "BELL", "BIT", "BREW",
		"CGA", "CLEANSTART", "CLSA", "CURL", "CVE", "DEBIAN", "DHI", "DRUPAL", "DSA", "DLA",
		"ELA", "DTSA", "ECHO", "EEF", "FreeBSD", "GHSA", "GO", "GSD", "HSEC", "JLSEC",
		"KUBE", "LBSEC", "LSN", "MAL", "MINI", "MGASA", "OESA", "OSEC", "OSV", "openSUSE-SU",
		"PHSA", "PSF", "PYSEC", "RHBA", "RHEA", "RHSA", "RLSA", "RXSA", "RSEC", "ROOT",
		"RUSTSEC", "UBUNTU", "USN", "V8", "VCPKG", "SUSE-SU", "SUSE-RU", "SUSE-FU", "SUSE-OU":
		return true
	}
	return false
}
