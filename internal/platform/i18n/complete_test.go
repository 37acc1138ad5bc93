package i18n

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// TestEveryLanguageIsComplete holds that whoever reads another language reads no
// English in between: each language has the files of English, each with the same
// keys, the same arguments, and the plural forms that its own rules ask for. A new
// key without a translation fails here and names itself.
func TestEveryLanguageIsComplete(t *testing.T) {
	english := files(t, Base)
	for _, lang := range Default().Langs() {
		if lang == Base {
			continue
		}
		theirs := files(t, lang)
		for _, name := range slices.Sorted(maps.Keys(theirs)) {
			if english[name] == nil {
				t.Errorf("%s/%s: English has no such file", lang, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(english)) {
			for _, problem := range compare(lang, english[name], theirs[name]) {
				t.Errorf("%s/%s: %s", lang, name, problem)
			}
		}
	}
}

func TestCompareFindsPlantedGaps(t *testing.T) {
	english := map[string]string{"a.x": "Hello {who}", "a.role.other": "Other", "a.n.one": "{n} case", "a.n.other": "{n} cases"}
	for fact, tt := range map[string]struct {
		lang, want string
		theirs     map[string]string
	}{
		"complete without a form that Chinese lacks": {"zh", "", map[string]string{"a.x": "{who}，您好", "a.role.other": "其他", "a.n.other": "{n} 个案件"}},
		"a missing key":                  {"zh", `"a.x" is missing`, map[string]string{"a.role.other": "其他", "a.n.other": "{n} 个案件"}},
		"a missing form":                 {"zh", `"a.n.other" is missing`, map[string]string{"a.x": "{who}", "a.role.other": "其他"}},
		"a form that the language lacks": {"zh", `"a.n.one" is in no use`, map[string]string{"a.x": "{who}", "a.role.other": "其他", "a.n.one": "{n} 个", "a.n.other": "{n} 个"}},
		"a form that English lacks":      {"pl", `"a.n.few" is missing`, map[string]string{"a.x": "{who}", "a.role.other": "x", "a.n.one": "{n}", "a.n.many": "{n}", "a.n.other": "{n}"}},
		"another argument":               {"zh", `"a.x" takes [name], English [who]`, map[string]string{"a.x": "{name}", "a.role.other": "其他", "a.n.other": "{n}"}},
		"a key that English lacks":       {"zh", `"a.y" is in no use`, map[string]string{"a.x": "{who}", "a.y": "", "a.role.other": "其他", "a.n.other": "{n}"}},
		"an empty text":                  {"zh", `"a.role.other" is missing`, map[string]string{"a.x": "{who}", "a.role.other": "", "a.n.other": "{n}"}},
	} {
		got := compare(tt.lang, english, tt.theirs)
		if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", fact, got, tt.want)
		}
	}
}

// compare returns what is wrong with one file of a language beside the English one.
func compare(lang string, english, theirs map[string]string) []string {
	wanted := map[string]string{} // key to the English text that it stands for
	for key, text := range english {
		base, form := cutForm(key)
		switch {
		case form == "" || !isPlural(english, base):
			wanted[key] = text
		case form == "other":
			for _, f := range forms(lang) {
				wanted[base+"."+f] = text
			}
		}
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		if theirs[key] == "" {
			out = append(out, `"`+key+`" is missing`)
		} else if a, b := arguments(wanted[key]), arguments(theirs[key]); !slices.Equal(a, b) {
			out = append(out, `"`+key+`" takes [`+strings.Join(b, " ")+"], English ["+strings.Join(a, " ")+"]")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(theirs)) {
		if _, ok := wanted[key]; !ok {
			out = append(out, `"`+key+`" is in no use`)
		}
	}
	return out
}

// isPlural reports whether English has base in more than the one form "other", which
// alone is also the last word of keys such as advisory.role.other.
func isPlural(english map[string]string, base string) bool {
	_, one := english[base+".one"]
	_, other := english[base+".other"]
	return one && other
}

func cutForm(key string) (base, form string) {
	for _, f := range []string{"zero", "one", "two", "few", "many", "other"} {
		if b, ok := strings.CutSuffix(key, "."+f); ok {
			return b, f
		}
	}
	return key, ""
}

// forms returns the plural forms that whole numbers take in a language.
func forms(lang string) []string {
	tag := language.MustParse(lang)
	seen := map[string]bool{}
	for n := range 200 {
		seen[form(tag, n)] = true
	}
	if plural.Cardinal.MatchPlural(tag, 1000000, 0, 0, 0, 0) == plural.Many {
		seen["many"] = true
	}
	seen["other"] = true
	return slices.Sorted(maps.Keys(seen))
}

func arguments(text string) []string {
	m, err := parse(text)
	if err != nil {
		return []string{err.Error()}
	}
	names := m.names()
	slices.Sort(names)
	return slices.Compact(names)
}

func files(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	names, err := filepath.Glob(filepath.Join("catalog", lang, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no files: %v", lang, err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		flat := map[string]string{}
		if err := json.Unmarshal(raw, &flat); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[filepath.Base(name)] = flat
	}
	return out
}

// The rules of Chinese typesetting that the catalogue keeps (as in the W3C's
// requirements for Chinese text layout): full-width marks beside Chinese, and one space
// between Chinese and Latin letters or digits.
var (
	halfWidth = regexp.MustCompile(`\p{Han}[,;:?!.()]|[,;:?!()]\p{Han}`)
	noSpace   = regexp.MustCompile("\\p{Han}[A-Za-z0-9`]|[A-Za-z0-9`%]\\p{Han}")
	twoSpaces = regexp.MustCompile(`[，。：；？！（）“”、] | [，。：；？！（）“”、]|\p{Han} \p{Han}`)
	address   = regexp.MustCompile(`https?://[^\s，。]*`)
)

// sameWord lists words that say what another word of the catalogue says: two words for
// one thing read like two things.
var sameWord = map[string]string{"案例": "案件", "个案": "案件", "禁发期": "保密期", "禁运期": "保密期", "撤销": "吊销 (a key), 撤回 (an advisory)",
	"审核人": "审核员", "账号": "账户", "帐户": "账户", "邮寄": "通过邮件", "秘密链接": "私密链接", "通告": "公告"}

func TestChineseIsWrittenByOneRule(t *testing.T) {
	for name, texts := range files(t, "zh") {
		for key, text := range texts {
			for _, problem := range chinese(key, text) {
				t.Errorf("zh/%s: %q: %s: %s", name, key, problem, text)
			}
		}
	}
}

func TestChineseFindsPlantedFaults(t *testing.T) {
	for text, want := range map[string]string{
		"已保存,请继续": "half-width", "报告(可选)": "half-width", "有 3份报告": "space", "CVE编号": "space", "已保存， 请继续": "stray", "已 保存": "stray", "此案例已结": "案件", "已保存。": "",
	} {
		if got := strings.Join(chinese("a.b", text), "; "); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func chinese(key, text string) []string {
	var out []string
	text = address.ReplaceAllString(text, "x")
	if halfWidth.MatchString(text) {
		out = append(out, "a half-width mark beside Chinese")
	}
	// Dates are written as one word: 12月4日.
	if noSpace.MatchString(text) && !strings.HasPrefix(key, "time.") {
		out = append(out, "no space between Chinese and Latin")
	}
	if twoSpaces.MatchString(text) {
		out = append(out, "a stray space")
	}
	rest := strings.ReplaceAll(text, "案件", " ") // "3 个案件" holds the word 个案
	for word, other := range sameWord {
		if strings.Contains(rest, word) {
			out = append(out, word+" is elsewhere "+other)
		}
	}
	return out
}
