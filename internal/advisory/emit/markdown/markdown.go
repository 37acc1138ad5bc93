// Package markdown makes the advisory as Markdown (CommonMark) for changelogs, forges and
// sites. It is made from what the mail is made from and says the same.
package markdown

import (
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
)

// Make returns the text. It fails as record.Document does.
func Make(in record.Input) ([]byte, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return nil, err
	}
	o, err := page.Of(in, doc)
	if err != nil {
		return nil, err
	}
	return Text(page.Read(o)), nil
}

// Text writes the content of a page.
func Text(p page.Content) []byte {
	var b strings.Builder
	t := p.T
	fmt.Fprintf(&b, "# %s: %s\n\n", Escape(p.Number), Escape(p.Title))
	if p.Withdrawn {
		fmt.Fprintf(&b, "**%s**\n\n", Escape(t("advisory.doc.withdrawn")))
	}
	if p.Successor != nil {
		fmt.Fprintf(&b, "**%s**: %s\n\n", Escape(p.Superseded()), link(p.Successor.Page, p.Successor.Page))
	}
	head(&b, p)
	for _, n := range p.Notes {
		section(&b, 2, n.Title, n.Text)
	}
	for _, v := range p.Vulnerabilities {
		vulnerability(&b, p, v)
	}
	for _, n := range p.More {
		section(&b, 2, n.Title, n.Text)
	}
	list := func(key string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "## %s\n\n- %s\n\n", Escape(t(key)), strings.Join(lines, "\n- "))
		}
	}
	var lines []string
	for _, c := range p.Credits {
		lines = append(lines, Escape(c))
	}
	list("advisory.page.credits", lines)
	lines = nil
	for _, r := range p.References {
		lines = append(lines, link(r.Summary, r.URL))
	}
	list("advisory.page.references", lines)
	lines = nil
	for _, h := range p.History {
		lines = append(lines, Escape(h.Number+", "+h.Date.Text+": "+h.Summary))
	}
	list("advisory.page.history", lines)
	return []byte(strings.TrimRight(b.String(), "\n") + "\n")
}

func head(b *strings.Builder, p page.Content) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "- %s: %s\n", Escape(name), Escape(value))
		}
	}
	if p.Rating != "" {
		line(p.T("advisory.page.severity"), p.T("advisory.rating."+p.Rating))
	}
	for _, s := range p.Scores {
		line("CVSS "+s.Version, s.Base+" "+s.Vector)
	}
	line("CVE", strings.Join(p.CVEs, ", "))
	for _, c := range p.CWEs {
		line("CWE", c)
	}
	line(p.T("advisory.page.published"), p.Initial.Text)
	if p.Initial != p.Current {
		line(p.T("advisory.page.updated"), p.Current.Text)
	}
	line(p.T("advisory.page.version"), p.Version)
	b.WriteString("\n")
}

func section(b *strings.Builder, level int, title, text string) {
	fmt.Fprintf(b, "%s %s\n\n", strings.Repeat("#", level), Escape(title))
	if text = strings.TrimSpace(text); text != "" {
		b.WriteString(Escape(text) + "\n\n")
	}
}

func vulnerability(b *strings.Builder, p page.Content, v page.Vulnerability) {
	level := 2
	if v.Heading != "" {
		section(b, level, v.Heading, "")
		level++
	}
	for _, n := range v.Notes {
		section(b, level, n.Title, n.Text)
	}
	if len(v.Products) > 0 {
		section(b, level, p.T("advisory.page.products"), "")
		for _, x := range v.Products {
			why := ""
			if x.Why != "" {
				why = " (" + p.T("advisory.justification."+x.Why) + ")"
			}
			fmt.Fprintf(b, "- %s: %s\n", Escape(p.T("advisory.product."+x.Status)), Escape(x.Name+why))
		}
		b.WriteString("\n")
	}
	if len(v.Remedies) > 0 {
		section(b, level, p.T("advisory.page.remedies"), "")
		for _, r := range v.Remedies {
			fmt.Fprintf(b, "- %s: %s", Escape(p.T("advisory.remedy."+r.Category)), strings.ReplaceAll(Escape(strings.TrimSpace(r.Details)), "\n", "\n  "))
			if r.URL != "" {
				b.WriteString(" " + link(r.URL, r.URL))
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	for _, n := range v.More {
		section(b, level, n.Title, n.Text)
	}
}

// link is an address that html pages may link, with its text.
func link(text, url string) string {
	if text == url {
		return "<" + url + ">"
	}
	return "[" + Escape(text) + "](<" + url + ">)"
}

// Escape makes Markdown of plain text that shows as it was: no emphasis, link, image,
// heading, list or HTML comes of it, and lines stay lines. Indented lines become code, as
// the writer meant them.
func Escape(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "    ") || strings.HasPrefix(l, "\t") {
			// Code only after an empty line; else the indentation of a paragraph.
			if i > 0 && (lines[i-1] == "" || strings.HasPrefix(lines[i-1], "    ") || strings.HasPrefix(lines[i-1], "\t")) {
				continue
			}
		}
		lines[i] = escapeLine(l)
		if i < len(lines)-1 && lines[i] != "" && strings.TrimSpace(lines[i+1]) != "" {
			lines[i] += "\\" // a hard line break (CommonMark 6.7)
		}
	}
	return strings.Join(lines, "\n")
}

func escapeLine(l string) string {
	var b strings.Builder
	rest := strings.TrimLeft(l, " ")
	for i, r := range rest {
		switch {
		case strings.ContainsRune("\\`*_[]<>&|~", r):
			b.WriteByte('\\')
		case i == 0 && strings.ContainsRune("#+-=", r):
			b.WriteByte('\\')
		case (r == '.' || r == ')') && i > 0 && i < 10 && (i+1 == len(rest) || rest[i+1] == ' ') && strings.Trim(rest[:i], "0123456789") == "":
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
