package record

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/translation"
)

// Supersession says which advisory replaces this one, and why.
type Supersession struct {
	// Advisory is the id of the successor when it is one of this site. What it is called and
	// where it lies is known at its publication: Input.Successor.
	Advisory string `json:",omitempty"`
	// ID and URL name a document of another publisher.
	ID  string `json:",omitempty"`
	URL string `json:",omitempty"`
	// Reason is what readers are told.
	Reason string
}

// Successor is the document that replaces a superseded one, as readers find it.
type Successor struct {
	ID   string // its tracking id
	URL  string // of the document
	Page string // for people; the document where it has no page
	Ours bool   // it has an OSV id of this project
	Gone bool   // it was withdrawn since
}

// Retired reports whether the content makes no statement about any product: it is withdrawn
// or superseded.
func (c Content) Retired() bool { return c.Withdrawn != "" || c.Superseded != nil }

// SuccessorOf returns the successor of a superseded content, nil for all others.
func (in Input) SuccessorOf() *Successor {
	s := in.Content.Superseded
	switch {
	case s == nil:
		return nil
	case s.Advisory == "":
		return &Successor{ID: s.ID, URL: s.URL, Page: s.URL}
	case in.Successor != nil:
		return in.Successor
	}
	return &Successor{ID: s.Advisory, URL: in.Site, Page: in.Site} // a preview without the look
}

// superseded makes the document that replaces a superseded one: title, reason and the link
// to its successor, no statement about any product. CSAF 2.0 has no profile for it; this is
// the shape that 2.1 gave to csaf_superseded (4.8), with the words that it asks for where
// the TC has recorded them in the document's language.
func (in Input) superseded() *csaf.Advisory {
	doc := in.frame("csaf_base", in.Texts.T("advisory.doc.superseded_title", "title", in.Content.Record.Title))
	lang, next := in.Content.Record.Lang, in.SuccessorOf()
	term := func(t translation.Term, key string) string {
		if s, ok := translation.Of(lang, t); ok {
			return s
		}
		return in.Texts.T(key)
	}
	doc.Document.Notes = []csaf.Note{{Category: "description", Title: term(translation.ReasoningForSupersession, "advisory.doc.superseded_why"),
		Text: strings.TrimSpace(in.Content.Superseded.Reason)}}
	doc.Document.References = append(doc.Document.References, csaf.Reference{Category: "external",
		Summary: term(translation.SupersedingDocument, "advisory.doc.superseding") + " " + next.ID, URL: next.URL})
	return doc
}
