package kill

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

// allSteps are the names of all kill points that a test hits.
func allSteps() []string {
	return slices.Concat(doorSteps(), readingSteps(), releaseSteps(), embargoSteps(), armedSteps(), lateSteps(), batchSteps(), letterSteps(), followerSteps())
}

// TestShippedBinaryHasNoKillPoints counts the names and the variables in the bytes of
// both builds.
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
		// The names of Go types read like those of kill points ("resign.signed"), and two texts
		// may stand next to each other: what counts is what the build with them has more.
		if without, all := bytes.Count(plain, []byte(name)), bytes.Count(with, []byte(name)); all <= without {
			t.Errorf("%q stands %d times in the shipped binary and %d times in the one with kill points", name, without, all)
		}
	}
}
