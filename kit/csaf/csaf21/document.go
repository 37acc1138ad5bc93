package csaf21

import "github.com/tocsin-sec/tocsin/kit/csaf"

// SchemaURL is the address of the JSON schema of a CSAF 2.1 document, the value of
// its member $schema.
const SchemaURL = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"

// Version is the value of csaf_version in a CSAF 2.1 document.
const Version = "2.1"

// Advisory is one CSAF 2.1 document (standard, section 3.2).
type Advisory struct {
	Schema          string          `json:"$schema" strict:"req,enum=https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"`
	Document        Document        `json:"document" strict:"req"`
	ProductTree     *ProductTree    `json:"product_tree,omitempty"`
	Vulnerabilities []Vulnerability `json:"vulnerabilities,omitempty"`
	Extensions      []Extension     `json:"x_extensions,omitempty" strict:"unique"`
}

// Document is the meta-data of an advisory (3.2.2).
type Document struct {
	Acknowledgments   []Acknowledgment   `json:"acknowledgments,omitempty"`
	AggregateSeverity *AggregateSeverity `json:"aggregate_severity,omitempty"`
	Category          string             `json:"category" strict:"req,like=category"`
	CSAFVersion       string             `json:"csaf_version" strict:"req,enum=2.1"`
	Distribution      *Distribution      `json:"distribution" strict:"req"`
	Lang              string             `json:"lang,omitempty" strict:"like=lang"`
	LicenseExpression string             `json:"license_expression,omitempty"`
	Notes             []Note             `json:"notes,omitempty"`
	Publisher         Publisher          `json:"publisher" strict:"req"`
	References        []Reference        `json:"references,omitempty"`
	SourceLang        string             `json:"source_lang,omitempty" strict:"like=lang"`
	Title             string             `json:"title" strict:"req"`
	Tracking          Tracking           `json:"tracking" strict:"req"`
	Extensions        []Extension        `json:"x_extensions,omitempty" strict:"unique"`
}

// The types that CSAF 2.1 has unchanged from 2.0: values of one version can be used
// in the other.
type (
	Date              = csaf.Date
	Acknowledgment    = csaf.Acknowledgment
	AggregateSeverity = csaf.AggregateSeverity
	Reference         = csaf.Reference
	Tracking          = csaf.Tracking
	Generator         = csaf.Generator
	Engine            = csaf.Engine
	Revision          = csaf.Revision
	ProductGroup      = csaf.ProductGroup
	GenericURI        = csaf.GenericURI
	Flag              = csaf.Flag
	RestartRequired   = csaf.RestartRequired
	Threat            = csaf.Threat
	CVSSv2            = csaf.CVSSv2
	CVSSv3            = csaf.CVSSv3
)

// Distribution says how the document may be shared (3.2.2.5).
type Distribution struct {
	SharingGroup *SharingGroup `json:"sharing_group,omitempty"`
	Text         string        `json:"text,omitempty"`
	TLP          *TLP          `json:"tlp" strict:"req"`
}

// SharingGroup is the group that the document is shared with (3.2.2.5.1).
type SharingGroup struct {
	ID   string `json:"id" strict:"req,like=sharing"`
	Name string `json:"name,omitempty"`
}

// The two ids of sharing groups that are not one's own (3.2.2.5.1).
const (
	MaxUUID = "ffffffff-ffff-ffff-ffff-ffffffffffff" // public
	NilUUID = "00000000-0000-0000-0000-000000000000" // no group
)

// The labels of the Traffic Light Protocol 2.0.
const (
	Clear       = "CLEAR"
	Green       = "GREEN"
	Amber       = "AMBER"
	AmberStrict = "AMBER+STRICT"
	Red         = "RED"
)

// TLP is the label of the Traffic Light Protocol (3.2.2.5.3).
type TLP struct {
	Label string `json:"label" strict:"req,enum=AMBER|AMBER+STRICT|CLEAR|GREEN|RED"`
	URL   string `json:"url,omitempty" strict:"like=uri"`
}

// Note is a piece of prose (3.1.6), of the document or of some of its products.
type Note struct {
	Audience   string   `json:"audience,omitempty"`
	Category   string   `json:"category" strict:"req,enum=description|details|faq|general|legal_disclaimer|other|summary"`
	GroupIDs   []string `json:"group_ids,omitempty" strict:"unique"`
	ProductIDs []string `json:"product_ids,omitempty" strict:"unique"`
	Text       string   `json:"text" strict:"req"`
	Title      string   `json:"title,omitempty"`
}

// Publisher is who issues the document (3.2.2.9).
type Publisher struct {
	Category         string `json:"category" strict:"req,enum=coordinator|discoverer|multiplier|other|translator|user|vendor"`
	ContactDetails   string `json:"contact_details,omitempty"`
	IssuingAuthority string `json:"issuing_authority,omitempty"`
	Name             string `json:"name" strict:"req"`
	Namespace        string `json:"namespace" strict:"req,like=uri"`
}
