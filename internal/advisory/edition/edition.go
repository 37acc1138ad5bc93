// Package edition makes and signs every file of a revision: the CSAF document with its
// hashes, page and text of the mail for what everybody may read, the OSV record for what
// may be told, and the row of the table that the lists come from.
//
// What the document says is in record, how the other outputs are made in emit, where files
// lie in pubtree; when a revision is published, and by whose word, is in advisory.
package edition

import (
	"context"
	"fmt"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit/osv"
	"github.com/tocsin-sec/tocsin/internal/advisory/emit/page"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/killpoint"
	"github.com/tocsin-sec/tocsin/kit/csaf"
)

// Staged is the rendered and signed revision.
type Staged struct {
	Hash    string
	Files   []pubtree.File
	Public  pubtree.Document
	Subject string // of the list mail
	History []csaf.Revision
}

// Renderer makes page and mail of a document.
type Renderer interface {
	// Page returns the HTML page.
	Page(page.Output) ([]byte, error)
	// Mail returns the text of the list mail and its subject.
	Mail(page.Output) (subject string, body []byte, err error)
}

// Maker makes editions with the keys of a project.
type Maker struct {
	Render Renderer
	Key    pubsite.SigningKey
}

// Make makes and signs every file of the revision with this hash, of the advisory with this
// id. It fails with fault.Invalid for a record that makes no valid document, and with what
// the signer says. Kill point: publish.rendered.
func (m Maker) Make(ctx context.Context, advisory, hash string, in record.Input) (Staged, error) {
	doc, raw, err := record.Document(in)
	if err != nil {
		return Staged{}, err
	}
	out, err := page.Of(in, doc)
	if err != nil {
		return Staged{}, err
	}
	pub, err := public(advisory, in, doc)
	if err != nil {
		return Staged{}, err
	}
	killpoint.At("publish.rendered")
	signature, err := m.Key.Sign(ctx, raw)
	if err != nil {
		return Staged{}, fmt.Errorf("sign the document: %w", err)
	}
	files := pubtree.WithHashes(pubtree.Paths{Slug: in.Project.Slug}.Document(pub.Level, pub.Year, pub.Name), raw, signature)
	subject, pages, err := m.pages(ctx, out, pub)
	if err != nil {
		return Staged{}, err
	}
	told, err := osvOf(in, &pub)
	if err != nil {
		return Staged{}, fmt.Errorf("make the OSV record: %w", err)
	}
	if err := pub.Make(in.Project, in.Site); err != nil {
		return Staged{}, err
	}
	files = slices.Concat(files, pages, told)
	for i := range files {
		files[i].Project, files[i].Level = in.Project.ID, pub.Level
	}
	return Staged{Hash: hash, Files: files, Public: pub, Subject: subject, History: doc.Document.Tracking.RevisionHistory}, nil
}

// public is the document's row of the public table.
func public(advisory string, in record.Input, doc *csaf.Advisory) (pubtree.Document, error) {
	track := doc.Document.Tracking
	initial, err := track.InitialReleaseDate.Time()
	if err != nil {
		return pubtree.Document{}, err
	}
	current, err := track.CurrentReleaseDate.Time()
	return pubtree.Document{
		Advisory: advisory, Project: in.Project.ID, Name: pubtree.Name(track.ID), Number: track.ID, Title: doc.Document.Title,
		Summary: record.Summary(doc), Rating: record.Rating(doc), CVEs: record.CVEs(doc), Version: track.Version, Year: initial.UTC().Year(),
		Initial: initial.UTC(), Current: current.UTC(), Withdrawn: in.Content.Withdrawn != "",
		Level: in.Content.Record.Level(),
	}, err
}

// pages renders and signs the page and the text of the mail, of what everybody may read.
func (m Maker) pages(ctx context.Context, out page.Output, pub pubtree.Document) (subject string, files []pubtree.File, err error) {
	if !pub.Level.Free() {
		return "", nil, nil
	}
	html, err := m.Render.Page(out)
	if err != nil {
		return "", nil, fmt.Errorf("render the page: %w", err)
	}
	pageSig, err := m.Key.Sign(ctx, html)
	if err != nil {
		return "", nil, fmt.Errorf("sign the page: %w", err)
	}
	subject, mail, err := m.Render.Mail(out)
	if err != nil {
		return "", nil, fmt.Errorf("render the mail: %w", err)
	}
	mailSig, err := m.Key.Sign(ctx, mail)
	if err != nil {
		return "", nil, fmt.Errorf("sign the mail: %w", err)
	}
	t := pubtree.Paths{Slug: out.Project.Slug}
	return subject, []pubtree.File{{Path: t.Page(pub.Name), Bytes: html}, {Path: t.Page(pub.Name) + ".asc", Bytes: pageSig},
		{Path: t.Text(pub.Name), Bytes: mail}, {Path: t.Text(pub.Name) + ".asc", Bytes: mailSig}}, nil
}

// Pages makes and signs page and text of a publication anew. It fails as Make does.
func (m Maker) Pages(ctx context.Context, in record.Input) ([]pubtree.File, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return nil, err
	}
	out, err := page.Of(in, doc)
	if err != nil {
		return nil, err
	}
	pub, err := public("", in, doc)
	if err != nil {
		return nil, err
	}
	_, files, err := m.pages(ctx, out, pub)
	for i := range files {
		files[i].Project, files[i].Level = in.Project.ID, pub.Level
	}
	return files, err
}

// osvOf makes the OSV record of what may be told to everybody and notes it on the
// document. What OSV cannot say, a flaw without an affected version, has none; what it
// refuses was shown before the approval (advisory's Refused), and no publication waits for
// it: the ledger says that the record is missing.
func osvOf(in record.Input, pub *pubtree.Document) ([]pubtree.File, error) {
	if !pub.Level.Told() {
		return nil, nil
	}
	raw, err := osv.Make(in)
	if fault.Is(err, fault.Invalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	id := osv.ID(in, pub.Number)
	if !pubtree.Safe(id) {
		return nil, nil // an imported number that is no name of a file
	}
	if pub.Member, err = pubtree.NewMember(id, pub.Current, raw); err != nil {
		return nil, err
	}
	return []pubtree.File{{Path: pubtree.Paths{Slug: in.Project.Slug}.OSV(id + ".json"), Bytes: raw}}, nil
}
