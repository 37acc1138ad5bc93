package recommended

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// missingHelper is 6.2.16: every full product name has a product identification helper.
func missingHelper(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Products() {
		if p := &env.Products()[i]; p.Full21.Helper == nil {
			report(p.Pointer(), "the product %q has no product identification helper", p.ID)
		}
	}
}

// eachHash calls f for each list of file hashes.
func eachHash(env *rule.Env, f func(list []csaf21.FileHash, pointer func() string)) {
	for i := range env.Products() {
		p := &env.Products()[i]
		if p.Full21.Helper == nil {
			continue
		}
		for j := range p.Full21.Helper.Hashes {
			f(p.Full21.Helper.Hashes[j].FileHashes, func() string {
				return p.Pointer() + rule.At("/product_identification_helper/hashes/%/file_hashes", j)
			})
		}
	}
}

// onlyHash reports the lists whose hashes are all of one algorithm.
func onlyHash(env *rule.Env, algorithm string, report rule.Report) {
	eachHash(env, func(list []csaf21.FileHash, pointer func() string) {
		if len(list) > 0 && !slices.ContainsFunc(list, func(h csaf21.FileHash) bool { return h.Algorithm != algorithm }) {
			report(pointer(), "%s is the only hash algorithm of the file", algorithm)
		}
	})
}

// onlyMD5 is 6.2.8: MD5 is not the only hash of a file.
func onlyMD5(_ *csaf21.Advisory, env *rule.Env, report rule.Report) { onlyHash(env, "md5", report) }

// onlySHA1 is 6.2.9: SHA-1 is not the only hash of a file.
func onlySHA1(_ *csaf21.Advisory, env *rule.Env, report rule.Report) { onlyHash(env, "sha1", report) }

// isHash reports whether an algorithm is one that 3.1.4.3.2 names: the digests of
// OpenSSL 3.4.
func isHash(algorithm string) bool {
	switch algorithm {
	case "blake2b512", "blake2s256", "md4", "md5", "md5-sha1", "mdc2", "ripemd", "ripemd160", "rmd160", "sha1", "sha224", "sha256",
		"sha3-224", "sha3-256", "sha3-384", "sha3-512", "sha384", "sha512", "sha512-224", "sha512-256", "shake128", "shake256", "sm3",
		"ssl3-md5", "ssl3-sha1", "whirlpool":
		return true
	}
	return false
}

// unknownHash is 6.2.52: the hash algorithm is one that the standard names; those are
// the ones that are supported here.
func unknownHash(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachHash(env, func(list []csaf21.FileHash, pointer func() string) {
		for i := range list {
			if a := list[i].Algorithm; !isHash(a) {
				report(rule.At(pointer()+"/%/algorithm", i), "the hash algorithm %q is not one that the standard names, and is not supported", a)
			}
		}
	})
}

// helperValue is one value of a helper with its category.
type helperValue struct{ category, value string }

// sameHelper is 6.2.32: no value of a category is that of two products. Items are
// compared, so that two lists may have nothing in common; file hashes are a set.
func sameHelper(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	with := 0
	for i := range env.Products() {
		if env.Products()[i].Full21.Helper != nil {
			with++
		}
	}
	if with < 2 {
		return
	}
	first := make(map[helperValue]*rule.Product, with)
	for i := range env.Products() {
		p := &env.Products()[i]
		h := p.Full21.Helper
		if h == nil {
			continue
		}
		reported := false
		look := func(category, value string) {
			key := helperValue{category, value}
			q, ok := first[key]
			if !ok {
				first[key] = p
			} else if q.ID != p.ID && !reported {
				reported = true
				report(p.Pointer()+"/product_identification_helper", "the products %q and %q have the same value in %s", q.ID, p.ID, category)
			}
		}
		eachValue(h, look)
	}
}

// eachValue calls f with the values of a helper, in the order of its members.
func eachValue(h *csaf21.IdentificationHelper, f func(category, value string)) {
	if h.CPE != "" {
		f("cpe", h.CPE)
	}
	for i := range h.Hashes {
		f("hashes", hashKey(&h.Hashes[i]))
	}
	for _, l := range [...]struct {
		category string
		values   []string
	}{{"model_numbers", h.ModelNumbers}, {"purls", h.PURLs}, {"sbom_urls", h.SBOMURLs}, {"serial_numbers", h.SerialNumbers}, {"skus", h.SKUs}} {
		for _, v := range l.values {
			f(l.category, v)
		}
	}
	for i := range h.GenericURIs {
		f("x_generic_uris", h.GenericURIs[i].Namespace+"\x00"+h.GenericURIs[i].URI)
	}
}

// hashKey writes the hashes of a file so that equal ones are equal texts.
func hashKey(f *csaf21.FileHashes) string {
	list := make([]string, len(f.FileHashes))
	for i := range f.FileHashes {
		list[i] = f.FileHashes[i].Algorithm + "\x00" + f.FileHashes[i].Value
	}
	slices.Sort(list)
	return f.Filename + "\x00" + strings.Join(list, "\x00")
}
