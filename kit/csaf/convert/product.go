package convert

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

const helperRule = "product_identification_helper."

// product converts a full product name; at is the place of its branch, path or item.
func (c *conv) product(p *csaf.FullProductName, source string, at *spot) csaf21.FullProductName {
	return csaf21.FullProductName{Name: p.Name, ProductID: p.ProductID, Helper: c.helper(p.Helper, source+"/product_identification_helper", at)}
}

// helper converts what identifies a product (clause 18, product_identification_helper);
// it is nil when nothing of it is left.
func (c *conv) helper(h *csaf.IdentificationHelper, source string, where *spot) *csaf21.IdentificationHelper {
	if h == nil {
		return nil
	}
	out := &csaf21.IdentificationHelper{CPE: h.CPE, SBOMURLs: unique(h.SBOMURLs), GenericURIs: uniqueOf(h.GenericURIs)}
	if h.CPE != "" && !c.fits("cpe", h.CPE) {
		out.CPE = ""
		c.warn(helperRule+"cpe", source+"/cpe", where, h.CPE, "", "an invalid CPE was detected and removed")
	}
	if h.PURL != "" {
		if p := c.purl(h.PURL); p != "" {
			out.PURLs = []string{p}
		} else {
			c.warn(helperRule+"purls", source+"/purl", where, h.PURL, "", "the package URL does not fit CSAF 2.1 and was removed")
		}
	}
	out.Hashes = c.hashes(h.Hashes, source+"/hashes", where)
	out.ModelNumbers = c.numbers(h.ModelNumbers, "model_numbers", "model number", source, where)
	out.SerialNumbers = c.numbers(h.SerialNumbers, "serial_numbers", "serial number", source, where)
	out.SKUs = c.numbers(h.SKUs, "skus", "stock keeping unit", source, where)
	if out.CPE == "" && len(out.Hashes)+len(out.ModelNumbers)+len(out.PURLs)+len(out.SBOMURLs)+len(out.SerialNumbers)+len(out.SKUs)+len(out.GenericURIs) == 0 {
		return nil
	}
	return out
}

// purl keeps a package URL that fits, or makes it canonical; "" when neither does.
func (c *conv) purl(s string) string {
	if c.fits("purl", s) {
		return s
	}
	p, err := purl.Parse(s)
	if err != nil || !c.fits("purl", p.String()) {
		return ""
	}
	return p.String()
}

// hashes keeps the first of equal items, in order, with names and values as CSAF 2.1
// spells them.
func (c *conv) hashes(list []csaf.FileHashes, source string, where *spot) []csaf21.FileHashes {
	var out []csaf21.FileHashes
	seen := map[string]bool{}
	for i, f := range list {
		g := csaf21.FileHashes{Filename: f.Filename}
		for j, h := range f.FileHashes {
			k := csaf21.FileHash{Algorithm: c.algorithm(h.Algorithm, source+at("/%/file_hashes/%/algorithm", i, j), where), Value: strings.ToLower(h.Value)}
			if k.Algorithm == "" {
				continue
			}
			g.FileHashes = append(g.FileHashes, k)
		}
		g.FileHashes = uniqueOf(g.FileHashes)
		var b strings.Builder
		for _, h := range g.FileHashes {
			b.WriteString("\x00" + h.Algorithm + "\x00" + h.Value)
		}
		key := f.Filename + b.String()
		if len(g.FileHashes) > 0 && !seen[key] {
			seen[key] = true
			out = append(out, g)
		}
	}
	return out
}

// algorithms are the names of the standard (3.1.4.3.2, the digests of OpenSSL).
const algorithms = " blake2b512 blake2s256 md4 md5 md5-sha1 mdc2 ripemd ripemd160 rmd160 sha1 sha224 sha256 sha3-224 sha3-256 sha3-384 sha3-512 " +
	"sha384 sha512 sha512-224 sha512-256 shake128 shake256 sm3 ssl3-md5 ssl3-sha1 whirlpool "

// algorithm gives a hash algorithm the standard's spelling.
func (c *conv) algorithm(name, source string, where *spot) string {
	if strings.Contains(algorithms, " "+name+" ") {
		return name
	}
	for known := range strings.FieldsSeq(algorithms) {
		if bare(known) == bare(name) {
			return known
		}
	}
	out := strings.ToLower(name)
	if !c.fits("algorithm", out) {
		out = strings.Trim(strings.Map(func(r rune) rune {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				return '-'
			}
			return r
		}, out), "-")
	} else if c.KeepAlgorithms {
		return out
	}
	if out == "" {
		c.warn(helperRule+"hashes", source, where, name, "", "the name of the hash algorithm has no letter that CSAF 2.1 allows; the hash was removed")
		return ""
	}
	c.warn(helperRule+"hashes", source, where, name, out, "an unknown hash algorithm was detected and converted")
	return out
}

// bare is a name of an algorithm without what people put between its parts.
func bare(s string) string {
	return strings.NewReplacer("/", "", ".", "", "(", "", ")", "", ":", "").Replace(plain(s))
}

// numbers converts model numbers, serial numbers and stock keeping units: in CSAF 2.0
// they were implicitly the beginning, in 2.1 a star says so.
func (c *conv) numbers(list []string, member, what, source string, where *spot) []string {
	var out []string
	for i, s := range list {
		from := source + "/" + member + at("/%", i)
		to := strings.ReplaceAll(s, `\`, `\\`)
		if c.LiteralQuestion {
			to = strings.ReplaceAll(to, "?", `\?`)
		}
		if c.LiteralStar {
			to = strings.ReplaceAll(to, "*", `\*`)
		}
		if !c.CompleteNumbers && !openEnd(to) {
			to += "*"
			c.warn(helperRule+member, from, where, s, to, "a partial %s was detected and a star has been added", what)
		}
		if stars(to) > 1 {
			c.warn(helperRule+member, from, gone(), s, "", "a %s with multiple stars was detected and removed", what)
			continue
		}
		out = append(out, to)
	}
	return unique(out)
}

// stars counts the stars that are not escaped.
func stars(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '*':
			n++
		}
	}
	return n
}

// openEnd reports whether the text ends on a star that is not escaped.
func openEnd(s string) bool {
	return strings.HasSuffix(s, "*") && stars(s) > stars(s[:len(s)-1])
}

// unique keeps the first of equal texts.
func unique(list []string) []string { return uniqueOf(list) }

func uniqueOf[T comparable](list []T) []T {
	var out []T
	seen := make(map[T]bool, len(list))
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}
