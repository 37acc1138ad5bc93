package services

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// difference returns the JSON pointer of the first place where two containers differ,
// and the values there as JSON ("" for none); equal values when nothing differs.
// What the service sets by itself does not count.
func difference(sent, got []byte) (pointer, was, is string, err error) {
	a, err := decode(sent)
	if err != nil {
		return "", "", "", fmt.Errorf("what was sent: %w", err)
	}
	b, err := decode(got)
	if err != nil {
		return "", "", "", fmt.Errorf("what was read back: %w", err)
	}
	if m, ok := b.(map[string]any); ok {
		own, _ := a.(map[string]any)
		maps.DeleteFunc(m, func(k string, _ any) bool {
			_, ours := own[k]
			return k == "providerMetadata" || strings.HasPrefix(k, "x_") && !ours
		})
	}
	if m, ok := a.(map[string]any); ok {
		delete(m, "providerMetadata")
	}
	d := differ{}
	d.walk("", a, b)
	return d.at, d.sent, d.got, nil
}

func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// differ remembers the first difference.
type differ struct {
	at, sent, got string
	found         bool
}

func (d *differ) walk(at string, a, b any) {
	if d.found {
		return
	}
	switch a := a.(type) {
	case map[string]any:
		if b, ok := b.(map[string]any); ok {
			d.members(at, a, b)
			return
		}
	case []any:
		if b, ok := b.([]any); ok {
			d.items(at, a, b)
			return
		}
	case json.Number:
		// 10.0 comes back as 10: numbers are compared as what they are.
		if b, ok := b.(json.Number); ok && sameNumber(a, b) {
			return
		}
	default:
		if a == b {
			return
		}
	}
	d.report(at, text(a), text(b))
}

func (d *differ) members(at string, a, b map[string]any) {
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		x, sent := a[k]
		y, got := b[k]
		place := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(k)
		switch {
		case !got:
			d.report(place, text(x), "")
		case !sent:
			d.report(place, "", text(y))
		default:
			d.walk(place, x, y)
		}
	}
}

func (d *differ) items(at string, a, b []any) {
	for i := range max(len(a), len(b)) {
		place := at + "/" + strconv.Itoa(i)
		switch {
		case i >= len(b):
			d.report(place, text(a[i]), "")
		case i >= len(a):
			d.report(place, "", text(b[i]))
		default:
			d.walk(place, a[i], b[i])
		}
	}
}

func (d *differ) report(at, sent, got string) {
	if !d.found {
		d.at, d.sent, d.got, d.found = at, sent, got, true
	}
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, err1 := a.Float64()
	y, err2 := b.Float64()
	return err1 == nil && err2 == nil && x == y
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%T", v)
	}
	return string(b)
}
