package caseworkdb_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the random walks over a real store short; -rapid.checks says
// otherwise for a soak.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		flag.Set("rapid.checks", "20")
	}
	os.Exit(m.Run())
}
