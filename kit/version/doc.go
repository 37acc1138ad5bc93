// Package version compares versions as the packaging systems do that made them.
//
//	order := version.For("Debian:12")
//	c, ok := order.Compare("1.2~rc1-1", "1.2-1") // -1, true
//
// For knows the ecosystems of the OSV schema, with or without their suffix; the
// orders can be named directly as well (version.RPM). An ecosystem whose order
// nobody has written down has the order None, which compares nothing: no order is
// better than a wrong one.
//
// Compare is a total order on the versions that it takes: it is antisymmetric and
// transitive, and versions that are written differently may be equal (1.0 and 1.0.0
// in most orders). It is false in its second result when a text is no version of the
// order at all, or longer than MaxLength. There are two exceptions to transitivity,
// in the systems themselves, see the constants. Numbers may have any number of digits. Comparing takes time in
// proportion to the length of the two texts.
//
// # Sources
//
//	Semver     Semantic Versioning 2.0.0, section 11; more than three numbers, fewer, and a "v" are allowed
//	Debian     deb-version(7)
//	RPM        rpm-version(7) and rpmvercmp
//	Alpine     the versions of apk-tools 2
//	PyPI       PEP 440; what it does not know is older than everything, as in old pip
//	Maven      Version Order Specification of the POM reference,
//	           before MNG-7644
//	RubyGems   Gem::Version
//	NuGet      NuGet package versioning reference
//	Packagist  Composer's normalisation and PHP's version_compare
//	CRAN       R's package_version; Bioconductor too
//	Hackage    Haskell's Data.Version
//	Pub        Dart's pub_semver: Semver, and build metadata count
//
// Ranges are not here: package osv has those of OSV records.
package version
