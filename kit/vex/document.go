package vex

import (
	"net/url"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// Context is the value of @context of version 0.2.0.
const Context = "https://openvex.dev/ns/v0.2.0"

// The statuses of a statement.
const (
	NotAffected        = "not_affected"
	Affected           = "affected"
	Fixed              = "fixed"
	UnderInvestigation = "under_investigation"
)

// Document is one OpenVEX document.
type Document struct {
	Context     string      `json:"@context" strict:"req,like=uri"`
	ID          string      `json:"@id" strict:"req,like=iri"`
	Author      string      `json:"author" strict:"req"`
	Role        string      `json:"role,omitempty"`
	Timestamp   csaf.Date   `json:"timestamp" strict:"req,like=date"`
	LastUpdated csaf.Date   `json:"last_updated,omitempty" strict:"like=date"`
	Version     int64       `json:"version" strict:"req,min=1"`
	Tooling     string      `json:"tooling,omitempty"`
	Statements  []Statement `json:"statements" strict:"req,items=1,unique"`
}

// Statement says how a vulnerability concerns products. Times that it does not have
// are those of the document.
type Statement struct {
	ID              string        `json:"@id,omitempty" strict:"like=iri"`
	Version         int64         `json:"version,omitempty" strict:"min=1"`
	Vulnerability   Vulnerability `json:"vulnerability" strict:"req"`
	Timestamp       csaf.Date     `json:"timestamp,omitempty" strict:"like=date"`
	LastUpdated     csaf.Date     `json:"last_updated,omitempty" strict:"like=date"`
	Products        []Product     `json:"products,omitempty" strict:"unique"`
	Status          string        `json:"status" strict:"req,enum=not_affected|affected|fixed|under_investigation"`
	Supplier        string        `json:"supplier,omitempty"`
	StatusNotes     string        `json:"status_notes,omitempty"`
	Justification   string        `json:"justification,omitempty" strict:"enum=component_not_present|vulnerable_code_not_present|vulnerable_code_not_in_execute_path|vulnerable_code_cannot_be_controlled_by_adversary|inline_mitigations_already_exist"`
	ImpactStatement string        `json:"impact_statement,omitempty"`
	ActionStatement string        `json:"action_statement,omitempty"`
	ActionTimestamp csaf.Date     `json:"action_statement_timestamp,omitempty" strict:"like=date"`
}

// Vulnerability names a flaw.
type Vulnerability struct {
	ID          string   `json:"@id,omitempty" strict:"like=iri"`
	Name        string   `json:"name" strict:"req"`
	Description string   `json:"description,omitempty"`
	Aliases     []string `json:"aliases,omitempty" strict:"unique"`
}

// Product is a component with those of its parts that the statement is about.
type Product struct {
	ID            string       `json:"@id,omitempty" strict:"like=iri"`
	Identifiers   *Identifiers `json:"identifiers,omitempty"`
	Hashes        *Hashes      `json:"hashes,omitempty"`
	Subcomponents []Component  `json:"subcomponents,omitempty" strict:"unique"`
}

// Component is a piece of software.
type Component struct {
	ID          string       `json:"@id,omitempty" strict:"like=iri"`
	Identifiers *Identifiers `json:"identifiers,omitempty"`
	Hashes      *Hashes      `json:"hashes,omitempty"`
}

// Identifiers name a component in other systems; at least one is there.
type Identifiers struct {
	PURL  string `json:"purl,omitempty"`
	CPE22 string `json:"cpe22,omitempty"`
	CPE23 string `json:"cpe23,omitempty"`
}

// Hashes are those of a component, in hexadecimal.
type Hashes struct {
	MD5        string `json:"md5,omitempty"`
	SHA1       string `json:"sha1,omitempty"`
	SHA256     string `json:"sha-256,omitempty"`
	SHA384     string `json:"sha-384,omitempty"`
	SHA512     string `json:"sha-512,omitempty"`
	SHA3224    string `json:"sha3-224,omitempty"`
	SHA3256    string `json:"sha3-256,omitempty"`
	SHA3384    string `json:"sha3-384,omitempty"`
	SHA3512    string `json:"sha3-512,omitempty"`
	BLAKE2s256 string `json:"blake2s-256,omitempty"`
	BLAKE2b256 string `json:"blake2b-256,omitempty"`
	BLAKE2b512 string `json:"blake2b-512,omitempty"`
}

// Read reads an OpenVEX document and reports every problem. It is usable when
// problems.Fatal() is false; otherwise it holds what could be read.
func Read(data []byte, limits strictjson.Limits) (*Document, strictjson.Problems) {
	return documents.Read(data, limits)
}

// documents is the plan of the reader; it compiles when it is used first.
var documents = strictjson.For[Document](strictjson.Rules{
	Unknown: strictjson.Refuse,
	Formats: map[string]strictjson.Format{
		"uri":  {What: "an absolute URI", Match: strictjson.IsURI},
		"iri":  {What: "an absolute IRI", Match: isIRI},
		"date": {What: "an RFC 3339 date-time", Match: strictjson.IsDateTime},
	},
	Checks: []strictjson.Check{
		strictjson.On(func(_ *Product, o *strictjson.Object) { identified(o) }),
		strictjson.On(func(_ *Component, o *strictjson.Object) { identified(o) }),
		strictjson.On(func(_ *Identifiers, o *strictjson.Object) {
			if !o.Has("purl") && !o.Has("cpe22") && !o.Has("cpe23") {
				o.Wrong("", "one of purl, cpe22 and cpe23 is needed")
			}
		}),
		strictjson.On(explained),
	},
})

func isIRI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs()
}

// identified asks for an @id or identifiers.
func identified(o *strictjson.Object) {
	if !o.Has("@id") && !o.Has("identifiers") {
		o.Wrong("", "@id or identifiers is needed")
	}
}

// explained asks for the reason of not_affected and the action of affected.
func explained(s *Statement, o *strictjson.Object) {
	if s.Status == NotAffected && !o.Has("justification") && !o.Has("impact_statement") {
		o.Wrong("", "a justification or an impact_statement is needed for not_affected")
	}
	if s.Status == Affected && !o.Has("action_statement") {
		o.Wrong("", "an action_statement is needed for affected")
	}
}
