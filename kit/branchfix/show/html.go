package show

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Page is what the page says beside the matrix.
type Page struct {
	Title   string                    // empty: "Which branch has the fix"
	Subject func(branchfix.ID) string // the first line of a commit's message; may be nil
	When    string                    // when it was looked at, for people; may be empty
}

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"words": Words, "full": full, "clean": clean, "short": Short, "share": share,
	"sign":  func(s branchfix.State) string { return lookOf(s).sign },
	"class": func(s branchfix.State) string { return lookOf(s).class },
}).Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:64rem;padding:0 1rem}
code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
section{border-top:1px solid #8888;padding:.5rem 0 1rem}
h2{font-size:1.15rem;margin:.5rem 0;overflow-wrap:anywhere}
.state{display:inline-block;border:1px solid;border-radius:.3rem;padding:0 .5rem;font-weight:600}
.done{background:#d7f0dd;color:#0d4a22}.todo{background:#fde3d3;color:#742e00}.alarm{background:#f8c9cf;color:#7a0012}.open{background:#fff1c2;color:#5c4400}.none{background:#ececec;color:#404040}
@media(prefers-color-scheme:dark){.done{background:#12401f;color:#a6e5b8}.todo{background:#5a2600;color:#ffc9a8}.alarm{background:#6b0011;color:#ffc1c8}.open{background:#4d3900;color:#ffe08a}.none{background:#333;color:#ddd}}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.2rem 1rem;margin:.5rem 0}
dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}
@media(max-width:30rem){dl{grid-template-columns:1fr}}
@media print{section{break-inside:avoid}}
</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{with .When}}<p>{{.}}</p>{{end}}
{{.Picture}}
{{range .Branches}}
<section>
<h2>{{clean .Name}} <span class="state {{class .State}}"><span aria-hidden="true">{{sign .State}}</span> {{words .State}}</span></h2>
<p>Head <code>{{.Head}}</code></p>
{{range .Fixes}}
<h3><code>{{short .Commit}}</code> {{$.Named .Commit}}</h3>
<p><span class="state {{class .State}}"><span aria-hidden="true">{{sign .State}}</span> {{full . | clean}}</span></p>
<dl>
{{range .Evidence}}<dt>{{.Kind}}</dt><dd>{{share .Weight}}{{with .Commit}} <code>{{.Short}}</code> {{$.Named (print .)}}{{end}}{{with .Note}} {{clean .}}{{end}}</dd>
{{end}}</dl>
{{with .Trial}}{{range .Conflicts}}<p>Does not apply: <code>{{clean .Path}}</code> ({{clean .Reason}}){{range .Lines}}, lines {{index . 0}} to {{index . 1}}{{end}}.
{{with .Missing}}It may need:{{range .}} <code>{{.Short}}</code> {{$.Named (print .)}}{{end}}{{end}}</p>
{{end}}{{end}}{{end}}
</section>
{{end}}
</main>
</body>
</html>
`))

// share writes a weight as people read it.
func share(w float64) string { return fmt.Sprintf("%.0f %%", 100*w) }

// document is what the template is given.
type document struct {
	Page
	Picture  template.HTML
	Branches []branchfix.BranchState
}

// Named is the subject of a commit, of a series those of all.
func (d document) Named(series string) string {
	if d.Subject == nil {
		return ""
	}
	var out []string
	for id := range strings.SplitSeq(series, ",") {
		if s := d.Subject(branchfix.ID(id)); s != "" {
			out = append(out, cut(s, 120))
		}
	}
	return strings.Join(out, "; ")
}

// HTML writes a page with the picture and, for each branch and fix, the evidence. It needs
// no script and nothing from elsewhere, and can be printed.
func HTML(w io.Writer, m *branchfix.Matrix, p Page) error {
	if p.Title == "" {
		p.Title = "Which branch has the fix"
	}
	var svg strings.Builder
	if err := SVG(&svg, m); err != nil {
		return err
	}
	// The picture is our own, and what is foreign in it is escaped.
	return page.Execute(w, document{Page: p, Picture: template.HTML(svg.String()), Branches: m.Branches})
}
