package look

import (
	"path"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// Aside reports whether a file is beside the program: tests, documentation, change logs,
// the plumbing of a project's hosting. A backport may leave those out and is whole.
func Aside(name string) bool {
	lower := strings.ToLower(name)
	base := path.Base(lower)
	for dir := range strings.SplitSeq(path.Dir(lower), "/") {
		switch dir {
		case "test", "tests", "testing", "testdata", "t", "spec", "specs", "doc", "docs", "documentation", "man", "examples", "fuzz", "selftests",
			".github", ".gitlab", ".circleci", "ci", "changelogs", "changelog", "changes", "news", "po", "locale", "locales", "bench", "benchmarks":
			return true
		}
	}
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	switch ext {
	case ".md", ".rst", ".adoc", ".bats", ".snap", ".golden", ".po", ".pot", ".1", ".3", ".5", ".7", ".8":
		return true
	case "", ".txt", ".in", ".yml", ".yaml", ".html":
		for _, p := range []string{"changelog", "changes", "news", "release", "authors", "contributors", "readme", "copying", "license", "version"} {
			if strings.HasPrefix(stem, p) {
				return true
			}
		}
	}
	return strings.HasPrefix(stem, "test_") || strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, "-test") || strings.HasSuffix(stem, ".test") || strings.HasSuffix(stem, ".spec") || strings.HasSuffix(stem, "_spec")
}

// Code returns the files of a patch that count: the program's, or all if it changes
// nothing else.
func Code(p patch.Patch) []patch.FilePatch {
	var out []patch.FilePatch
	for _, f := range p.Files {
		if !Aside(f.Path()) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return p.Files
	}
	return out
}
