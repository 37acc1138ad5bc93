package informative

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/spell"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
)

// mostMistakes bounds the mistakes that one message names.
const mostMistakes = 20

// spelling is 6.3.8: a spell check in the document's language finds no mistake. It is
// skipped without a language and fails when the language is not supported. Names are
// mistakes only when they are a slip away from a known word.
func spelling(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.Document.Lang == "" {
		return
	}
	known := env.Speller(doc.Document.Lang)
	if known == nil {
		report("/document/lang", "there is no dictionary of the language %q", doc.Document.Lang)
		return
	}
	names := nameSet{doc: doc, env: env}
	c := spell.Checker{Known: known, Names: names.has}
	facts.Texts(doc, env, func(s string, style facts.Style, pointer func() string) {
		if style == facts.Category {
			s = strings.ReplaceAll(s, "_", " ")
		}
		if wrong := c.Mistakes(s, style == facts.Name); len(wrong) > 0 {
			report(pointer(), "not spelt right: %s", strings.Join(wrong[:min(len(wrong), mostMistakes)], ", "))
		}
	})
}

// nameSet are the words of the document's names, made when the first unknown word
// needs them.
type nameSet struct {
	doc   *csaf21.Advisory
	env   *rule.Env
	words map[string]bool
}

func (n *nameSet) has(word string) bool {
	if n.words == nil {
		n.words = map[string]bool{}
		facts.Texts(n.doc, n.env, func(s string, style facts.Style, _ func() string) {
			if style == facts.Name {
				n.add(s)
			}
		})
	}
	return n.words[strings.ToLower(word)]
}

func (n *nameSet) add(name string) {
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(" \t\n-_/,;:.()[]\"'", r) }) {
		n.words[strings.ToLower(part)] = true
	}
}

// grammar is 6.3.16: a grammar check in the document's language finds no mistake. It is
// skipped without a language; the checker itself reports a language that it does not
// know.
func grammar(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if doc.Document.Lang == "" {
		return
	}
	facts.Texts(doc, env, func(s string, style facts.Style, pointer func() string) {
		// Of the names of the spell check, the grammar check has none.
		if style != facts.Prose {
			return
		}
		if wrong := env.Grammar(doc.Document.Lang, s); len(wrong) > 0 {
			report(pointer(), "the grammar is not right: %s", strings.Join(wrong[:min(len(wrong), mostMistakes)], "; "))
		}
	})
}
