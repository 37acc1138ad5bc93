package catalogtest

import (
	"strings"
	"testing"
)

func TestTemplatesHoldNoProseAndNothingInline(t *testing.T) {
	found, err := Prose(moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

func TestProseFindsPlantedFaults(t *testing.T) {
	for text, want := range map[string]string{
		`<p>{{t "a.b"}} Hello</p>`:                             "Hello",
		`<p style="color:red">{{t "a"}}</p>`:                   "attribute style",
		`<a href="{{.X}}" onclick="y()">{{t "a"}}</a>`:         "onclick",
		`<script>x()</script>`:                                 "inline script",
		`<style>p{}</style>`:                                   "style element",
		`<input placeholder="Your name" name="{{.N}}">`:        "placeholder",
		`<p>{{if .A}}{{t "a"}}{{else}}nothing here{{end}}</p>`: "nothing",
	} {
		if got, err := proseIn(text); err != nil || !strings.Contains(strings.Join(got, "; "), want) {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, fine := range []string{`<p>{{t "a.b"}} · {{.Name}}: 5 <code>CVE</code> <kbd>Enter</kbd></p>`, `{{define "x"}}<a href="/cases/{{.ID}}?a={{.B}}" title="{{t "a"}}">{{.T}}</a>{{end}}`, `<script src="{{asset "keys.js"}}" defer></script>`} {
		if got, err := proseIn(fine); err != nil || len(got) > 0 {
			t.Errorf("%s: %v %v", fine, got, err)
		}
	}
}
