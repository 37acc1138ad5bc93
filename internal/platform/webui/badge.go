package webui

import (
	"html/template"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/webui/svg"
)

// Badge is a state as a word plus a shape, never colour alone. Kind is one of
// open, wait, ok, warn, stop, off, secret, info; Key the word's catalogue key.
type Badge struct {
	Kind string
	Key  string
	Args []any
}

func (in *instance) badge(b Badge) template.HTML {
	kind := b.Kind
	if svg.Icon(kind) == "" {
		kind = "info"
	}
	return template.HTML(`<span class="badge b-` + kind + `">` + string(svg.Icon(kind)) + esc(in.ctx.T(b.Key, b.Args...)) + `</span>`)
}

// Event is one line of a timeline. Text is what the ledger entry's key says.
type Event struct {
	At   time.Time
	Who  string
	Text string
	Icon string        // a name of svg.Icon, may be empty
	Note template.HTML // something below, such as a reason; may be empty
}

func (in *instance) timeline(events []Event) template.HTML {
	var b strings.Builder
	b.WriteString(`<ol class="timeline">`)
	for _, e := range events {
		b.WriteString(`<li>` + string(svg.Icon(e.Icon)) + `<span class="what">` + esc(e.Text) + `</span> <span class="who">` +
			esc(e.Who) + `</span> ` + string(in.date(e.At)))
		if e.Note != "" {
			b.WriteString(`<div class="remark">` + string(e.Note) + `</div>`)
		}
		b.WriteString(`</li>`)
	}
	b.WriteString(`</ol>`)
	return template.HTML(b.String())
}
