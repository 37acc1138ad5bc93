// Package i18n holds every text that a person reads and says it in the reader's
// language: catalogues, plurals, dates with hour and zone, numbers, relative
// times, the choice of a language, and the text of a fault.
//
// # Catalogues
//
// catalog/LANG/DOMAIN.json is one flat object from key to text. Keys are unique
// over all files of a language. A text names its arguments in braces:
//
//	"desk.held.by": "Held since {at} by {who}"        T("desk.held.by", "at", t, "who", name)
//
// Plurals are keys with a suffix; the argument "n" chooses (CLDR cardinal rules):
//
//	"desk.held.count.one": "{n} report is held",
//	"desk.held.count.other": "{n} reports are held"    T("desk.held.count", "n", 3)
//
// Arguments come as pairs, as one map[string]string or as one map[string]any; a
// text with {0} and {1} takes them by their position. An
// int is written with the language's grouping from five digits on (so that a
// year stays a year), a time.Time as Printer.Date writes it. Two braces, {{,
// are one literal brace. A language without a key uses the English text, and a key
// that English lacks shows as the key itself; tests fail for either, so a new key
// comes with its text in every language.
//
// The package catalogtest (beside this one) walks the module's Go and HTML files
// and fails on unknown and on unused keys. Who is reading and which pages exist
// is the business of package webui.
package i18n
