//go:build bench

package bench

import (
	"fmt"
	"os/exec"
	"regexp"
	"testing"
)

// TestTimingTellsNothing: what is hidden and what never was cost the same time, asked in
// pairs through the handler; the measuring is in package scope, whose model knows what is
// hidden from whom. The AUC is the chance that a hidden one took longer.
func TestTimingTellsNothing(t *testing.T) {
	cmd := exec.Command("go", "test", "-tags", "bench", "-count=1", "-timeout", "30m", "-run", "^TestTimingTellsNothing$", "-v", "github.com/tocsin-sec/tocsin/test/scope")
	out, err := cmd.CombinedOutput()
	lines := regexp.MustCompile(`(?m)^TIMING (.+): AUC ([0-9.]+), median (.+) against (.+)$`).FindAllSubmatch(out, -1)
	for _, m := range lines {
		results.add(fmt.Sprintf("AUC of hidden against absent: %s", m[1]), string(m[2]), "0.47 to 0.53", fmt.Sprintf("%s against %s", m[3], m[4]))
	}
	if err != nil || len(lines) == 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
