// Package page makes the HTML page and the text of the list mail of a CSAF document, both
// from the document alone: nothing can be public that is not in it.
//
// The pages of the site that are made on request are in advisoryweb.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

//go:embed outputs
var outputs embed.FS

// Output is what the page and the mail are made from.
type Output struct {
	Document *csaf.Advisory
	Project  people.Project
	Site     string
	Name     string // of the files, without extension
	Year     int
	Level    pubtree.Level
	Texts    pubtree.Texts
	// Preview is the address of the previews when this is one: its links lead there, and
	// what is not made yet (signatures, hashes) has none. "" for a publication.
	Preview string
	// Withdrawn says that the document replaces one that was taken back.
	Withdrawn bool
	// Successor is what replaces a superseded document.
	Successor *record.Successor
}

// Of makes the output of the document that record.Document has made of an input. It fails
// when the document has no date of its first release.
func Of(in record.Input, doc *csaf.Advisory) (Output, error) {
	initial, err := doc.Document.Tracking.InitialReleaseDate.Time()
	if err != nil {
		return Output{}, fmt.Errorf("page of %s: %w", doc.Document.Tracking.ID, err)
	}
	return Output{Document: doc, Project: in.Project, Site: in.Site, Name: pubtree.Name(doc.Document.Tracking.ID), Year: initial.UTC().Year(), Level: in.Content.Record.Level(),
		Texts: in.Texts, Withdrawn: in.Content.Withdrawn != "", Successor: in.SuccessorOf()}, nil
}

// Style returns the style sheet of the pages.
func Style() []byte {
	raw, err := outputs.ReadFile("outputs/advisory.css")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return raw
}

// parsed is the page's template: it is read and looked through for its contexts once, and
// takes its texts from the content.
var parsed = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(outputs, "outputs/page.html")
})

// HTML returns the page.
func HTML(o Output) ([]byte, error) {
	t, err := parsed()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, Read(o)); err != nil {
		return nil, fmt.Errorf("page of %s: %w", o.Name, err)
	}
	return b.Bytes(), nil
}

// Content is what the page, the mail and other outputs for people show, in the order in
// which they show it.
type Content struct {
	Lang, Number, Title, Project, Contact string
	Home, Self, JSON, Text, Style         string
	Preview                               bool
	Rating, Version, TLP                  string
	Withdrawn                             bool
	Successor                             *record.Successor // of a superseded document
	CVEs, CWEs                            []string
	Scores                                []Score
	Initial, Current                      Stamp
	Notes                                 []csaf.Note
	More                                  []csaf.Note
	Vulnerabilities                       []Vulnerability
	Credits                               []string
	References                            []csaf.Reference
	History                               []Revision
	Revised                               *Revision // what the newest Revision changed; nil for the first

	texts pubtree.Texts
}

// Superseded is what stands above a superseded document: by what, and whether that is still
// its replacement.
func (p Content) Superseded() string {
	if p.Successor.Gone {
		return p.T("advisory.doc.orphaned", "id", p.Successor.ID)
	}
	return p.T("advisory.doc.superseded", "id", p.Successor.ID)
}

// T returns a fixed text in the language of the document.
func (p Content) T(key string, args ...any) string { return p.texts.T(key, args...) }

// Score is a CVSS score.
type Score struct{ Version, Base, Vector string }

// Stamp is an instant, as it stands in the document and for people.
type Stamp struct{ Raw, Text string }

// Revision is a line of the history.
type Revision struct {
	Number, Summary string
	Date            Stamp
}

// Vulnerability is one flaw.
type Vulnerability struct {
	Heading  string // only when there are several
	Notes    []csaf.Note
	More     []csaf.Note // of category other: behind what to do
	Products []ProductRow
	Remedies []csaf.Remediation
}

// ProductRow is what is said of one product; Mark stands beside the word, never colour alone.
type ProductRow struct{ Name, Status, Mark, Why string }

// at shows an instant in UTC: the page is one for all readers.
func at(d csaf.Date) Stamp {
	t, err := d.Time()
	if err != nil {
		return Stamp{string(d), string(d)}
	}
	return Stamp{string(d), t.UTC().Format("2006-01-02 15:04 MST")}
}

// Read collects the content of a document.
func Read(o Output) Content {
	d, t := o.Document.Document, pubtree.Paths{Slug: o.Project.Slug}
	p := Content{
		texts: o.Texts,
		Lang:  d.Lang, Number: d.Tracking.ID, Title: d.Title, Project: o.Project.Name, Contact: d.Publisher.ContactDetails,
		// Links are relative: the tree may be copied to another server.
		Home: "../../advisories/" + o.Project.Slug, Self: o.Name + ".html", JSON: "../../" + t.Document(o.Level, o.Year, o.Name), Text: o.Name + ".txt",
		Rating: record.Rating(o.Document), Version: d.Tracking.Version, CVEs: record.CVEs(o.Document),
		Withdrawn: o.Withdrawn, Successor: o.Successor, Style: "../advisory.css",
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
		p.History = append(p.History, Revision{r.Number, r.Summary, at(r.Date)})
	}
	if h := d.Tracking.RevisionHistory; len(h) > 1 {
		last := record.Newest(h)
		p.Revised = &Revision{last.Number, last.Summary, at(last.Date)}
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
func titled(notes []csaf.Note, texts pubtree.Texts) []csaf.Note {
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

func (p *Content) add(v csaf.Vulnerability, o Output, several bool) {
	var x Vulnerability
	x.Notes, x.More = apart(titled(v.Notes, o.Texts))
	if several {
		x.Heading = strings.TrimSpace(v.CVE + " " + v.Title)
	}
	if v.CWE != nil {
		p.CWEs = append(p.CWEs, v.CWE.ID+": "+v.CWE.Name)
	}
	for _, s := range v.Scores {
		if s.CVSSv3 != nil {
			p.Scores = append(p.Scores, Score{s.CVSSv3.Version, fmt.Sprintf("%.1f", s.CVSSv3.BaseScore), s.CVSSv3.VectorString})
		} else if s.CVSSv2 != nil {
			p.Scores = append(p.Scores, Score{"2.0", fmt.Sprintf("%.1f", s.CVSSv2.BaseScore), s.CVSSv2.VectorString})
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
