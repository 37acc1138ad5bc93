package recommended

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// inconsistentHelper is 6.2.42: CPE and purls of a product in the branches say at least
// what the branches say. The mapping of categories to parts is static:
//
//	vendor            vendor                    -
//	product_name      product                   name
//	product_version   version                   version
//	patch_level       update                    -
//	service_pack      update                    -
//	language          language                  -
//	architecture      target_hw                 qualifier arch of deb, rpm, apk and alpm
//	platform          target_sw or target_hw    -
//
// Vendor and product are not compared, as their spellings differ, but have to be there.
// Versions align when they are the same without case, a v in front and separators. A CPE
// has nothing that no name along the path has.
func inconsistentHelper(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Products() {
		p := &env.Products()[i]
		b := p.Branch()
		if b == nil || p.Full21.Helper == nil {
			continue
		}
		at := func() string { return p.Pointer() + "/product_identification_helper" }
		if cpe, ok := parseCPE(p.Full21.Helper.CPE); ok {
			for _, wrong := range cpe.compare(b) {
				report(at()+"/cpe", "%s", wrong)
			}
		}
		for j, s := range p.Full21.Helper.PURLs {
			if wrong := comparePURL(s, b); wrong != "" {
				report(rule.At(at()+"/purls/%", j), "%s", wrong)
			}
		}
	}
}

// The parts of a CPE name after its scheme.
const (
	cpePart = iota
	cpeVendor
	cpeProduct
	cpeVersion
	cpeUpdate
	cpeEdition
	cpeLanguage
	cpeSWEdition
	cpeTargetSW
	cpeTargetHW
	cpeOther
	cpeParts
)

var cpeNames = [cpeParts]string{"part", "vendor", "product", "version", "update", "edition", "language", "sw_edition", "target_sw", "target_hw", "other"}

// cpeName is a CPE name; a part that may be anything is "*".
type cpeName [cpeParts]string

// parseCPE reads the formatted string of CPE 2.3 and the URI of 2.2.
func parseCPE(s string) (c cpeName, ok bool) {
	for i := range c {
		c[i] = "*"
	}
	if rest, is := strings.CutPrefix(s, "cpe:2.3:"); is {
		n := 0
		for start, i := 0, 0; i <= len(rest) && n < cpeParts; i++ {
			switch {
			case i == len(rest) || rest[i] == ':':
				c[n], start = rest[start:i], i+1
				n++
			case rest[i] == '\\':
				i++
			}
		}
		return c, n == cpeParts
	}
	rest, is := strings.CutPrefix(strings.ToLower(s), "cpe:/")
	if !is {
		return c, false
	}
	for i, part := range strings.SplitN(rest, ":", cpeLanguage+1) {
		if part, err := url.PathUnescape(part); err == nil && part != "" {
			c[i] = part
		}
	}
	if strings.HasPrefix(c[cpeEdition], "~") { // packed: ~edition~sw_edition~target_sw~target_hw~other
		packed := strings.Split(c[cpeEdition][1:], "~")
		c[cpeEdition] = "*"
		for i, to := range []int{cpeEdition, cpeSWEdition, cpeTargetSW, cpeTargetHW, cpeOther} {
			if i < len(packed) && packed[i] != "" {
				c[to] = packed[i]
			}
		}
	}
	return c, true
}

// set reports whether a part says something.
func (c *cpeName) set(part int) bool { return c[part] != "*" && c[part] != "" }

// counterparts are the parts of a CPE that a branch category may be in.
func counterparts(category string) []int {
	switch category {
	case "vendor":
		return []int{cpeVendor}
	case "product_name":
		return []int{cpeProduct}
	case facts.ProductVersion:
		return []int{cpeVersion}
	case "patch_level", "service_pack":
		return []int{cpeUpdate, cpeVersion}
	case "language":
		return []int{cpeLanguage}
	case "architecture":
		return []int{cpeTargetHW}
	case "platform":
		return []int{cpeTargetSW, cpeTargetHW}
	}
	return nil
}

// compare returns what is wrong with a CPE at its place in the branches.
func (c *cpeName) compare(leaf *rule.Branch) (wrong []string) {
	var words []string // of all names along the path
	ranged := false
	for b := leaf; b != nil; b = b.Up() {
		words = append(words, wordsOf(b.Name)...)
		ranged = ranged || b.Category == facts.VersionRange
	}
	for b := leaf; b != nil; b = b.Up() {
		parts := counterparts(b.Category)
		if len(parts) == 0 {
			continue
		}
		i := slices.IndexFunc(parts, c.set)
		switch {
		case i < 0:
			wrong = append(wrong, "the CPE has no "+cpeNames[parts[0]]+" for the "+b.Category+" "+b.Name)
		case wild(c[parts[i]]) && !strings.ContainsAny(b.Name, "*?"):
			wrong = append(wrong, "the "+cpeNames[parts[i]]+" of the CPE has a wildcard, the "+b.Category+" "+b.Name+" has none")
		case b.Category == facts.ProductVersion && !c.aligned(b.Name):
			wrong = append(wrong, "the CPE has the version "+c[cpeVersion]+", the branch "+b.Name)
		}
	}
	if ranged && c.set(cpeVersion) && !wild(c[cpeVersion]) && !hasCategory(leaf, facts.ProductVersion) {
		wrong = append(wrong, "the CPE has the version "+c[cpeVersion]+", the branch a range")
	}
	for part := cpeVendor; part < cpeParts; part++ {
		if !c.set(part) || c[part] == "-" || part == cpeVersion && ranged || hasCounterpart(leaf, part) || within(wordsOf(unescapeCPE(c[part])), words) {
			continue
		}
		wrong = append(wrong, "the CPE has the "+cpeNames[part]+" "+c[part]+", which the branches do not have")
	}
	return wrong
}

// aligned reports whether the version of the CPE, with the update or without, is that of
// the branch.
func (c *cpeName) aligned(name string) bool {
	want, have := wordsOf(name), wordsOf(unescapeCPE(c[cpeVersion]))
	if slices.Equal(want, have) {
		return true
	}
	return c.set(cpeUpdate) && slices.Equal(want, append(have, wordsOf(unescapeCPE(c[cpeUpdate]))...))
}

// wild reports whether a part has a wildcard that is not escaped.
func wild(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '*', '?':
			return true
		}
	}
	return false
}

func unescapeCPE(s string) string { return strings.ReplaceAll(s, `\`, "") }

// hasCategory reports whether a branch or one above it is of the category.
func hasCategory(leaf *rule.Branch, category string) bool {
	for b := leaf; b != nil; b = b.Up() {
		if b.Category == category {
			return true
		}
	}
	return false
}

// hasCounterpart reports whether a branch has its counterpart in the part of the CPE.
func hasCounterpart(leaf *rule.Branch, part int) bool {
	for b := leaf; b != nil; b = b.Up() {
		if slices.Contains(counterparts(b.Category), part) {
			return true
		}
	}
	return false
}

// wordsOf cuts a name into words and numbers, in small letters and without a v before a
// number.
func wordsOf(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	for i, w := range words {
		if len(w) > 1 && w[0] == 'v' && w[1] >= '0' && w[1] <= '9' {
			words[i] = w[1:]
		}
	}
	return words
}

// within reports whether every word of a is one of b.
func within(a, b []string) bool {
	return !slices.ContainsFunc(a, func(w string) bool { return !slices.Contains(b, w) })
}

// comparePURL returns what is wrong with a purl at its place in the branches, "" when
// nothing is. A purl may say more than the branches.
func comparePURL(s string, leaf *rule.Branch) string {
	body, qualifiers, _ := strings.Cut(s, "?")
	body, _, _ = strings.Cut(body, "#")
	version := ""
	if i := strings.LastIndexByte(body, '@'); i > strings.LastIndexByte(body, '/') {
		version = body[i+1:]
		if v, err := url.PathUnescape(version); err == nil {
			version = v
		}
	}
	for b := leaf; b != nil; b = b.Up() {
		switch {
		case b.Category == facts.ProductVersion && version == "":
			return "the purl has no version, the branch " + b.Name
		case b.Category == facts.ProductVersion && !follows(wordsOf(version), wordsOf(b.Name)):
			return "the purl has the version " + version + ", the branch " + b.Name
		case b.Category == facts.VersionRange && version != "" && !hasCategory(leaf, facts.ProductVersion):
			return "the purl has the version " + version + ", the branch a range"
		case b.Category == "architecture" && hasArch(body) && !strings.Contains("&"+qualifiers, "&arch="):
			return "the purl has no arch, the branch " + b.Name
		}
	}
	return ""
}

// hasArch reports whether purls of the type have the qualifier arch.
func hasArch(body string) bool {
	for _, kind := range [...]string{"pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/"} {
		if strings.HasPrefix(body, kind) {
			return true
		}
	}
	return false
}

// follows reports whether the words of part occur in all, one behind the other.
func follows(all, part []string) bool {
	for i := 0; i+len(part) <= len(all); i++ {
		if slices.Equal(all[i:i+len(part)], part) {
			return true
		}
	}
	return false
}
