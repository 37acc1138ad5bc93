package desk

import (
	"strings"
	"testing"
)

// FuzzAddress: a tag that goes into an address comes out of it again, and what is
// no address is never taken for one of ours.
func FuzzAddress(f *testing.F) {
	f.Add("security@x.example", "ab12")
	f.Add("a+b@c@d", "")
	f.Fuzz(func(t *testing.T, address, tag string) {
		bare, got := SplitTag(address)
		if bare != strings.ToLower(bare) || strings.Contains(got, "@") {
			t.Errorf("%q: %q %q", address, bare, got)
		}
		if strings.ContainsAny(tag, "@+ \t\r\n") || tag != strings.ToLower(tag) || strings.TrimSpace(tag) != tag {
			return
		}
		if b, g := SplitTag(TaggedAddress(bare, tag)); tag != "" && strings.Count(bare, "@") == 1 && !strings.HasPrefix(bare, "@") && !strings.Contains(bare, "+") && (b != bare || g != tag) {
			t.Errorf("%q with %q: %q %q", bare, tag, b, g)
		}
	})
}

// FuzzMayAnswer: no answer ever goes to what is no address or to ourselves.
func FuzzMayAnswer(f *testing.F) {
	f.Add("ada@mail.example", "ada@mail.example", "no", "")
	f.Add("<>", "x", "auto-replied", "bulk")
	f.Fuzz(func(t *testing.T, path, from, auto, precedence string) {
		own := []string{"security@lanterna.example"}
		s := MayAnswer(AnswerFacts{ReturnPath: path, From: from, AutoSubmitted: auto, Precedence: precedence, Own: own})
		if s != NoSilence {
			return
		}
		if !strings.Contains(path, "@") || strings.ContainsAny(strings.TrimSpace(path), "\r\n\x00 ,;<>") {
			t.Errorf("answers %q", path)
		}
		if b, _ := SplitTag(path); b == own[0] {
			t.Errorf("answers ourselves at %q", path)
		}
	})
}
