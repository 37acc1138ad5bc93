package validate

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// tests21 are the tests of CSAF 2.1.
func tests21() rule.Set[csaf21.Advisory] { return nil }
