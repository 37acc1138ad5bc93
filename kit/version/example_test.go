package version_test

import (
	"fmt"

	"github.com/tocsin-sec/tocsin/kit/version"
)

// The same texts are in another order in each ecosystem.
func ExampleFor() {
	for _, ecosystem := range []string{"Debian:12", "AlmaLinux:9", "npm", "PyPI", "Homebrew"} {
		order := version.For(ecosystem)
		c, ok := order.Compare("1.0-1", "1.0")
		fmt.Println(ecosystem, order, c, ok)
	}
	// Output:
	// Debian:12 Debian 1 true
	// AlmaLinux:9 RPM 1 true
	// npm semver -1 true
	// PyPI PyPI 1 true
	// Homebrew none 0 false
}
