package webui

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/webui/svg"
)

// Option is one choice of pick, radios or checks. Key is the text's catalogue
// key; Text is used when Key is empty (a name that is data). Hint is a key, too.
type Option struct {
	Value, Key, Text, Hint string
}

// field is what all form fields share. opts are strings as authors write them:
// "required", "hint=KEY", "wide", "rows=8", or an attribute such as "maxlength=200".
type field struct {
	in   *instance
	name string
	key  string
	opts []string
}

// fieldID is the id of the input of a field, for links to it.
func fieldID(name string) string { return "f-" + strings.ReplaceAll(name, " ", "-") }

func (f field) has(o string) bool { return slices.Contains(f.opts, o) }

func (f field) opt(name string) string {
	for _, o := range f.opts {
		if v, ok := strings.CutPrefix(o, name+"="); ok {
			return v
		}
	}
	return ""
}

// newField begins a field of the page, and tells the error summary where it is.
func (in *instance) newField(name, key string, opts []string) field {
	in.ctx.fields++
	in.ctx.problems.shown(name, in.ctx.T(key), in.ctx.fields)
	return field{in, name, key, opts}
}

// typed returns what was typed into the field when the form comes back. A page that
// was only asked for (an editor that shows its draft's problems) keeps what it was given.
func (f field) typed() ([]string, bool) {
	c := f.in.ctx
	if c.problems == nil || c.R.Method == http.MethodGet || c.R.Method == http.MethodHead {
		return nil, false
	}
	c.Form()
	v, sent := c.form[f.name] // what came before the reading failed comes back as well
	return v, sent || c.formErr == nil
}

// ticked returns what was ticked, else what was given. Nothing is sent for a box without a
// tick: a hidden field "box" names each one of the form that was sent.
func (f field) ticked(given []string) []string {
	v, sent := f.typed()
	if marks, any := f.in.ctx.form["box"]; !sent || any && !slices.Contains(marks, f.name) {
		return given
	}
	return v
}

// value returns what was typed, else what was given: a browser sends every text and
// list of a form, so that one it did not send belongs to another form of the page.
func (f field) value(given string) string {
	if v, _ := f.typed(); len(v) > 0 {
		return v[0]
	}
	return given
}

func (f field) label(text string) string {
	if !f.has("required") && !f.has("plain") {
		text += " " + f.in.ctx.T("form.optional")
	}
	return text
}

// hint returns the hint's text: the option hint=KEY, else the label's key with ".hint".
func (f field) hint() string {
	key := f.opt("hint")
	if key == "" {
		if key = f.key + ".hint"; !f.in.ctx.printer.Has(key) {
			return ""
		}
	}
	return f.in.ctx.T(key)
}

// attributes that an author may set; everything else in opts is ours or ignored.
func passes(name string) bool {
	switch name {
	case "type", "maxlength", "minlength", "min", "max", "step", "rows", "autocomplete", "inputmode", "accept",
		"multiple", "form", "spellcheck", "autocapitalize", "size", "autofocus", "list", "dir":
		return true
	}
	return false
}

// attrs writes id, name, the author's attributes and the links to hint and problem.
func (f field) attrs() string {
	var b strings.Builder
	fmt.Fprintf(&b, ` id="%s" name="%s"`, esc(fieldID(f.name)), esc(f.name))
	for _, o := range f.opts {
		name, value, ok := strings.Cut(o, "=")
		switch {
		case !passes(name):
		case ok:
			fmt.Fprintf(&b, ` %s="%s"`, name, esc(value))
		default:
			b.WriteString(" " + name)
		}
	}
	if f.has("required") {
		b.WriteString(` aria-required="true"`)
	}
	b.WriteString(f.described())
	return b.String()
}

func (f field) described() string {
	var ids []string
	if f.hint() != "" {
		ids = append(ids, fieldID(f.name)+"-hint")
	}
	out := ""
	if f.in.ctx.problems.of(f.name) != "" {
		ids = append(ids, fieldID(f.name)+"-problem")
		out = ` aria-invalid="true"`
	}
	if len(ids) > 0 {
		out += ` aria-describedby="` + esc(strings.Join(ids, " ")) + `"`
	}
	return out
}

// notes writes the hint and the problem.
func (f field) notes() string {
	var b strings.Builder
	id := esc(fieldID(f.name))
	if h := f.hint(); h != "" {
		b.WriteString(`<p class="hint" id="` + id + `-hint">` + esc(h) + `</p>`)
	}
	if p := f.in.ctx.problems.of(f.name); p != "" {
		b.WriteString(`<p class="problem" id="` + id + `-problem">` + string(svg.Icon("warn")) + esc(p) + `</p>`)
	}
	return b.String()
}

// wrap puts label, hint and problem around one control.
func (f field) wrap(control string) template.HTML {
	return template.HTML(f.open("div") + `<label for="` + esc(fieldID(f.name)) + `">` + esc(f.label(f.in.ctx.T(f.key))) +
		`</label>` + f.notes() + control + `</div>`)
}

func (f field) open(tag string) string {
	class := "field"
	for _, c := range []string{"wide", "short", "mono"} {
		if f.has(c) {
			class += " " + c
		}
	}
	if f.in.ctx.problems.of(f.name) != "" {
		class += " bad"
	}
	return "<" + tag + ` class="` + class + `"` + ">"
}

func (in *instance) text(name, key string, value any, opts ...string) template.HTML {
	f := in.newField(name, key, opts)
	kind := ""
	if f.opt("type") == "" {
		kind = ` type="text"`
	}
	v := f.value(fmt.Sprint(value))
	if f.opt("type") == "password" {
		v = "" // a password never goes back to a browser
	}
	return f.wrap(`<input` + kind + f.attrs() + ` value="` + esc(v) + `">`)
}

func (in *instance) area(name, key string, value any, opts ...string) template.HTML {
	f := in.newField(name, key, opts)
	if f.opt("rows") == "" {
		f.opts = append(slices.Clone(opts), "rows=6")
	}
	// The newline after the tag is dropped by browsers; without it they would drop one of the text's own.
	return f.wrap(`<textarea` + f.attrs() + ">\n" + esc(f.value(fmt.Sprint(value))) + `</textarea>`)
}

func (in *instance) file(name, key string, opts ...string) template.HTML {
	f := in.newField(name, key, opts)
	return f.wrap(`<input type="file"` + f.attrs() + `>`)
}

// clock is the field for a date with an hour in the reader's zone, which stands beside it.
// It is text: of half a date a browser's own field sends nothing, or keeps the form back.
func (in *instance) clock(name, key string, value time.Time, opts ...string) template.HTML {
	f := in.newField(name, key, opts)
	zone := in.ctx.printer.Zone()
	given := ""
	if !value.IsZero() {
		given = value.In(zone).Format("2006-01-02 15:04")
	}
	at := value
	if at.IsZero() {
		at = in.ctx.Now()
	}
	return f.wrap(`<span class="with"><input type="text" maxlength="40" autocomplete="off"` + f.attrs() + ` value="` + esc(f.value(given)) +
		`"> <span class="zone">` + esc(at.In(zone).Format("MST")+" · "+in.ctx.T("form.clock")) + `</span></span>`)
}

func (in *instance) hidden(name string, value any) template.HTML {
	return template.HTML(`<input type="hidden" name="` + esc(name) + `" value="` + esc(fmt.Sprint(value)) + `">`)
}

// submit writes the form's main button.
func (in *instance) submit(key string, args ...any) template.HTML {
	return template.HTML(`<button type="submit" class="main">` + esc(in.ctx.T(key, args...)) + `</button>`)
}

// act writes a further button that sends name=value; letter is its shortcut, ""
// for none. Kind is "", "main" or "danger".
func (in *instance) act(name, value, key, letter, kind string) template.HTML {
	attr := ""
	if letter != "" {
		attr = " " + string(keyAttr(letter))
	}
	return template.HTML(`<button type="submit" class="` + esc(kind) + `" name="` + esc(name) + `" value="` + esc(value) + `"` + attr + `>` +
		esc(in.ctx.T(key)) + `</button>`)
}
