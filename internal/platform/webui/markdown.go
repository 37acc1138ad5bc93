package webui

import (
	"bytes"
	"html/template"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
)

// markdownLimit is the most text that is read as Markdown; more is shown plain.
const markdownLimit = 100_000

// markdown renders a text that a person wrote as Markdown. Raw HTML, images and
// links that are not http, https or mailto are dropped (CommonMark renderer in
// safe mode, then an allow-list).
func markdown(policy *bluemonday.Policy, text string) template.HTML {
	var b bytes.Buffer
	if len(text) > markdownLimit || goldmark.Convert([]byte(text), &b) != nil {
		return prose(text)
	}
	return template.HTML(`<div class="md">` + policy.SanitizeReader(&b).String() + `</div>`)
}

// markdownPolicy is the allow-list of what Markdown may become.
func markdownPolicy() *bluemonday.Policy {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "hr",
		"h2", "h3", "h4", "h5", "h6")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowURLSchemes("http", "https", "mailto")
	policy.RequireParseableURLs(true)
	policy.RequireNoFollowOnLinks(true)
	policy.RequireNoReferrerOnLinks(true)
	return policy
}
