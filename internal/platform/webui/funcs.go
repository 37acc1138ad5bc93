package webui

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/webui/svg"
)

// funcs are the functions of templates; doc.go lists them for authors. They speak
// to the request that the instance is bound to.
func (in *instance) funcs() template.FuncMap {
	policy := markdownPolicy()
	return template.FuncMap{
		"t":      func(key string, args ...any) string { return in.ctx.T(key, args...) },
		"title":  func(text string) string { in.ctx.title = text; return "" },
		"head":   func(text string) template.HTML { return in.head(text) },
		"date":   in.date,
		"day":    in.day,
		"when":   in.when,
		"ago":    in.ago,
		"number": func(n int) string { return in.ctx.printer.Number(int64(n)) },
		"size":   size,
		"badge":  in.badge,
		"state": func(kind, key string, args ...any) template.HTML {
			return in.badge(Badge{Kind: kind, Key: key, Args: args})
		},
		"icon":  svg.Icon,
		"prose": prose,
		"md":    func(text string) template.HTML { return markdown(policy, text) },
		"asset": func(name string) string { return in.ctx.app.static.names[name] },
		"me":    func() Viewer { return in.ctx.viewer },
		"lang":  func() string { return script(in.ctx.Lang()) },
		"with":  func(name, value string) string { return in.ctx.With(name, value) },
		"spare": func() template.HTMLAttr {
			return `hx-boost="true" hx-target="main" hx-select="main" hx-swap="outerHTML"`
		},
		"key":  keyAttr,
		"more": in.more,

		"timeline": in.timeline,

		"text":    in.text,
		"area":    in.area,
		"pick":    in.pick,
		"radios":  in.radios,
		"checks":  in.checks,
		"check":   in.check,
		"file":    in.file,
		"clock":   in.clock,
		"hidden":  in.hidden,
		"submit":  in.submit,
		"act":     in.act,
		"problem": func(name string) string { return in.ctx.problems.of(name) },
	}
}

func esc(s string) string { return template.HTMLEscapeString(s) }

// head writes the page's only h1 and names the window after it.
func (in *instance) head(text string) template.HTML {
	in.ctx.title = text
	return template.HTML("<h1>" + esc(text) + "</h1>")
}

func stamp(t time.Time, text string) string {
	return `<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + esc(text) + `</time>`
}

// date writes a time with hour and zone.
func (in *instance) date(t time.Time) template.HTML {
	p := in.ctx.printer
	if t.IsZero() {
		return template.HTML(esc(p.Date(t)))
	}
	return template.HTML(stamp(t, p.Date(t)))
}

// day writes the day without the hour.
func (in *instance) day(t time.Time) template.HTML {
	p := in.ctx.printer
	if t.IsZero() {
		return template.HTML(esc(p.Day(t)))
	}
	return template.HTML(stamp(t, p.Day(t)))
}

// when writes a time with hour and zone and how far it is beside it.
func (in *instance) when(t time.Time) template.HTML {
	p := in.ctx.printer
	if t.IsZero() {
		return template.HTML(esc(p.Date(t)))
	}
	return template.HTML(stamp(t, p.Date(t)) + ` <span class="rel">` + esc(p.Relative(t, in.ctx.Now())) + `</span>`)
}

// ago writes how far a time is, with the date as a tip.
func (in *instance) ago(t time.Time) template.HTML {
	p := in.ctx.printer
	if t.IsZero() {
		return template.HTML(esc(p.Date(t)))
	}
	return template.HTML(`<time class="rel" datetime="` + t.UTC().Format(time.RFC3339) + `" title="` + esc(p.Date(t)) + `">` +
		esc(p.Relative(t, in.ctx.Now())) + `</time>`)
}

// size writes a number of bytes.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
	}
}

// prose writes plain text with its line ends and spaces.
func prose(text string) template.HTML {
	return template.HTML(`<div class="prose">` + esc(strings.TrimRight(text, "\n ")) + `</div>`)
}

// keyAttr gives a button or link its one-letter shortcut.
func keyAttr(letter string) template.HTMLAttr {
	return template.HTMLAttr(`data-key="` + esc(letter) + `" aria-keyshortcuts="` + esc(letter) + `"`)
}

// more writes the links of a list's pages: to the first page and to the next.
// The cursor goes into the parameter "after"; an empty one means the end.
func (in *instance) more(next string) template.HTML {
	var b strings.Builder
	if in.ctx.Query("after") != "" {
		b.WriteString(`<a href="` + esc(in.ctx.With("after", "")) + `">` + esc(in.ctx.T("page.first")) + `</a>`)
	}
	if next != "" {
		b.WriteString(`<a rel="next" href="` + esc(in.ctx.With("after", next)) + `">` + esc(in.ctx.T("page.next")) + `</a>`)
	}
	if b.Len() == 0 {
		return ""
	}
	return template.HTML(`<nav class="pages" aria-label="` + esc(in.ctx.T("page.nav")) + `">` + b.String() + `</nav>`)
}
