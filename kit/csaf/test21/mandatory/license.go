package mandatory

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/language"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/spdx"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// languages is 6.1.12: the languages exist.
func languages(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	lang(report, "/document/lang", doc.Document.Lang)
	lang(report, "/document/source_lang", doc.Document.SourceLang)
}

func lang(report rule.Report, pointer, tag string) {
	if tag == "" {
		return
	}
	if _, err := language.Parse(tag); err != nil {
		report(pointer, "%q is no language: %v", tag, err)
	}
}

const expression = "/document/license_expression"

// licenseExpression is 6.1.54: the licence expression is one, without DocumentRef.
func licenseExpression(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if s := doc.Document.LicenseExpression; s != "" {
		if err := spdx.Parse(s, nil); err != nil {
			report(expression, "%v", err)
		}
		return
	}
	for i := range env.Problems {
		if p := &env.Problems[i]; p.Pointer == expression {
			report(expression, "%s", p.Message)
			return
		}
	}
}

// scanCode is the prefix of the licences in AboutCode's ScanCode LicenseDB (3.2.2.7).
// Whether the database really has them is not looked up: no table of it is here.
func scanCode(ref string) bool {
	_, name, _ := strings.Cut(ref, "Ref-")
	name, ok := strings.CutPrefix(name, "scancode-")
	return ok && name != ""
}

// licenseText is 6.1.55: a licence that is in no list has its text in one note of the
// document, a legal disclaimer with the title License.
func licenseText(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if doc.Document.LicenseExpression == "" || !english(doc) {
		return
	}
	unlisted := false
	err := spdx.Parse(doc.Document.LicenseExpression, func(kind spdx.Kind, id string) {
		switch kind {
		case spdx.LicenseID:
			unlisted = unlisted || spdx.License(id) == spdx.Unlisted
		case spdx.ExceptionID:
			unlisted = unlisted || spdx.Exception(id) == spdx.Unlisted
		default:
			unlisted = unlisted || !scanCode(id)
		}
	})
	if err == nil && unlisted { // 6.1.54 reports the error
		oneNote(doc, report, "License", "legal_disclaimer")
	}
}
