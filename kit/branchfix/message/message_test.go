package message_test

import (
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix/message"
)

func TestSubjectsOfBackportsAreThoseOfTheirFix(t *testing.T) {
	want := "libct: close the file before exec"
	for _, s := range []string{
		"libct: close the file before exec", "[1.1] libct: close the file before exec", "[release-1.1] [backport] libct: Close the file before exec (#4123)",
		"Backport: libct: close  the file before exec.", "libct: close the file before exec [1.1]", "\n\nlibct: close the file before exec\n\nbody",
		"Automated cherry pick of #123: libct: close the file before exec", "libct: close the file before exec (cherry-picked from main)",
	} {
		if got := message.Subject(s); got != want {
			t.Errorf("%q becomes %q", s, got)
		}
	}
	if message.Subject("[1.1]") == "" {
		t.Error("a subject that is a mark alone is kept")
	}
	if a, b := message.Subject("Revert \"x y\""), message.Subject("x y"); a == b {
		t.Error("a revert has the subject of what it reverts")
	}
}
