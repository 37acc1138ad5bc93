package lines

import (
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	for fact, tt := range map[string]struct{ text, want string }{
		"a short text stays":                      {"one two", "  one two"},
		"English breaks at spaces":                {"one two three", "  one two\n  three"},
		"a long word stays whole":                 {"a https://security.example.org b", "  a\n  https://security.example.org\n  b"},
		"English quotes are no place to break":    {`abcdefgh “ij”x`, "  abcdefgh\n  “ij”x"},
		"Chinese breaks between characters":       {"请先备份然后迁移", "  请先备份然\n  后迁移"},
		"a closing mark begins no line":           {"请先备份然，后", "  请先备份\n  然，后"},
		"an opening mark ends no line":            {"请先备份（然后）", "  请先备份\n  （然后）"},
		"a command within Chinese stays together": {"请运行 tocsin migrate", "  请运行\n  tocsin\n  migrate"},
		"nothing": {"", ""},
	} {
		if got := Wrap(tt.text, "  ", 12); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", fact, got, tt.want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("请先备份（然后）运行 “tocsin migrate”。", 12)
	f.Fuzz(func(t *testing.T, text string, most int) {
		got := Wrap(text, "", most%200)
		strip := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), "") }
		if strip(got) != strip(string([]rune(text))) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
