package reading

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// script is the writing that most letters of a text are of, as far as it tells languages
// apart.
type script int

const (
	unclear script = iota // too few letters, or several scripts
	han                   // Han without kana: Chinese
	latin
)

// enoughLetters is from how many letters on a text shows its script: a greeting does.
const enoughLetters = 8

// languageOf returns the one of the project's languages in which a mail is plainly written,
// as the project spells it, else "": then the project's first is used. The script decides,
// and the Content-Language field (RFC 3282) between languages of one script: programs write
// it by their own settings, whatever somebody types. Of an encrypted mail only the field is
// asked, since the answer may leave in clear and must tell nothing of what was encrypted.
func languageOf(raw *mailmsg.Message, m desk.Message, langs []string) string {
	written := unclear
	if m.Cipher == desk.Clear {
		written = scriptOf(m.Subject + "\n" + own(m.Text))
	}
	var fit []string
	for _, l := range langs {
		if s := scriptOfLanguage(l); written == unclear || s == written {
			fit = append(fit, l)
		}
	}
	if raw != nil {
		for _, named := range strings.Split(raw.Header.Get("Content-Language"), ",") {
			if at := slices.IndexFunc(fit, func(l string) bool { return base(l) == base(named) }); at >= 0 {
				return fit[at]
			}
		}
	}
	if written != unclear && len(fit) == 1 {
		return fit[0]
	}
	return ""
}

// own is a text without the lines that it quotes.
func own(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, ">") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// scriptOf counts letters. Chinese reports are full of English words and code, so that
// three in ten letters of Han make a text Chinese; a Chinese name below an English text
// does not.
func scriptOf(text string) script {
	var all, hans, kana, latins int
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r):
			continue
		case unicode.Is(unicode.Han, r):
			hans++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			kana++
		case unicode.Is(unicode.Latin, r):
			latins++
		}
		all++
	}
	switch {
	case hans*10 >= all*3 && hans+latins >= enoughLetters && kana*20 < hans:
		return han
	case latins*10 >= all*9 && all >= enoughLetters:
		return latin
	default:
		return unclear
	}
}

// scriptOfLanguage is the script of a language tag, unclear for one that is written in
// neither of the two.
func scriptOfLanguage(tag string) script {
	switch base(tag) {
	case "zh":
		return han
	case "ar", "be", "bg", "el", "fa", "he", "hi", "ja", "ka", "ko", "mk", "ru", "sr", "ta", "th", "uk", "ur":
		return unclear
	default:
		return latin
	}
}

// base is the first part of a language tag, lower case: "zh" of "zh-Hans-CN".
func base(tag string) string {
	b, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	return b
}
