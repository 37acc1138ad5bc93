// Package shared finds the folder of shared data beside the repository: public
// standards, test cases and real documents that are read, never copied. Only
// tests use it; it is the one place that names the folder.
package shared

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// beside is where the folder lies, seen from the top of the repository.
const beside = "../shared"

// Variable is the environment variable that names another place.
const Variable = "TOCSIN_SHARED"

// Dir returns the folder of shared data: TOCSIN_SHARED, else the one beside the
// repository. Without it the test is skipped loudly; when CI=true it fails.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv(Variable)
	if dir == "" {
		dir = beyond(t)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		Missing(t, "the shared data (%s is not a folder with data in it; set %s)", dir, Variable)
	}
	return dir
}

// Missing ends the test because something outside the repository is absent: a
// loud skip, and a failure when CI=true (design, section 7).
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing: "+format, args...)
	}
	t.Skipf("SKIPPED, this proves nothing: missing "+format, args...)
}

// beyond walks up from this file to the repository (or a work tree of it) and
// tries the folder beside it and beside its parents, so that a work tree in a
// folder of its own finds it as well.
func beyond(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("the path of this file is not known")
	}
	top := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	first := filepath.Join(top, beside)
	for dir := top; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		at := filepath.Join(dir, beside)
		if _, err := os.Stat(filepath.Join(at, "data")); err == nil {
			return at
		}
	}
	return first
}
