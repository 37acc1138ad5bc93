package webui

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
)

func (o Option) text(in *instance) string {
	if o.Key != "" {
		return in.ctx.T(o.Key)
	}
	return o.Text
}

// pick writes a drop-down list.
func (in *instance) pick(name, key string, value any, options []Option, opts ...string) template.HTML {
	f := in.newField(name, key, opts)
	chosen := f.value(fmt.Sprint(value))
	var b strings.Builder
	b.WriteString(`<select` + f.attrs() + `>`)
	for _, o := range options {
		sel := ""
		if o.Value == chosen {
			sel = " selected"
		}
		b.WriteString(`<option value="` + esc(o.Value) + `"` + sel + `>` + esc(o.text(in)) + `</option>`)
	}
	b.WriteString(`</select>`)
	return f.wrap(b.String())
}

// radios writes one choice of a few, all visible.
func (in *instance) radios(name, key string, value any, options []Option, opts ...string) template.HTML {
	f := in.newField(name, key, opts)
	return f.group("radio", []string{f.value(fmt.Sprint(value))}, options)
}

// checks writes any number of choices; they arrive as several values of one name.
func (in *instance) checks(name, key string, values []string, options []Option, opts ...string) template.HTML {
	f := in.newField(name, key, append(slices.Clone(opts), "plain"))
	return f.group("checkbox", f.ticked(values), options)
}

func (f field) group(kind string, chosen []string, options []Option) template.HTML {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(f.open("fieldset"), ">") + f.described() + `><legend>` + esc(f.label(f.in.ctx.T(f.key))) + `</legend>` + f.notes())
	if kind == "checkbox" {
		b.WriteString(string(f.in.hidden("box", f.name)))
	}
	for i, o := range options {
		// The first choice has the field's own id: the error summary links to it.
		id := fieldID(f.name)
		if i > 0 {
			id = fmt.Sprintf("%s-%d", id, i)
		}
		on, hint, by := "", "", ""
		if slices.Contains(chosen, o.Value) {
			on = " checked"
		}
		if o.Hint != "" {
			by = ` aria-describedby="` + esc(id) + `-h"`
			hint = `<p class="hint" id="` + esc(id) + `-h">` + esc(f.in.ctx.T(o.Hint)) + `</p>`
		}
		fmt.Fprintf(&b, `<div class="choice"><input type="%s" id="%s" name="%s" value="%s"%s%s><label for="%s">%s</label>%s</div>`,
			kind, esc(id), esc(f.name), esc(o.Value), on, by, esc(id), esc(o.text(f.in)), hint)
	}
	b.WriteString(`</fieldset>`)
	return template.HTML(b.String())
}

// check writes one box to tick; ticked it arrives as "on".
func (in *instance) check(name, key string, on bool, opts ...string) template.HTML {
	f := in.newField(name, key, append(slices.Clone(opts), "plain"))
	given, mark := []string(nil), ""
	if on {
		given = []string{"on"}
	}
	if len(f.ticked(given)) > 0 {
		mark = " checked"
	}
	return template.HTML(f.open("div") + string(in.hidden("box", name)) + `<div class="choice"><input type="checkbox" value="on"` + f.attrs() + mark + `><label for="` +
		esc(fieldID(name)) + `">` + esc(in.ctx.T(key)) + `</label>` + f.notes() + `</div></div>`)
}
