package facts

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/registry/spdx"
)

// Licenses calls f for each license identifier of an SPDX license expression and for
// each exception, which is what follows WITH. A + behind an identifier is taken off.
// What is no expression is read as far as it goes (6.1.54 reports it).
func Licenses(expression string, f func(id string, exception bool)) {
	exception := false
	for len(expression) > 0 {
		n := strings.IndexAny(expression, "() \t\r\n")
		if n < 0 {
			n = len(expression)
		}
		word := expression[:n]
		expression = expression[min(n+1, len(expression)):]
		switch {
		case word == "":
		case strings.EqualFold(word, "AND") || strings.EqualFold(word, "OR"):
			exception = false
		case strings.EqualFold(word, "WITH"):
			exception = true
		default:
			f(strings.TrimSuffix(word, "+"), exception)
			exception = false
		}
	}
}

// License is what is known of an identifier in a license expression.
type License struct {
	List       string // "SPDX", "ScanCode" or "" for an entity that nobody here knows
	Missing    bool   // the list does not have it
	Deprecated bool
}

// scanCode is how AboutCode's ScanCode LicenseDB names its licenses in expressions of
// SPDX. Which there are is not known here: each that has the prefix counts as listed.
const scanCode = "LicenseRef-scancode-"

// FindLicense returns what is known of a license or an exception.
func FindLicense(id string, exception bool) License {
	switch {
	case hasPrefix(id, scanCode), hasPrefix(id, "AdditionRef-scancode-"):
		return License{List: "ScanCode"}
	case hasPrefix(id, "LicenseRef-"), hasPrefix(id, "DocumentRef-"), hasPrefix(id, "AdditionRef-"):
		return License{}
	}
	state := spdx.License(id)
	if exception {
		state = spdx.Exception(id)
	} else if state == spdx.Unlisted {
		state = spdx.License(id + "+") // GPL-2.0+ is an identifier of its own
	}
	return License{List: "SPDX", Missing: state == spdx.Unlisted, Deprecated: state == spdx.Deprecated}
}

func hasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// HasUnlisted reports whether an expression has an identifier that neither SPDX nor
// ScanCode lists.
func HasUnlisted(expression string) bool {
	found := false
	Licenses(expression, func(id string, exception bool) {
		l := FindLicense(id, exception)
		found = found || l.List == "" || l.Missing
	})
	return found
}
