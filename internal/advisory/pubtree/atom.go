package pubtree

import (
	"bytes"
	"encoding/xml"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// maxAtom is how many entries a reader's feed holds; the ROLIE feed holds all.
const maxAtom = 100

// The elements of RFC 4287 that the feed uses.
type atomFeed struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string     `xml:"title"`
	ID      string     `xml:"id"`
	Updated string     `xml:"updated"`
	Author  atomAuthor `xml:"author"`
	Links   []atomLink `xml:"link"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	HRef string `xml:"href,attr"`
}

type atomEntry struct {
	XMLName   xml.Name   `xml:"entry"`
	Title     string     `xml:"title"`
	ID        string     `xml:"id"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Links     []atomLink `xml:"link"`
	Summary   string     `xml:"summary"`
}

// atomFrame is the Atom feed (RFC 4287) of a project without its entries.
func (m maker) atomFrame(updated time.Time) []byte {
	self := m.site + "/" + m.t.Atom()
	raw := xmlText(atomFeed{
		Title: m.texts.T("advisory.atom.title", "project", m.p.Name), ID: self, Author: atomAuthor{m.p.Name}, Updated: string(csaf.At(updated)),
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", HRef: self}, {Rel: "alternate", Type: "text/html", HRef: m.site + "/advisories/" + m.t.Slug}},
	}, "")
	end := []byte("</feed>")
	at := bytes.LastIndex(raw, end)
	return frame(append([]byte(xml.Header), raw[:at]...), []byte("</feed>\n"))
}

// atomOf is the entry of one document.
func atomOf(p people.Project, site string, d Document) []byte {
	t := Paths{Slug: p.Slug}
	page := site + "/" + t.Page(d.Name)
	return append(xmlText(atomEntry{
		Title: d.Number + ": " + d.Title, ID: page, Published: string(csaf.At(d.Initial)), Updated: string(csaf.At(d.Current)),
		Links:   []atomLink{{Rel: "alternate", Type: "text/html", HRef: page}, {Rel: "related", Type: "application/json", HRef: site + "/" + t.Document(d.Level, d.Year, d.Name)}},
		Summary: d.Summary,
	}, "  "), '\n')
}

func xmlText(v any, prefix string) []byte {
	raw, err := xml.MarshalIndent(v, prefix, "  ")
	if err != nil {
		panic(err) // strings and slices of strings always encode
	}
	return raw
}

// AtomFeed makes the whole Atom feed of documents, for who has no table of them.
func AtomFeed(p people.Project, site string, docs []Document, texts Texts) ([]byte, error) {
	m := maker{Paths{Slug: p.Slug}, p, site, texts}
	updated, lines := p.Created, make([]Line, len(docs))
	for i, d := range docs {
		if d.Current.After(updated) {
			updated = d.Current
		}
		lines[i] = Line{Name: d.Name, Year: d.Year, Current: d.Current, Text: atomOf(p, site, d)}
	}
	slices.SortFunc(lines, Atom.Order)
	return Assemble(Atom, m.atomFrame(updated), lines[:min(len(lines), maxAtom)])
}
