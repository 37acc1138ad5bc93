package mandatory

import (
	"strings"
	"time"

	"github.com/package-url/packageurl-go"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// eachHelper calls f for every product with an identification helper.
func eachHelper(env *rule.Env, f func(p *rule.Product, h *csaf21.IdentificationHelper)) {
	all := env.Products()
	for i := range all {
		if h := all[i].Full21.Helper; h != nil {
			f(&all[i], h)
		}
	}
}

// helper is the pointer of something below the helper of a product.
func helper(p *rule.Product, pattern string, numbers ...int) string {
	return p.Pointer() + "/product_identification_helper/" + rule.At(pattern, numbers...)
}

// purls is 6.1.13: every package URL is one.
func purls(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHelper(env, func(p *rule.Product, h *csaf21.IdentificationHelper) {
		for i, s := range h.PURLs {
			if plainPURL(s) {
				continue
			}
			if _, err := parsePURL(s); err != nil {
				report(helper(p, "purls/%", i), "%q is no package URL: %v", s, err)
			}
		}
	})
}

// plainPURL reports whether s is a package URL without anything that needs a parser:
// most are, and it costs no memory.
func plainPURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "pkg:")
	kind, rest, slash := strings.Cut(rest, "/")
	if !ok || !slash || kind == "" || strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	switch kind {
	case "conan", "cran", "swift", "julia":
		return false // with rules of their own
	}
	part := 0
	for i := range len(rest) {
		switch c := rest[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_':
			part++
		case c == '.' && part > 0:
			part++
		case c == '/' && part > 0:
			part = 0
		case c == '@' && part > 0:
			version := rest[i+1:]
			return version != "" && strings.Trim(version, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~") == ""
		default:
			return false
		}
	}
	return part > 0
}

// errPURL is why something is no package URL where the parser does not say.
type errPURL string

func (e errPURL) Error() string { return string(e) }

// parsePURL parses a package URL (ECMA-427) as CSAF allows it: without // (3.1.4.3.4).
func parsePURL(s string) (packageurl.PackageURL, error) {
	if strings.HasPrefix(s, "pkg:/") {
		return packageurl.PackageURL{}, errPURL("the type follows the colon without a slash")
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			return packageurl.PackageURL{}, errPURL("other characters than visible ones of ASCII have to be percent-encoded")
		}
	}
	u, err := packageurl.FromString(s)
	if err == nil && u.Name == "" {
		err = errPURL("it has no name")
	}
	return u, err
}

// purlQualifiers is 6.1.42: several package URLs of a product differ in qualifiers only.
func purlQualifiers(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHelper(env, func(p *rule.Product, h *csaf21.IdentificationHelper) {
		if len(h.PURLs) < 2 {
			return
		}
		var first packageurl.PackageURL
		for i, s := range h.PURLs {
			u, err := parsePURL(s)
			switch {
			case err != nil: // 6.1.13 reports it
			case first.Name == "":
				first = u
			case u.Type != first.Type, u.Namespace != first.Namespace, u.Name != first.Name, u.Version != first.Version, u.Subpath != first.Subpath:
				report(helper(p, "purls/%", i), "%q differs in more than its qualifiers from another package URL of the product", s)
			}
		}
	})
}

// multipleHash is 6.1.25: a file has one hash of each algorithm.
func multipleHash(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHelper(env, func(p *rule.Product, h *csaf21.IdentificationHelper) {
		for i := range h.Hashes {
			list := h.Hashes[i].FileHashes
			repeats(len(list), func(j int) string { return list[j].Algorithm }, func(j int) {
				report(helper(p, "hashes/%/file_hashes/%", i, j), "a second %q hash of one file", list[j].Algorithm)
			})
		}
	})
}

// stars reports texts with more than one star that is not escaped by a backslash.
func stars(list []string, p *rule.Product, member string, report rule.Report) {
	for i, s := range list {
		n := 0
		for k := 0; k < len(s); k++ {
			switch s[k] {
			case '\\':
				k++ // whatever follows is escaped
			case '*':
				n++
			}
		}
		if n > 1 {
			report(helper(p, member+"/%", i), "%q has more than one star that stands for anything", s)
		}
	}
}

// modelStars is 6.1.43: a model number has at most one unescaped star.
func modelStars(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHelper(env, func(p *rule.Product, h *csaf21.IdentificationHelper) {
		stars(h.ModelNumbers, p, "model_numbers", report)
	})
}

// serialStars is 6.1.44: a serial number has at most one unescaped star.
func serialStars(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHelper(env, func(p *rule.Product, h *csaf21.IdentificationHelper) {
		stars(h.SerialNumbers, p, "serial_numbers", report)
	})
}

// skuStars is 6.1.61: a stock keeping unit has at most one unescaped star.
func skuStars(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHelper(env, func(p *rule.Product, h *csaf21.IdentificationHelper) { stars(h.SKUs, p, "skus", report) })
}

// multipleCVE is 6.1.23: a CVE is one vulnerability.
func multipleCVE(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	list := doc.Vulnerabilities
	repeats(len(list), func(i int) string { return list[i].CVE }, func(i int) {
		report(rule.At("/vulnerabilities/%/cve", i), "%s occurs twice", list[i].CVE)
	})
}

// multipleInvolvement is 6.1.24: a party is involved once at any date, whatever its
// status. Without a date, two entries of a party cannot be told apart either.
func multipleInvolvement(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		list := doc.Vulnerabilities[i].Involvements
		key := func(j int) string {
			if list[j].Date == "" {
				return list[j].Party
			}
			return list[j].Party + " " + instant(list[j].Date)
		}
		repeats(len(list), key, func(j int) {
			report(rule.At("/vulnerabilities/%/involvements/%", i, j), "the party %q is there twice at the same time", list[j].Party)
		})
	}
}

// instant is a date in one spelling, whatever its time zone.
func instant(d csaf.Date) string {
	t, err := d.Time()
	if err != nil {
		return string(d)
	}
	return t.UTC().Format(time.RFC3339Nano)
}
