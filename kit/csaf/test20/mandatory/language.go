package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/language"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// languages is 6.1.12: the languages exist (RFC 5646, 2.2.9). Deprecated subtags are
// valid, as RFC 5646 has it.
func languages(doc *csaf.Advisory, _ *rule.Env, report rule.Report) {
	check := func(pointer, tag string) {
		if tag != "" {
			if _, err := language.Parse(tag); err != nil {
				report(pointer, "%v", err)
			}
		}
	}
	check("/document/lang", doc.Document.Lang)
	check("/document/source_lang", doc.Document.SourceLang)
}
