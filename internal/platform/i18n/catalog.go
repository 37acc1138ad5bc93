package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
)

//go:embed catalog
var embedded embed.FS

// Base is the language that must be complete: every other falls back to it.
const Base = "en"

// Catalog holds the texts of all languages. It does not change after Load and
// is safe for concurrent use.
type Catalog struct {
	langs   []string // Base first
	texts   map[string]map[string]message
	matcher language.Matcher
}

// Default returns the catalogue that is built into the program. It panics when a
// file of the source tree is not valid, which the package's test shows first.
func Default() *Catalog {
	sub, err := fs.Sub(embedded, "catalog")
	if err == nil {
		var c *Catalog
		if c, err = Load(sub); err == nil {
			return c
		}
	}
	panic(fmt.Sprintf("i18n: embedded catalogue: %v", err))
}

// Load reads LANG/*.json below files. It fails on a text that does not parse, on
// a key that two files of one language define, and when English is missing.
func Load(files fs.FS) (*Catalog, error) {
	c := &Catalog{texts: map[string]map[string]message{}}
	names, err := fs.Glob(files, "*/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		lang := path.Dir(name)
		if c.texts[lang] == nil {
			c.texts[lang] = map[string]message{}
			c.langs = append(c.langs, lang)
		}
		if err := c.read(files, lang, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if c.texts[Base] == nil {
		return nil, fmt.Errorf("no texts in the base language %q", Base)
	}
	slices.SortFunc(c.langs, func(a, b string) int {
		if (a == Base) != (b == Base) {
			return map[bool]int{true: -1, false: 1}[a == Base]
		}
		return strings.Compare(a, b)
	})
	var tags []language.Tag
	for _, l := range c.langs {
		t, err := language.Parse(l)
		if err != nil {
			return nil, fmt.Errorf("folder %q is no language: %w", l, err)
		}
		tags = append(tags, t)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func (c *Catalog) read(files fs.FS, lang, name string) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var flat map[string]string
	if err := json.Unmarshal(raw, &flat); err != nil {
		return err
	}
	for key, text := range flat {
		if _, twice := c.texts[lang][key]; twice {
			return fmt.Errorf("key %q is defined twice", key)
		}
		m, err := parse(text)
		if err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
		c.texts[lang][key] = m
	}
	return nil
}

// Langs returns the languages that there are texts for, English first.
func (c *Catalog) Langs() []string { return slices.Clone(c.langs) }

// Has reports whether English defines key, as a text or as a plural.
func (c *Catalog) Has(key string) bool {
	_, ok := c.texts[Base][key]
	if !ok {
		_, ok = c.texts[Base][key+".other"]
	}
	return ok
}

// Keys returns the keys of one language in order.
func (c *Catalog) Keys(lang string) []string {
	var keys []string
	for k := range c.texts[lang] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Choose returns the language for a reader: the first of the wishes that names a
// language of the catalogue, each a tag ("zh") or an Accept-Language header
// ("zh-TW,zh;q=0.9,en;q=0.8"; RFC 9110, 12.5.4), else English.
func (c *Catalog) Choose(wishes ...string) string {
	for _, w := range wishes {
		if w == "" || len(w) > 500 {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(w)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, conf := c.matcher.Match(tags...); conf > language.No {
			return c.langs[i]
		}
	}
	return Base
}

// Printer returns the printer for a language (the base language if there is no
// such) that writes times in UTC; see Printer.In.
func (c *Catalog) Printer(lang string) *Printer {
	if c.texts[lang] == nil {
		lang = Base
	}
	return &Printer{catalog: c, lang: lang, tag: language.Make(lang), zone: time.UTC}
}

// Arguments returns the names of the arguments that a language's text of key
// takes, in order and once each; nil when it has no such text.
func (c *Catalog) Arguments(lang, key string) []string {
	m, ok := c.texts[lang][key]
	if !ok {
		return nil
	}
	out := m.names()
	slices.Sort(out)
	return slices.Compact(out)
}
