package advisory

import (
	"github.com/tocsin-sec/tocsin/internal/advisory/edition"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubsite"
	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
)

// ID is the ident id of an advisory.
type ID string

// The names by which the parts of an advisory are known here.
type (
	// Record is the one advisory record (package record).
	Record = record.Record
	// Content is everything of a revision that can become public.
	Content = record.Content
	// Texts gives the fixed texts of the outputs in one language.
	Texts = pubtree.Texts
	// PublicDocument is one row of the public table of documents.
	PublicDocument = pubtree.Document
	// Staged is the rendered and signed revision.
	Staged = edition.Staged
	// StagedFile is one file of the published tree.
	StagedFile = pubtree.File
	// PublicKey is an OpenPGP certificate.
	PublicKey = pubtree.Key
	// SiteStore keeps the published tree and the public tables.
	SiteStore = pubsite.Store
	// SiteFile is one file of the tree as it is stored.
	SiteFile = pubsite.File
	// Keys gives the keys that sign a project's publications.
	Keys = pubsite.Keys
	// SigningKey signs with one or more private keys.
	SigningKey = pubsite.SigningKey
)
