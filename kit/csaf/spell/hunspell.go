package spell

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// The bounds of a dictionary: the largest in use have some ten megabytes.
const (
	mostBytes = 64 << 20
	mostRules = 100_000
)

// Hunspell are the dictionaries of a folder, NAME.dic and NAME.aff, as Hunspell
// (hunspell(5)) has them: words with the flags of their prefixes and suffixes.
// Compounds and suffixes on suffixes are not followed: such words are unknown.
type Hunspell struct {
	files fs.FS
	names []string

	mu    sync.Mutex
	known map[string]func(word string) bool // by dictionary; nil when it cannot be read
}

// Folder returns the dictionaries of a folder, which are read when they are used. It
// fails when the folder cannot be read or has no dictionary.
func Folder(files fs.FS) (*Hunspell, error) {
	names, err := fs.Glob(files, "*.dic")
	if err != nil {
		return nil, fmt.Errorf("dictionaries: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("the folder has no dictionary (*.dic)")
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".dic")
	}
	slices.Sort(names)
	return &Hunspell{files: files, names: names}, nil
}

// Read reads the dictionary of a language ("de-CH" is de_CH.dic, else de.dic, else
// the first de_*.dic). It returns nil without an error when there is none, and fails
// when the files are not what they should be.
func (h *Hunspell) Read(lang string) (func(word string) bool, error) {
	name := h.find(lang)
	if name == "" {
		return nil, nil
	}
	d := &dictionary{flags: map[string][]string{}, suffixes: map[string][]affix{}, prefixes: map[string][]affix{}}
	if err := h.read(name+".aff", d.affixLine); err != nil {
		return nil, err
	}
	if err := h.read(name+".dic", d.wordLine); err != nil {
		return nil, err
	}
	return d.known, nil
}

// Speller is meant for rule.Options.Speller: it reads each dictionary once, and returns
// nil for languages without one and for those that Read fails on. It may be used by
// many goroutines.
func (h *Hunspell) Speller(lang string) func(word string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := h.find(lang)
	known, done := h.known[name]
	if !done {
		if read, err := h.Read(lang); err == nil {
			known = read
		}
		if h.known == nil {
			h.known = map[string]func(string) bool{}
		}
		h.known[name] = known
	}
	return known
}

func (h *Hunspell) find(lang string) string {
	parts := strings.Split(strings.ReplaceAll(lang, "_", "-"), "-")
	language := strings.ToLower(parts[0])
	var best string
	for _, name := range h.names {
		low, region, _ := strings.Cut(strings.ReplaceAll(name, "-", "_"), "_")
		if strings.ToLower(low) != language {
			continue
		}
		if len(parts) > 1 && strings.EqualFold(region, parts[len(parts)-1]) {
			return name
		}
		if best == "" || region == "" {
			best = name
		}
	}
	return best
}

func (h *Hunspell) read(name string, line func(string) error) error {
	f, err := h.files.Open(name)
	if err != nil {
		return fmt.Errorf("dictionary: %w", err)
	}
	defer f.Close()
	in := bufio.NewScanner(io.LimitReader(f, mostBytes))
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		if err := line(strings.TrimSuffix(strings.TrimPrefix(in.Text(), "\ufeff"), "\r")); err != nil {
			return fmt.Errorf("dictionary %s, line %d: %w", name, n, err)
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("dictionary %s: %w", name, err)
	}
	return nil
}

// affix is one rule: a stem that ends (begins) as want says, with strip replaced by
// the key of the map that holds the rule.
type affix struct {
	flag, strip string
	want        []string // a set of characters for each place: "abc", "^abc", "."
	cross       bool
}

type dictionary struct {
	latin1             bool
	flag               string // "", long, num or UTF-8
	flags              map[string][]string
	suffixes, prefixes map[string][]affix
	crosses            map[string]bool // of the headers: "SFX A"
	rules, lines       int
	forbidden, needs   string // the flags FORBIDDENWORD and NEEDAFFIX
}

// text turns a line into UTF-8.
func (d *dictionary) text(s string) string {
	if !d.latin1 {
		return s
	}
	out := make([]rune, len(s))
	for i := range len(s) {
		out[i] = rune(s[i])
	}
	return string(out)
}

func (d *dictionary) affixLine(line string) error {
	f := strings.Fields(d.text(line))
	if len(f) < 2 {
		return nil
	}
	switch f[0] {
	case "SET":
		return d.set(f[1])
	case "FLAG":
		d.flag = f[1]
	case "FORBIDDENWORD":
		d.forbidden = f[1]
	case "NEEDAFFIX":
		d.needs = f[1]
	case "SFX", "PFX":
		return d.rule(f)
	}
	return nil
}

func (d *dictionary) set(name string) error {
	switch strings.ToUpper(name) {
	case "UTF-8", "US-ASCII":
	case "ISO8859-1", "ISO-8859-1", "ISO8859-15", "ISO-8859-15":
		d.latin1 = true
	default:
		return fmt.Errorf("the character set %q is not supported", name)
	}
	return nil
}

// rule takes a line of an affix: its header (PFX A Y 3) or an item (PFX A 0 re .).
func (d *dictionary) rule(f []string) error {
	key := f[0] + " " + f[1]
	if cross, seen := d.crosses[key]; seen && len(f) >= 4 {
		if d.rules++; d.rules > mostRules {
			return fmt.Errorf("more than %d affixes", mostRules)
		}
		a := affix{flag: f[1], strip: f[2], cross: cross}
		add, _, _ := strings.Cut(f[3], "/")
		if a.strip == "0" {
			a.strip = ""
		}
		if add == "0" {
			add = ""
		}
		if len(f) > 4 && f[4] != "." {
			a.want = places(f[4])
		}
		if f[0] == "SFX" {
			d.suffixes[add] = append(d.suffixes[add], a)
		} else {
			d.prefixes[add] = append(d.prefixes[add], a)
		}
		return nil
	}
	if d.crosses == nil {
		d.crosses = map[string]bool{}
	}
	d.crosses[key] = len(f) > 2 && f[2] == "Y"
	return nil
}

// places splits a condition like [^aeiou]y into one set for each character.
func places(s string) []string {
	var out []string
	for s != "" {
		if s[0] == '[' {
			if end := strings.IndexByte(s, ']'); end > 0 {
				out, s = append(out, s[1:end]), s[end+1:]
				continue
			}
		}
		_, n := utf8.DecodeRuneInString(s)
		out, s = append(out, s[:n]), s[n:]
	}
	return out
}

func (d *dictionary) wordLine(line string) error {
	if d.lines++; d.lines == 1 || line == "" || line[0] == '\t' {
		return nil // the number of words, a comment
	}
	line, _, _ = strings.Cut(d.text(line), "\t")
	word, flags, _ := strings.Cut(line, "/")
	word, _, _ = strings.Cut(word, " ") // behind a space is morphology
	flags, _, _ = strings.Cut(flags, " ")
	d.flags[word] = append(d.flags[word], d.split(flags)...)
	return nil
}

// split takes flags apart: by two characters, by commas, or by one.
func (d *dictionary) split(flags string) []string {
	switch {
	case flags == "":
		return nil
	case d.flag == "num":
		return strings.Split(flags, ",")
	case d.flag == "long":
		var out []string
		for ; len(flags) >= 2; flags = flags[2:] {
			out = append(out, flags[:2])
		}
		return out
	}
	return strings.Split(flags, "")
}

// known looks for the word as it is, with a small first letter and all small.
func (d *dictionary) known(word string) bool {
	low := strings.ToLower(word)
	return d.form(word) || low != word && d.form(low)
}

// form reports whether the word is in the list or made of one by a suffix, a prefix or
// one of each.
func (d *dictionary) form(word string) bool {
	if len(word) > longest {
		return false
	}
	if flags, ok := d.flags[word]; ok {
		if d.forbidden != "" && slices.Contains(flags, d.forbidden) {
			return false
		}
		if d.needs == "" || !slices.Contains(flags, d.needs) {
			return true
		}
	}
	if d.suffixed(word, "") {
		return true
	}
	for i := 0; i <= len(word); i++ {
		for _, a := range d.prefixes[word[:i]] {
			stem := a.strip + word[i:]
			if a.fits(stem, false) && (slices.Contains(d.flags[stem], a.flag) || a.cross && d.suffixed(stem, a.flag)) {
				return true
			}
		}
	}
	return false
}

// suffixed reports whether a suffix makes the word of a listed one, which has the flag
// of a prefix as well when one is named.
func (d *dictionary) suffixed(word, prefix string) bool {
	for i := len(word); i >= 0; i-- {
		for _, a := range d.suffixes[word[i:]] {
			stem := word[:i] + a.strip
			if flags := d.flags[stem]; slices.Contains(flags, a.flag) && a.fits(stem, true) &&
				(prefix == "" || a.cross && slices.Contains(flags, prefix)) {
				return true
			}
		}
	}
	return false
}

// fits reports whether the end (or beginning) of a stem is as the rule wants it.
func (a *affix) fits(stem string, end bool) bool {
	for i := range a.want {
		set := a.want[i]
		var r rune
		var n int
		if end {
			set = a.want[len(a.want)-1-i]
			r, n = utf8.DecodeLastRuneInString(stem)
			stem = stem[:len(stem)-n]
		} else {
			r, n = utf8.DecodeRuneInString(stem)
			stem = stem[n:]
		}
		if n == 0 {
			return false
		}
		other, not := strings.CutPrefix(set, "^")
		if set != "." && strings.ContainsRune(other, r) == not {
			return false
		}
	}
	return true
}
