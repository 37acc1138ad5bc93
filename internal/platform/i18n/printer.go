package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Printer says texts in one language and times in one zone. It is immutable and
// safe for concurrent use; get one from Catalog.Printer.
type Printer struct {
	catalog *Catalog
	lang    string
	tag     language.Tag
	zone    *time.Location
}

// Lang returns the printer's language tag, as for the HTML lang attribute.
func (p *Printer) Lang() string { return p.lang }

// Zone returns the zone that the printer writes times in.
func (p *Printer) Zone() *time.Location { return p.zone }

// In returns the same printer for another zone; nil means UTC.
func (p *Printer) In(zone *time.Location) *Printer {
	q := *p
	if q.zone = zone; zone == nil {
		q.zone = time.UTC
	}
	return &q
}

// T returns the text of key with its arguments put in (see the package comment
// for their forms). A key without a text returns the key.
func (p *Printer) T(key string, args ...any) string {
	named := pairs(args)
	m, ok := p.find(key, named)
	if !ok {
		return key
	}
	var b strings.Builder
	for _, part := range m {
		if !part.arg {
			b.WriteString(part.text)
			continue
		}
		if v, ok := named[part.text]; ok {
			b.WriteString(p.value(v))
		} else if i, err := strconv.Atoi(part.text); err == nil && i < len(args) {
			b.WriteString(p.value(args[i]))
		} else {
			b.WriteString("{" + part.text + "}")
		}
	}
	return b.String()
}

// Has reports whether key has a text in the printer's language or in English.
func (p *Printer) Has(key string) bool {
	_, ok := p.find(key, map[string]any{"n": 0})
	return ok
}

// find looks key up in the printer's language, then in English, each as a plain
// text and as a plural chosen by the argument n.
func (p *Printer) find(key string, named map[string]any) (message, bool) {
	for _, lang := range []string{p.lang, Base} {
		texts := p.catalog.texts[lang]
		if m, ok := texts[key]; ok {
			return m, true
		}
		n, counted := count(named["n"])
		if !counted {
			continue
		}
		if m, ok := texts[key+"."+form(language.Make(lang), n)]; ok {
			return m, true
		}
		if m, ok := texts[key+".other"]; ok {
			return m, true
		}
	}
	return nil, false
}

// form returns the plural form of n as a catalogue suffix.
func form(tag language.Tag, n int) string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two",
		plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	return names[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
}

// count reads the plural argument; ledger entries and faults carry it as text.
func count(v any) (int, bool) {
	switch v := v.(type) {
	case nil:
		return 0, false
	case int:
		return max(v, -v), true
	case int64:
		return int(max(v, -v)), true
	default:
		n, err := strconv.Atoi(fmt.Sprint(v))
		return max(n, -n), err == nil
	}
}

// pairs reads the arguments of T: one map, or names and values in turn. A text that
// names its arguments by number ({0}) takes them by position instead.
func pairs(args []any) map[string]any {
	out := map[string]any{}
	if len(args) == 1 {
		switch m := args[0].(type) {
		case map[string]any:
			return m
		case map[string]string:
			for k, v := range m {
				out[k] = v
			}
			return out
		}
	}
	for i := 0; i < len(args); i++ {
		name, ok := args[i].(string)
		if !ok || i+1 == len(args) {
			continue
		}
		i++
		out[name] = args[i]
	}
	return out
}

// value writes one argument.
func (p *Printer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case fault.Word:
		return p.T(string(v))
	case int:
		return p.Number(int64(v))
	case int64:
		return p.Number(v)
	case time.Time:
		return p.Date(v)
	case time.Duration:
		return p.Span(v)
	default:
		return fmt.Sprint(v)
	}
}

// Number writes n with the language's grouping from five digits on.
func (p *Printer) Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	if len(s) < 5 {
		return sign + s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + p.T("number.group") + s[i:]
	}
	return sign + s
}
