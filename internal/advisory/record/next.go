package record

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/vers"
)

// NextSemver is the least semantic version after v (Semantic Versioning 2.0.0, section 11):
// of a release the first thinkable pre-release of the next patch, of a pre-release the same
// with one more identifier. It makes an inclusive lower bound of an exclusive one.
func NextSemver(v string) string {
	v, _, _ = strings.Cut(v, "+")
	if strings.Contains(v, "-") {
		return v + ".0"
	}
	i := strings.LastIndexByte(v, '.')
	digits := []byte(v[i+1:])
	for k := len(digits) - 1; ; k-- {
		if k < 0 {
			digits = append([]byte{'1'}, digits...)
			break
		}
		if digits[k] != '9' {
			digits[k]++
			break
		}
		digits[k] = '0'
	}
	return v[:i+1] + string(digits) + "-0"
}

// Ends reports whether the first fixed version of a fixed branch comes after a last affected
// one, so that a run of affected versions ends with it.
func (b Branch) Ends(last string) bool {
	return b.Status == Fixed && b.Fixed != "" && vers.Compare(b.Type(), last, b.Fixed) < 0
}
