package reading

import (
	"testing"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// Whoever wrote in Chinese to a project whose first language is English was answered in
// English, and the other way round.
func TestAMailIsAnsweredInItsLanguage(t *testing.T) {
	const chinese = "您好，\n在解析灯光文件时发现一个堆缓冲区溢出漏洞，函数 lamp_parse() 写越界。\n\n> Thank you for your report, please send the file.\n"
	const english = "Hello,\nparsing a crafted lamp file writes past a buffer on the heap.\n-- \n王伟\n"
	for fact, c := range map[string]struct {
		langs       []string
		text, field string
		cipher      desk.Cipher
		want        string
		subject     string
	}{
		"Chinese to a project of both":                               {langs: []string{"en", "zh"}, text: chinese, want: "zh"},
		"English to a project of both, signed with a Chinese name":   {langs: []string{"zh", "en"}, text: english, want: "en"},
		"Chinese to a project of English alone":                      {langs: []string{"en"}, text: chinese, want: ""},
		"as the project spells it":                                   {langs: []string{"en", "zh-Hans"}, text: chinese, want: "zh-Hans"},
		"English from a program set to Chinese":                      {langs: []string{"zh", "en"}, text: english, field: "zh-CN", want: "en"},
		"Chinese from a program set to English":                      {langs: []string{"en", "zh"}, text: chinese, field: "en-US", want: "zh"},
		"two languages of one script, and no field":                  {langs: []string{"de", "en"}, text: english, want: ""},
		"two languages of one script, and a field":                   {langs: []string{"de", "en"}, text: english, field: "en-GB", want: "en"},
		"a field that names another language":                        {langs: []string{"de", "en"}, text: english, field: "fr", want: ""},
		"Japanese is not Chinese":                                    {langs: []string{"en", "zh"}, text: "ランプファイルの解析でヒープバッファが溢れます。確認してください。", want: ""},
		"a few letters show nothing":                                 {langs: []string{"zh", "en"}, text: "see #1", want: ""},
		"a few letters and a field":                                  {langs: []string{"zh", "en"}, text: "see #1", field: "en", want: "en"},
		"what was encrypted tells nothing in clear":                  {langs: []string{"en", "zh"}, text: chinese, cipher: desk.OpenPGP, want: ""},
		"of an encrypted mail the field tells":                       {langs: []string{"en", "zh"}, text: english, cipher: desk.OpenPGP, field: "zh", want: "zh"},
		"a subject alone":                                            {langs: []string{"en", "zh"}, subject: "灯光解析器中的堆缓冲区溢出", want: "zh"},
		"a project without languages":                                {text: chinese, want: ""},
		"Cyrillic to a project of Russian and English, by its field": {langs: []string{"en", "ru"}, text: "Здравствуйте, нашёл переполнение.", field: "ru", want: "ru"},
	} {
		raw := &mailmsg.Message{}
		if c.field != "" {
			raw.Header = mailmsg.Header{{Name: "Content-Language", Value: c.field}}
		}
		if got := languageOf(raw, desk.Message{Subject: c.subject, Text: c.text, Cipher: c.cipher}, c.langs); got != c.want {
			t.Errorf("%s: %q, want %q", fact, got, c.want)
		}
	}
	if got := languageOf(nil, desk.Message{Text: chinese}, []string{"zh"}); got != "zh" {
		t.Errorf("without a header: %q", got)
	}
}
