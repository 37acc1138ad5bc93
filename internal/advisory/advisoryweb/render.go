package advisoryweb

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

//go:embed outputs
var outputs embed.FS

// Renderer makes the HTML page and the list mail of a CSAF document, both from the
// document alone: nothing can be public that is not in it. It implements
// advisory.Renderer.
type Renderer struct{ Catalog *i18n.Catalog }

var _ advisory.Renderer = Renderer{}

// Texts implements advisory.Renderer.
func (r Renderer) Texts(lang string) advisory.Texts { return r.Catalog.Printer(r.Catalog.Choose(lang)) }

// Style implements advisory.Renderer.
func (r Renderer) Style() []byte {
	raw, err := outputs.ReadFile("outputs/advisory.css")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return raw
}

// Page implements advisory.Renderer.
func (r Renderer) Page(o advisory.Output) ([]byte, error) {
	t, err := template.New("page.html").Funcs(template.FuncMap{"t": o.Texts.T}).ParseFS(outputs, "outputs/page.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, newPage(o)); err != nil {
		return nil, fmt.Errorf("page of %s: %w", o.Name, err)
	}
	return b.Bytes(), nil
}

// page is what the templates of the outputs show.
type page struct {
	Lang, Number, Title, Project, Contact string
	Home, Self, JSON, Text, Style         string
	Preview                               bool
	Rating, Version, TLP                  string
	Withdrawn                             bool
	CVEs, CWEs                            []string
	Scores                                []score
	Initial, Current                      stamp
	Notes                                 []csaf.Note
	More                                  []csaf.Note
	Vulnerabilities                       []vulnerability
	Credits                               []string
	References                            []csaf.Reference
	History                               []revision
	Revised                               *revision // what the newest revision changed; nil for the first
}

type score struct{ Version, Base, Vector string }

type stamp struct{ Raw, Text string }

type revision struct {
	Number, Summary string
	Date            stamp
}

type vulnerability struct {
	Heading  string // only when there are several
	Notes    []csaf.Note
	More     []csaf.Note // of category other: behind what to do
	Products []productRow
	Remedies []csaf.Remediation
}

type productRow struct{ Name, Status, Mark, Why string }

// at shows an instant in UTC: the page is one for all readers.
func at(d csaf.Date) stamp {
	t, err := d.Time()
	if err != nil {
		return stamp{string(d), string(d)}
	}
	return stamp{string(d), t.UTC().Format("2006-01-02 15:04 MST")}
}

func newPage(o advisory.Output) page {
	d, t := o.Document.Document, pubtree.Paths{Slug: o.Project.Slug}
	p := page{
		Lang: d.Lang, Number: d.Tracking.ID, Title: d.Title, Project: o.Project.Name, Contact: d.Publisher.ContactDetails,
		// Links are relative: the tree may be copied to another server.
		Home: "../../advisories/" + o.Project.Slug, Self: o.Name + ".html", JSON: "../../" + t.Document(o.Year, o.Name), Text: o.Name + ".txt",
		Rating: record.Rating(o.Document), Version: d.Tracking.Version, CVEs: record.CVEs(o.Document),
		Withdrawn: o.Withdrawn, Style: "../advisory.css",
		Initial: at(d.Tracking.InitialReleaseDate), Current: at(d.Tracking.CurrentReleaseDate),
	}
	if p.Lang == "" {
		p.Lang = "en"
	}
	if o.Preview != "" {
		p.Preview, p.Style, p.Home = true, "/"+pubtree.PathStyle, "/advisories/"+o.Project.Slug
		p.JSON, p.Text = o.Preview+"/csaf", o.Preview+"/text"
	}
	if d.Distribution != nil && d.Distribution.TLP != nil {
		p.TLP = d.Distribution.TLP.Label
	}
	p.Notes, p.More = apart(titled(d.Notes, o.Texts))
	p.Credits = credits(d.Acknowledgments)
	for _, r := range d.References {
		if r.Category != "self" && safe(r.URL) {
			p.References = append(p.References, r)
		}
	}
	for _, r := range d.Tracking.RevisionHistory {
		p.History = append(p.History, revision{r.Number, r.Summary, at(r.Date)})
	}
	if h := d.Tracking.RevisionHistory; len(h) > 1 {
		last := record.Newest(h)
		p.Revised = &revision{last.Number, last.Summary, at(last.Date)}
	}
	for _, v := range o.Document.Vulnerabilities {
		p.add(v, o, len(o.Document.Vulnerabilities) > 1)
	}
	return p
}

// safe drops what html/template would not link anyway (javascript: and the like).
func safe(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

// titled gives every note a title.
func titled(notes []csaf.Note, texts advisory.Texts) []csaf.Note {
	out := make([]csaf.Note, len(notes))
	for i, n := range notes {
		if n.Title == "" {
			n.Title = texts.T("advisory.note." + n.Category)
		}
		out[i] = n
	}
	return out
}

// apart puts notes of category other (timeline, further weaknesses) behind what a
// reader in a hurry needs.
func apart(notes []csaf.Note) (first, more []csaf.Note) {
	for _, n := range notes {
		if n.Category == "other" {
			more = append(more, n)
		} else {
			first = append(first, n)
		}
	}
	return first, more
}

func credits(list []csaf.Acknowledgment) []string {
	var out []string
	for _, a := range list {
		s := strings.Join(a.Names, ", ")
		if a.Organization != "" {
			if s != "" {
				s += " (" + a.Organization + ")"
			} else {
				s = a.Organization
			}
		}
		if a.Summary != "" {
			s += ": " + a.Summary
		}
		if s = strings.TrimPrefix(s, ": "); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (p *page) add(v csaf.Vulnerability, o advisory.Output, several bool) {
	var x vulnerability
	x.Notes, x.More = apart(titled(v.Notes, o.Texts))
	if several {
		x.Heading = strings.TrimSpace(v.CVE + " " + v.Title)
	}
	if v.CWE != nil {
		p.CWEs = append(p.CWEs, v.CWE.ID+": "+v.CWE.Name)
	}
	for _, s := range v.Scores {
		if s.CVSSv3 != nil {
			p.Scores = append(p.Scores, score{s.CVSSv3.Version, fmt.Sprintf("%.1f", s.CVSSv3.BaseScore), s.CVSSv3.VectorString})
		} else if s.CVSSv2 != nil {
			p.Scores = append(p.Scores, score{"2.0", fmt.Sprintf("%.1f", s.CVSSv2.BaseScore), s.CVSSv2.VectorString})
		}
	}
	x.Products = products(o.Document.ProductTree, v)
	for _, r := range v.Remediations {
		if !safe(r.URL) {
			r.URL = ""
		}
		x.Remedies = append(x.Remedies, r)
	}
	p.Vulnerabilities = append(p.Vulnerabilities, x)
}

// products lists what the document says of each product; state has a mark beside
// its word, never colour alone.
func products(tree *csaf.ProductTree, v csaf.Vulnerability) []productRow {
	if v.ProductStatus == nil {
		return nil
	}
	names, why := map[string]string{}, map[string]string{}
	tree.Products(func(_ string, p *csaf.FullProductName) { names[p.ProductID] = readable(p.Name) })
	for _, f := range v.Flags {
		for _, id := range f.ProductIDs {
			why[id] = f.Label
		}
	}
	var out []productRow
	seen := map[string]bool{}
	list := func(status, mark string, ids []string) {
		for _, id := range ids {
			if !seen[status+id] {
				seen[status+id] = true
				out = append(out, productRow{names[id], status, mark, why[id]})
			}
		}
	}
	s := v.ProductStatus
	list("affected", "✗", s.KnownAffected)
	list("affected", "✗", s.FirstAffected)
	list("affected", "✗", s.LastAffected)
	list("fixed", "✓", s.Fixed)
	list("fixed", "✓", s.FirstFixed)
	list("not_affected", "–", s.KnownNotAffected)
	list("investigating", "?", s.UnderInvestigation)
	return out
}

// readable turns the vers notation of a leaf's name back into what people write.
func readable(name string) string {
	i := strings.Index(name, "vers:")
	if i < 0 {
		return name
	}
	_, list, ok := strings.Cut(name[i:], "/")
	if !ok {
		return name
	}
	if list == "*" {
		return strings.TrimSpace(name[:i])
	}
	return name[:i] + strings.NewReplacer("|", ", ", ">=", ">= ", "<=", "<= ", "<", "< ", ">", "> ", "%3A", ":", "%2B", "+", "%25", "%").Replace(list)
}

// wrap breaks text at 72 columns, as RFC 3676 advises for mail; lines that are
// indented or longer than a line by one word stay as they are.
func wrap(text, indent string) string {
	var b strings.Builder
	for para := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.HasPrefix(para, " ") || strings.HasPrefix(para, "\t") {
			b.WriteString(indent + para + "\n")
			continue
		}
		column := 0
		for i, word := range strings.Fields(para) {
			if i > 0 && column+1+len([]rune(word)) > 72 {
				b.WriteString("\n")
				column = 0
			}
			if column == 0 {
				b.WriteString(indent)
				column = len(indent)
			} else {
				b.WriteString(" ")
				column++
			}
			b.WriteString(word)
			column += len([]rune(word))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Mail implements advisory.Renderer: a plain-text mail of the same content.
func (r Renderer) Mail(o advisory.Output) (string, []byte, error) {
	p := newPage(o)
	var b strings.Builder
	t := o.Texts.T
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s %s\n", t(key)+":", value)
		}
	}
	section := func(title, text string) {
		if text != "" {
			text = wrap(text, "")
		}
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s", title, strings.Repeat("-", len([]rune(title))), text)
	}
	head := p.Number + ": " + p.Title
	fmt.Fprintf(&b, "%s%s\n\n", wrap(head, ""), strings.Repeat("=", 72))
	if p.Withdrawn {
		fmt.Fprintf(&b, "*** %s ***\n\n", t("advisory.doc.withdrawn"))
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
	if p.Revised != nil && !p.Withdrawn {
		title = t("advisory.mail.updated", "title", title)
	}
	return "[" + p.Number + "] " + title, []byte(b.String()), nil
}

func (v vulnerability) mail(b *strings.Builder, t func(string, ...any) string, section func(string, string)) {
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
			fmt.Fprintf(b, "  %s: %s%s\n", t("advisory.product."+x.Status), x.Name, why)
		}
	}
	if len(v.Remedies) > 0 {
		section(t("advisory.page.remedies"), "")
		for _, r := range v.Remedies {
			fmt.Fprintf(b, "%s:\n%s", t("advisory.remedy."+r.Category), wrap(r.Details, "  "))
			if r.URL != "" {
				fmt.Fprintf(b, "  %s\n", r.URL)
			}
		}
	}
	for _, n := range v.More {
		section(n.Title, n.Text)
	}
}

func (p page) mailEnd(b *strings.Builder, t func(string, ...any) string, section func(string, string), o advisory.Output) {
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
	fmt.Fprintf(b, "\n%s\n  %s/%s\n  %s/%s\n", t("advisory.page.files"), o.Site, tree.Page(o.Name), o.Site, tree.Document(o.Year, o.Name))
}
