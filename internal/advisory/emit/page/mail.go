package page

import (
	"fmt"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/lines"
)

// wrap breaks text at 72 columns, as RFC 3676 advises for mail; lines that are
// indented or longer than a line by one word stay as they are.
func wrap(text, indent string) string {
	var b strings.Builder
	for para := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.HasPrefix(para, " ") || strings.HasPrefix(para, "\t") {
			b.WriteString(indent + para + "\n")
			continue
		}
		b.WriteString(lines.Wrap(para, indent, 72))
		b.WriteString("\n")
	}
	return b.String()
}

// Mail returns subject and text of the list mail: the same content as plain text.
func Mail(o Output) (string, []byte, error) {
	p := Read(o)
	var b strings.Builder
	t := o.Texts.T
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s%s%s\n", t(key), t("mark.colon"), value)
		}
	}
	section := func(title, text string) {
		if text != "" {
			text = wrap(text, "")
		}
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s", title, strings.Repeat("-", lines.Columns(title)), text)
	}
	head := p.Number + t("mark.colon") + p.Title
	fmt.Fprintf(&b, "%s%s\n\n", wrap(head, ""), strings.Repeat("=", 72))
	if p.Withdrawn {
		fmt.Fprintf(&b, "*** %s ***\n\n", t("advisory.doc.withdrawn"))
	}
	if p.Successor != nil {
		fmt.Fprintf(&b, "*** %s ***\n%s\n\n", p.Superseded(), p.Successor.Page)
	}
	if p.Rating != "" {
		line("advisory.page.severity", t("advisory.rating."+p.Rating))
	}
	for _, s := range p.Scores {
		fmt.Fprintf(&b, "CVSS %s: %s %s\n", s.Version, s.Base, s.Vector)
	}
	if len(p.CVEs) > 0 {
		fmt.Fprintf(&b, "CVE: %s\n", strings.Join(p.CVEs, ", "))
	}
	for _, c := range p.CWEs {
		fmt.Fprintf(&b, "CWE: %s\n", c)
	}
	line("advisory.page.published", p.Initial.Text)
	if p.Initial != p.Current {
		line("advisory.page.updated", p.Current.Text)
	}
	line("advisory.page.version", p.Version)
	if r := p.Revised; r != nil {
		fmt.Fprintf(&b, "\n%s", wrap(t("advisory.page.revised", "version", r.Number, "date", r.Date.Text, "change", r.Summary), ""))
	}
	for _, n := range p.Notes {
		section(n.Title, n.Text)
	}
	for _, v := range p.Vulnerabilities {
		v.mail(&b, t, section)
	}
	p.mailEnd(&b, t, section, o)
	title := p.Title
	if p.Revised != nil && !p.Withdrawn && p.Successor == nil {
		title = t("advisory.mail.updated", "title", title)
	}
	return "[" + p.Number + "] " + title, []byte(b.String()), nil
}

func (v Vulnerability) mail(b *strings.Builder, t func(string, ...any) string, section func(string, string)) {
	if v.Heading != "" {
		fmt.Fprintf(b, "\n%s\n", v.Heading)
	}
	for _, n := range v.Notes {
		section(n.Title, n.Text)
	}
	if len(v.Products) > 0 {
		section(t("advisory.page.products"), "")
		for _, x := range v.Products {
			why := ""
			if x.Why != "" {
				why = " (" + t("advisory.justification."+x.Why) + ")"
			}
			fmt.Fprintf(b, "  %s%s%s%s\n", t("advisory.product."+x.Status), t("mark.colon"), x.Name, why)
		}
	}
	if len(v.Remedies) > 0 {
		section(t("advisory.page.remedies"), "")
		for _, r := range v.Remedies {
			fmt.Fprintf(b, "%s%s\n%s", t("advisory.remedy."+r.Category), strings.TrimSpace(t("mark.colon")), wrap(r.Details, "  "))
			if r.URL != "" {
				fmt.Fprintf(b, "  %s\n", r.URL)
			}
		}
	}
	for _, n := range v.More {
		section(n.Title, n.Text)
	}
}

func (p Content) mailEnd(b *strings.Builder, t func(string, ...any) string, section func(string, string), o Output) {
	for _, n := range p.More {
		section(n.Title, n.Text)
	}
	if len(p.Credits) > 0 {
		section(t("advisory.page.credits"), "")
		for _, c := range p.Credits {
			fmt.Fprintf(b, "  %s\n", c)
		}
	}
	if len(p.References) > 0 {
		section(t("advisory.page.references"), "")
		for _, r := range p.References {
			fmt.Fprintf(b, "  %s\n  %s\n", r.Summary, r.URL)
		}
	}
	section(t("advisory.page.history"), "")
	for _, h := range p.History {
		fmt.Fprintf(b, "  %s  %s  %s\n", h.Number, h.Date.Text, h.Summary)
	}
	tree := pubtree.Paths{Slug: o.Project.Slug}
	fmt.Fprintf(b, "\n%s\n  %s/%s\n  %s/%s\n", t("advisory.page.files"), o.Site, tree.Page(o.Name), o.Site, tree.Document(o.Level, o.Year, o.Name))
}
