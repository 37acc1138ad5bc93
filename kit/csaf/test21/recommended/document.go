package recommended

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// canonicalURL is 6.2.11: a reference of category self gives the canonical URL.
func canonicalURL(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Document.References {
		if facts.IsCanonical(doc, &doc.Document.References[i]) {
			return
		}
	}
	report("/document/references", "no reference of category self is https and ends in %s", csaf.Filename(doc.Document.Tracking.ID))
}

// missing reports a text that is absent or there without a value.
func missing(value, pointer, what string, env *rule.Env, report rule.Report) {
	if value != "" {
		return
	}
	for i := range env.Problems {
		if p := &env.Problems[i]; p.Pointer == pointer && p.Code != strictjson.Missing {
			report(pointer, "the %s is there, but has no value", what)
			return
		}
	}
	report(pointer, "the %s is missing", what)
}

// missingLanguage is 6.2.12: the document has a language.
func missingLanguage(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	missing(doc.Document.Lang, "/document/lang", "document language", env, report)
}

// missingLicense is 6.2.43: the document has a license expression.
func missingLicense(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	missing(doc.Document.LicenseExpression, "/document/license_expression", "license expression", env, report)
}

// sorting is 6.2.13: the keys of all objects are sorted.
func sorting(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if env.Sorted {
		return
	}
	found := 0
	env.Unsorted(func(pointer string) bool {
		report(pointer, "the key is not at its place in the alphabet")
		found++
		return found < 100 // a document of another order has as many as it has keys
	})
}

// eachLanguage calls f with the two languages of a document.
func eachLanguage(doc *csaf21.Advisory, f func(pointer, lang string)) {
	f("/document/lang", doc.Document.Lang)
	f("/document/source_lang", doc.Document.SourceLang)
}

// privateLanguage is 6.2.14: no language has subtags reserved for private use.
func privateLanguage(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	eachLanguage(doc, func(pointer, lang string) {
		if s := privateSubtag(lang); s != "" {
			report(pointer, "the subtag %q of the language %q is reserved for private use", s, lang)
		}
	})
}

// privateSubtag returns the first subtag of a tag that RFC 5646 reserves for private
// use: languages qaa to qtz, scripts Qaaa to Qabx, regions AA, QM to QZ, XA to XZ and
// ZZ, and everything from x on.
func privateSubtag(tag string) string {
	first, region := true, false // region: it has been passed, variants and extensions follow
	for rest := tag; rest != ""; {
		s := rest
		if i := strings.IndexByte(rest, '-'); i >= 0 {
			s, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		switch {
		case strings.EqualFold(s, "x"):
			return s
		case len(s) == 1:
			if first {
				return "" // i-default, i-mingo
			}
			region = true
		case first:
			if len(s) == 3 && between(s, "qaa", "qtz") {
				return s
			}
		case region: // nothing of extensions but x is private
		case len(s) == 4 && between(s, "qaaa", "qabx"):
			return s
		case len(s) == 2:
			if between(s, "aa", "aa") || between(s, "qm", "qz") || between(s, "xa", "xz") || between(s, "zz", "zz") {
				return s
			}
			region = true
		}
		first = false
	}
	return ""
}

// between reports whether a subtag lies in a range of small letters of its length,
// whatever its case.
func between(s, low, high string) bool {
	var b [4]byte
	for i := range min(len(s), len(b)) {
		b[i] = s[i]
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	small := b[:len(low)]
	return string(small) >= low && string(small) <= high
}

// defaultLanguage is 6.2.15: no language is i-default.
func defaultLanguage(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	eachLanguage(doc, func(pointer, lang string) {
		if strings.EqualFold(lang, "i-default") {
			report(pointer, "the language is i-default").Fix = rule.Remove(pointer)
		}
	})
}

// idInTitle is 6.2.22: the title does not contain the tracking id.
func idInTitle(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	title, id := doc.Document.Title, doc.Document.Tracking.ID
	if id == "" || !strings.Contains(title, id) {
		return
	}
	f := report("/document/title", "the title contains the tracking id %q", id)
	before, after, _ := strings.Cut(title, id)
	before, after = strings.TrimRight(before, " :-–—([{\t"), strings.TrimLeft(after, " :-–—)]}\t")
	if rest := strings.TrimSpace(before + " " + after); rest != "" && !strings.Contains(rest, id) && (before == "" || after == "") {
		f.Fix = rule.Replace("/document/title", rest)
	}
}

// sharingGroup is the group of a document, nil without.
func sharingGroup(doc *csaf21.Advisory) *csaf21.SharingGroup {
	if doc.Document.Distribution == nil {
		return nil
	}
	return doc.Document.Distribution.SharingGroup
}

// groupPointer is where the sharing group is.
const groupPointer = "/document/distribution/sharing_group"

// maxUUID is 6.2.28: the sharing group is not that of the public.
func maxUUID(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if g := sharingGroup(doc); g != nil && strings.EqualFold(g.ID, csaf21.MaxUUID) {
		report(groupPointer+"/id", "the sharing group is the Max UUID").Fix = rule.Remove(groupPointer)
	}
}

// nilUUID is 6.2.29: the sharing group is not the empty one.
func nilUUID(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if g := sharingGroup(doc); g != nil && g.ID == csaf21.NilUUID {
		report(groupPointer+"/id", "the sharing group is the Nil UUID").Fix = rule.Remove(groupPointer)
	}
}

// sharingClear is 6.2.30: a TLP:CLEAR document has no sharing group.
func sharingClear(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if sharingGroup(doc) != nil && facts.IsClear(doc) {
		report(groupPointer, "the document is TLP:CLEAR and has a sharing group").Fix = rule.Remove(groupPointer)
	}
}

// deprecatedProfile is 6.2.38: the category is no deprecated profile.
func deprecatedProfile(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if strings.HasPrefix(doc.Document.Category, "csaf_deprecated_") {
		report("/document/category", "the profile %q is deprecated", doc.Document.Category)
	}
}
