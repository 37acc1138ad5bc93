package recommended

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// licensePointer is where the license expression is.
const licensePointer = "/document/license_expression"

// deprecatedLicense is 6.2.44: no license or exception is deprecated.
func deprecatedLicense(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	facts.Licenses(doc.Document.LicenseExpression, func(id string, exception bool) {
		if l := facts.FindLicense(id, exception); l.Deprecated {
			report(licensePointer, "the license identifier %q is deprecated", id)
		}
	})
}

// unknownLicense is 6.2.45: every license and exception exists, in the list of SPDX or
// for LicenseRef-scancode- in ScanCode's. References to other lists are not checked.
func unknownLicense(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	facts.Licenses(doc.Document.LicenseExpression, func(id string, exception bool) {
		if l := facts.FindLicense(id, exception); l.Missing {
			report(licensePointer, "the license identifier %q does not exist in the list of %s", id, l.List)
		}
	})
}
