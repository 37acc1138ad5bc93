package arch

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	formPattern   = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	judgedByType  = regexp.MustCompile(`\btype="?(email|url)\b`)
	droppedByType = regexp.MustCompile(`\btype="?(number|date|time|datetime-local|month|week)\b`)
	methodPost    = regexp.MustCompile(`method="post"`)
)

// formFaults says what is wrong with the forms of a template. A browser that judges a
// field keeps the form back with a word of its own, in its own language, at one field;
// our summary names every field (design, section 6). What it does not understand in a
// number or a date it sends as nothing at all, and what was typed is lost.
func formFaults(text string) (out []string) {
	for _, m := range formPattern.FindAllStringSubmatch(text, -1) {
		tag, body := m[1], m[2]
		ours := strings.Contains(tag, "novalidate")
		if methodPost.MatchString(tag) && judgedByType.MatchString(body) && !ours {
			out = append(out, "a field of type email or url in a form without novalidate")
		}
	}
	if droppedByType.MatchString(text) {
		out = append(out, `a field of type number or date: use inputmode=numeric, or clock`)
	}
	return out
}

func TestNothingTypedIsLostToTheBrowser(t *testing.T) {
	for text, want := range map[string]int{
		`<form method="post" action="/x">{{text "a" "k" "" "type=email"}}</form>`:                                       1,
		`<form method="post" action="/x" novalidate>{{text "a" "k" "" "type=email"}}</form>`:                            0,
		`<form method="post" action="/x">{{text "a" "k" ""}}</form>{{text "b" "k" "" "type=email"}}`:                    0,
		`<form method="post"><input type="datetime-local"></form><form method="post">{{clock "a" "k" .T}}</form>`:       1,
		`<form method="post">{{text "a" "k" "" "type=number"}}</form><form method="post"><input type="url"></form>`:     2,
		`<form method="get"><input type="search"></form><form method="post">{{text "a" "k" "" "type=password"}}</form>`: 0,
	} {
		if got := formFaults(text); len(got) != want {
			t.Errorf("%s: %q, want %d", text, got, want)
		}
	}
	forms := 0
	root := os.DirFS("../..")
	err := fs.WalkDir(root, "internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") || !strings.Contains(path, "/templates/") {
			return err
		}
		raw, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		forms += len(formPattern.FindAll(raw, -1))
		for _, f := range formFaults(string(raw)) {
			t.Errorf("%s: %s", path, f)
		}
		return nil
	})
	if err != nil || forms < 50 {
		t.Errorf("%d forms were looked at: %v", forms, err)
	}
}
