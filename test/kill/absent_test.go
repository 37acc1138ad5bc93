package kill

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

// allSteps are the names of all kill points that a test hits.
func allSteps() []string {
	return slices.Concat(doorSteps(), readingSteps(), releaseSteps(), embargoSteps(), armedSteps(), lateSteps(), letterSteps(), followerSteps())
}

// TestShippedBinaryHasNoKillPoints looks for the names and the variables in the
// bytes of both builds.
func TestShippedBinaryHasNoKillPoints(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	plain, err := os.ReadFile(shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	with, err := os.ReadFile(killable(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(allSteps(), refillSteps(), recordSteps(), []string{"TOCSIN_KILL"}) {
		if bytes.Contains(plain, []byte(name)) {
			t.Errorf("the shipped binary holds %q", name)
		}
		if !bytes.Contains(with, []byte(name)) {
			t.Errorf("the binary with kill points lacks %q: this test would not see it", name)
		}
	}
}
