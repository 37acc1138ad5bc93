// Package emit has the table of all outputs of an advisory. Each format that needs more
// than a few lines is a folder beside this file; a new one is a new folder and one line in
// Formats. All are made from record.Input alone: nothing can be public that is not in it.
//
// What each format holds of the record, and what it cannot, is in docs/formats.md. The CSAF
// 2.0 document, from which some others are made, is in record; signing, staging and the
// public tree are advisory's.
package emit

import (
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit/csaf21"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/csafvex"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/cve"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/markdown"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/openvex"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/osv"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/updateinfo"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
)

// Format is one output of an advisory.
type Format struct {
	Name  string // "csaf-2.0"
	Media string // media type
	Ext   string // of its files, with the dot
	// Make returns the bytes. It fails with fault.Invalid when the record does not fit the
	// format or the result would break it; with Input.Loose, for previews, only when
	// nothing can be made at all.
	Make func(record.Input) ([]byte, error)
}

// Formats returns all formats in the order in which they are offered.
func Formats() []Format {
	return []Format{
		{"csaf-2.0", "application/json", ".json", csaf20},
		{"csaf-2.1", "application/json", ".json", csaf21.Make},
		{"csaf-vex", "application/json", ".json", csafvex.Make},
		{"osv", "application/json", ".json", osv.Make},
		{"cve", "application/json", ".json", cve.Make},
		{"openvex", "application/json", ".json", openvex.Make},
		{"updateinfo", "application/xml", ".xml", updateinfo.Make},
		{"mail", "text/plain; charset=utf-8", ".txt", mail},
		{"markdown", "text/markdown; charset=utf-8", ".md", markdown.Make},
		{"html", "text/html; charset=utf-8", ".html", html},
		{"atom", "application/atom+xml", ".xml", atom},
	}
}

// Find returns the format of a name.
func Find(name string) (Format, bool) {
	list := Formats()
	i := slices.IndexFunc(list, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return list[i], true
}

func csaf20(in record.Input) ([]byte, error) {
	_, raw, err := record.Document(in)
	return raw, err
}

// shown is what page and mail are made from.
func shown(in record.Input) (page.Output, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return page.Output{}, err
	}
	return page.Of(in, doc)
}

func html(in record.Input) ([]byte, error) {
	o, err := shown(in)
	if err != nil {
		return nil, err
	}
	return page.HTML(o)
}

// mail has the subject as its first line, since the text alone does not.
func mail(in record.Input) ([]byte, error) {
	o, err := shown(in)
	if err != nil {
		return nil, err
	}
	subject, text, err := page.Mail(o)
	return append([]byte("Subject: "+subject+"\n\n"), text...), err
}

// atom is the project's feed with this advisory as its only entry.
func atom(in record.Input) ([]byte, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return nil, err
	}
	facts, err := in.Facts()
	if err != nil {
		return nil, err
	}
	return pubtree.AtomFeed(in.Project, in.Site, []pubtree.Document{{
		Project: in.Project.ID, Name: pubtree.Name(facts.Number), Number: facts.Number, Title: doc.Document.Title, Summary: record.Summary(doc),
		Rating: record.Rating(doc), CVEs: record.CVEs(doc), Version: facts.Version, Year: facts.Initial.Year(), Initial: facts.Initial,
		Current: facts.Current, Withdrawn: facts.Withdrawn != "", Level: in.Content.Record.Level()}}, in.Texts)
}
