// Package language knows the language tags of BCP 47 (RFC 5646) and the subtags that
// IANA has registered: what the tests 6.1.12 and 6.2.14 of CSAF ask of document.lang
// and source_lang. The form of a tag is csaf.IsLang's; what languages are called is
// nowhere here.
//
//	t, err := language.Parse("de-CH-1996")
//
// The table is generated (registry/language/gen) and needs no start-up work.
package language

//go:generate sh -c "go run ./gen $LANGUAGE_SUBTAG_REGISTRY > table.new && mv table.new table.go"

import (
	"fmt"
	"slices"
	"strings"
)

// RegistryDate is the day of IANA's registry that the table is made of.
const RegistryDate = registryDate

// Tag is a valid tag in its parts, all in small letters.
type Tag struct {
	Language   string // "" when the tag is private ("x-...") or grandfathered
	Extlang    string
	Script     string
	Region     string
	Variants   []string
	Extensions []string // each with its singleton: "u-co-phonebk"
	Private    string   // what follows "x-"
	Preferred  string   // the tag to use instead, when a subtag or the tag is deprecated
}

// Parse returns the parts of a tag. It fails when the tag is not valid in the sense of
// RFC 5646, section 2.2.9: a subtag is not registered or not at its place, an extended
// language does not follow its prefix, a variant or an extension occurs twice, an
// extension has a singleton that nobody has registered.
func Parse(tag string) (Tag, error) {
	low := strings.ToLower(tag)
	if e, ok := find(grandfatheredTable, low); ok {
		return Tag{Preferred: e.preferred}, nil
	}
	p := parser{rest: strings.Split(low, "-")}
	if slices.Contains(p.rest, "") {
		return Tag{}, fmt.Errorf("language tag %q: an empty subtag", tag)
	}
	p.parse()
	if p.err != nil {
		return Tag{}, fmt.Errorf("language tag %q: %w", tag, p.err)
	}
	if e, ok := find(redundantTable, low); ok && e.preferred != "" {
		p.tag.Preferred = e.preferred
	} else if p.deprecated {
		p.tag.Preferred = p.tag.canonical()
	}
	return p.tag, nil
}

// UsesPrivate reports whether the tag has subtags reserved for private use: languages
// qaa to qtz, scripts Qaaa to Qabx, regions AA, QM to QZ, XA to XZ and ZZ, and all
// that follows "x-" (RFC 5646, 2.2.1 to 2.2.7).
func (t Tag) UsesPrivate() bool {
	return t.Private != "" || privateLanguage(t.Language) || privateScript(t.Script) || privateRegion(t.Region)
}

func privateLanguage(s string) bool { return len(s) == 3 && s >= "qaa" && s <= "qtz" }
func privateScript(s string) bool   { return len(s) == 4 && s >= "qaaa" && s <= "qabx" }
func privateRegion(s string) bool {
	return len(s) == 2 && (s == "aa" || s == "zz" || s >= "qm" && s <= "qz" || s >= "xa" && s <= "xz")
}

// parser takes the subtags of a tag from left to right.
type parser struct {
	rest       []string
	tag        Tag
	deprecated bool
	err        error
}

func (p *parser) parse() {
	if p.rest[0] != "x" {
		p.language()
		p.script()
		p.region()
		p.variants()
		p.extensions()
	}
	if p.err == nil && len(p.rest) > 1 && p.rest[0] == "x" {
		p.tag.Private, p.rest = strings.Join(p.rest[1:], "-"), nil
	}
	if p.err == nil && len(p.rest) > 0 {
		p.err = fmt.Errorf("%q is not registered or not at its place", p.rest[0])
	}
}

// take looks the next subtag up in a table and takes it.
func (p *parser) take(table string, is func(string) bool) (subtag, prefixes string, ok bool) {
	if p.err != nil || len(p.rest) == 0 {
		return "", "", false
	}
	s := p.rest[0]
	e, known := find(table, s)
	if !known && !is(s) {
		return "", "", false
	}
	p.rest = p.rest[1:]
	if e.preferred != "" && table != extlangTable {
		s, p.deprecated = strings.ToLower(e.preferred), true
	}
	return s, e.prefixes, true
}

func never(string) bool { return false }

func (p *parser) language() {
	s, _, ok := p.take(languageTable, privateLanguage)
	if !ok {
		p.err = fmt.Errorf("%q is no registered language", p.rest[0])
		return
	}
	p.tag.Language = s
	e, prefix, ok := p.take(extlangTable, never)
	if ok && prefix != s {
		p.err = fmt.Errorf("%q has to follow %q", e, prefix)
	}
	p.tag.Extlang = e
}

func (p *parser) script() { p.tag.Script, _, _ = p.take(scriptTable, privateScript) }
func (p *parser) region() { p.tag.Region, _, _ = p.take(regionTable, privateRegion) }

func (p *parser) variants() {
	for {
		s, _, ok := p.take(variantTable, never)
		if !ok {
			return
		}
		if slices.Contains(p.tag.Variants, s) {
			p.err = fmt.Errorf("the variant %q occurs twice", s)
		}
		p.tag.Variants = append(p.tag.Variants, s)
	}
}

// extensions takes those with the singletons that IANA has assigned: t (RFC 6497) and
// u (RFC 6067).
func (p *parser) extensions() {
	for p.err == nil && len(p.rest) > 1 && (p.rest[0] == "t" || p.rest[0] == "u") {
		end := 1
		for end < len(p.rest) && len(p.rest[end]) > 1 {
			end++
		}
		e := strings.Join(p.rest[:end], "-")
		if end == 1 || slices.ContainsFunc(p.tag.Extensions, func(was string) bool { return was[0] == e[0] }) {
			p.err = fmt.Errorf("the extension %q is empty or there twice", e[:1])
		}
		p.tag.Extensions, p.rest = append(p.tag.Extensions, e), p.rest[end:]
	}
}

// canonical writes a tag with the usual capitals.
func (t Tag) canonical() string {
	parts := []string{t.Language, t.Extlang, "", strings.ToUpper(t.Region)}
	if t.Script != "" {
		parts[2] = strings.ToUpper(t.Script[:1]) + t.Script[1:]
	}
	parts = append(append(parts, t.Variants...), t.Extensions...)
	if t.Private != "" {
		parts = append(parts, "x-"+t.Private)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "-")
}

// entry is a line of a table.
type entry struct{ preferred, prefixes string }

// find looks a subtag up by binary search among the sorted lines.
func find(table, subtag string) (entry, bool) {
	low, high := 0, len(table)
	for low < high {
		from := strings.LastIndexByte(table[low:(low+high)/2], '\n') + 1 + low
		end := from + strings.IndexByte(table[from:], '\n')
		name, rest, _ := strings.Cut(table[from:end], "\t")
		switch {
		case name == subtag:
			preferred, prefixes, _ := strings.Cut(rest, "\t")
			return entry{preferred, prefixes}, true
		case name < subtag:
			low = end + 1
		default:
			high = from
		}
	}
	return entry{}, false
}
