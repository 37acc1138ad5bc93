package validate

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/informative"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/mandatory"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/recommended"
)

// tests21 are the tests of CSAF 2.1 in the order of the standard.
func tests21() rule.Set[csaf21.Advisory] {
	return slices.Concat(mandatory.Tests(), recommended.Tests(), informative.Tests())
}
