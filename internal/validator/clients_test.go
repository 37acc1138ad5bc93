package validator_test

import (
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/validator"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// TestGocsafAsksUs points gocsaf's csaf_validator at our service with every preset, over a
// valid document and one that breaks a mandatory test: its exit code is that of a remote
// validation, and it shows our findings.
func TestGocsafAsksUs(t *testing.T) {
	tool := gocsaf(t, "csaf_validator")
	server := httptest.NewServer(validator.Handler(&validate.Validator{}))
	t.Cleanup(server.Close)
	dir := filepath.Join(shared.Dir(t), "data/csaf/oasis/2.0/test/validator/data/mandatory")
	const passes, schema, remote = 0, 2, 8
	for name, c := range map[string]struct {
		presets []string
		file    string
		code    int
		says    string
	}{
		"mandatory tests of a valid document": {[]string{"mandatory"}, "6-1-14-11", passes, "passes remote validation"},
		"the basic preset":                    {[]string{"basic"}, "6-1-14-11", passes, "passes remote validation"},
		"warnings and infos do not fail":      {[]string{"full"}, "6-1-14-11", passes, "passes remote validation"},
		"several presets":                     {[]string{"schema", "mandatory", "optional", "informative", "extended"}, "6-1-14-11", passes, "passes remote validation"},
		"a product id that is not defined":    {[]string{"mandatory"}, "6-1-01-01", remote, "mandatoryTest_6_1_1"},
		"the same in basic":                   {[]string{"basic"}, "6-1-01-01", remote, "/product_tree/product_groups/0/product_ids/0"},
		"the same in full":                    {[]string{"full"}, "6-1-01-01", remote, "does not pass remote validation"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--validator", server.URL, "--output", "all"}
			for _, p := range c.presets {
				args = append(args, "--validator_preset", p)
			}
			out, err := exec.CommandContext(t.Context(), tool, append(args, filepath.Join(dir, "oasis_csaf_tc-csaf_2_0-2021-"+c.file+".json"))...).CombinedOutput()
			code := 0
			if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
				code = ended.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != c.code || !strings.Contains(string(out), c.says) || code&schema != 0 {
				t.Errorf("exit code %d, want %d\n%.2000s", code, c.code, out)
			}
		})
	}
}

// gocsaf returns a program of gocsaf that scripts/tools installs.
func gocsaf(t *testing.T, name string) string {
	t.Helper()
	cache, _ := os.UserCacheDir()
	for _, dir := range []string{os.Getenv("TOCSIN_CSAF_BIN"), filepath.Join(os.Getenv("TOCSIN_TOOLS"), "bin"), filepath.Join(cache, "tocsin-tools", "bin")} {
		if p := filepath.Join(dir, name); dir != "" {
			if _, err := os.Stat(p); err == nil {
				return p
			}
		}
	}
	shared.Missing(t, "%s: go install github.com/gocsaf/csaf/v3/cmd/...@v3.7.0", name)
	return ""
}
