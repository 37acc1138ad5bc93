package pubtree

import (
	"bytes"
	"encoding/xml"

	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// maxAtom is how many entries a reader's feed holds; the ROLIE feed holds all.
const maxAtom = 100

// The elements of RFC 4287 that the feed uses.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
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
	Title     string     `xml:"title"`
	ID        string     `xml:"id"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Links     []atomLink `xml:"link"`
	Summary   string     `xml:"summary"`
}

// Atom makes the Atom feed (RFC 4287) of a project. docs are sorted, latest first.
func Atom(t Paths, p people.Project, site string, docs []Document, texts Texts) []byte {
	self := site + "/" + t.Atom()
	feed := atomFeed{
		Title: texts.T("advisory.atom.title", "project", p.Name), ID: self, Author: atomAuthor{p.Name},
		Updated: string(csaf.At(p.Created)),
		Links:   []atomLink{{Rel: "self", Type: "application/atom+xml", HRef: self}, {Rel: "alternate", Type: "text/html", HRef: site + "/advisories/" + t.Slug}},
	}
	if len(docs) > 0 {
		feed.Updated = string(csaf.At(docs[0].Current))
	}
	for _, d := range docs[:min(len(docs), maxAtom)] {
		page := site + "/" + t.Page(d.Name)
		feed.Entries = append(feed.Entries, atomEntry{
			Title: d.Number + ": " + d.Title, ID: page, Published: string(csaf.At(d.Initial)), Updated: string(csaf.At(d.Current)),
			Links:   []atomLink{{Rel: "alternate", Type: "text/html", HRef: page}, {Rel: "related", Type: "application/json", HRef: site + "/" + t.Document(d.Year, d.Name)}},
			Summary: d.Summary,
		})
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(feed); err != nil {
		// Strings and slices of strings always encode.
		panic(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
