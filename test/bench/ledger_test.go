//go:build bench

package bench

import (
	"fmt"
	"os/exec"
	"regexp"
	"testing"
)

// TestLedgerVerify: a million entries verified, beside plain SHA-256 of the same
// bytes on one core; the measuring is the benchmark of package ledger.
func TestLedgerVerify(t *testing.T) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkVerify$", "-benchtime", "1x", "github.com/tocsin-sec/tocsin/internal/platform/ledger")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := func(unit string) (v float64) {
		m := regexp.MustCompile(`([0-9.]+) ` + unit).FindSubmatch(out)
		if m == nil {
			t.Fatalf("no %s in\n%s", unit, out)
		}
		fmt.Sscan(string(m[1]), &v)
		return v
	}
	took := read("s/million")
	results.add("ledger verify of a million entries", fmt.Sprintf("%.2f s", took), "goal 6 s", fmt.Sprintf("%.2f", took/6))
	results.add("the same, beside SHA-256 of the same bytes", fmt.Sprintf("%.2f s", took), fmt.Sprintf("%.2f s", took/read("x-sha256")), fmt.Sprintf("%.2f", read("x-sha256")))
}
