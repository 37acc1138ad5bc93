package csaf

// Schema20 is the address of the JSON schema of a CSAF 2.0 document.
const Schema20 = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"

// Version20 is the value of csaf_version in a CSAF 2.0 document.
const Version20 = "2.0"

// Advisory is one CSAF 2.0 document (standard, section 3.2).
type Advisory struct {
	Document        Document        `json:"document" strict:"req"`
	ProductTree     *ProductTree    `json:"product_tree,omitempty"`
	Vulnerabilities []Vulnerability `json:"vulnerabilities,omitempty"`
}

// Document is the meta-data of an advisory (3.2.1).
type Document struct {
	Acknowledgments   []Acknowledgment   `json:"acknowledgments,omitempty"`
	AggregateSeverity *AggregateSeverity `json:"aggregate_severity,omitempty"`
	Category          string             `json:"category" strict:"req,like=category"`
	CSAFVersion       string             `json:"csaf_version" strict:"req,enum=2.0"`
	Distribution      *Distribution      `json:"distribution,omitempty"`
	Lang              string             `json:"lang,omitempty" strict:"like=lang"`
	Notes             []Note             `json:"notes,omitempty"`
	Publisher         Publisher          `json:"publisher" strict:"req"`
	References        []Reference        `json:"references,omitempty"`
	SourceLang        string             `json:"source_lang,omitempty" strict:"like=lang"`
	Title             string             `json:"title" strict:"req"`
	Tracking          Tracking           `json:"tracking" strict:"req"`
}

// Acknowledgment names who contributed (3.1.1).
type Acknowledgment struct {
	_            struct{} `strict:"min=1"`
	Names        []string `json:"names,omitempty"`
	Organization string   `json:"organization,omitempty"`
	Summary      string   `json:"summary,omitempty"`
	URLs         []string `json:"urls,omitempty" strict:"like=uri"`
}

// AggregateSeverity is the publisher's own word for the severity (3.2.1.2).
type AggregateSeverity struct {
	Namespace string `json:"namespace,omitempty" strict:"like=uri"`
	Text      string `json:"text" strict:"req"`
}

// Distribution says how the document may be shared (3.2.1.5).
type Distribution struct {
	_    struct{} `strict:"min=1"`
	Text string   `json:"text,omitempty"`
	TLP  *TLP     `json:"tlp,omitempty"`
}

// The labels of the Traffic Light Protocol 1.0, as CSAF 2.0 spells them.
const (
	White = "WHITE"
	Green = "GREEN"
	Amber = "AMBER"
	Red   = "RED"
)

// TLP is the label of the Traffic Light Protocol (3.2.1.5.2).
type TLP struct {
	Label string `json:"label" strict:"req,enum=AMBER|GREEN|RED|WHITE"`
	URL   string `json:"url,omitempty" strict:"like=uri"`
}

// Note is a piece of prose (3.1.5).
type Note struct {
	Audience string `json:"audience,omitempty"`
	Category string `json:"category" strict:"req,enum=description|details|faq|general|legal_disclaimer|other|summary"`
	Text     string `json:"text" strict:"req"`
	Title    string `json:"title,omitempty"`
}

// Publisher is who issues the document (3.2.1.8).
type Publisher struct {
	Category         string `json:"category" strict:"req,enum=coordinator|discoverer|other|translator|user|vendor"`
	ContactDetails   string `json:"contact_details,omitempty"`
	IssuingAuthority string `json:"issuing_authority,omitempty"`
	Name             string `json:"name" strict:"req"`
	Namespace        string `json:"namespace" strict:"req,like=uri"`
}

// Reference is a link with what it is (3.1.10). An empty category means "external".
type Reference struct {
	Category string `json:"category,omitempty" strict:"enum=external|self"`
	Summary  string `json:"summary" strict:"req"`
	URL      string `json:"url" strict:"req,like=uri"`
}

// The states of a document (3.2.1.12.7).
const (
	Draft   = "draft"
	Interim = "interim"
	Final   = "final"
)

// Tracking holds id, dates, status and history (3.2.1.12).
type Tracking struct {
	Aliases            []string   `json:"aliases,omitempty" strict:"unique"`
	CurrentReleaseDate Date       `json:"current_release_date" strict:"req,like=date"`
	Generator          *Generator `json:"generator,omitempty"`
	ID                 string     `json:"id" strict:"req,like=id"`
	InitialReleaseDate Date       `json:"initial_release_date" strict:"req,like=date"`
	RevisionHistory    []Revision `json:"revision_history" strict:"req"`
	Status             string     `json:"status" strict:"req,enum=draft|final|interim"`
	Version            string     `json:"version" strict:"req,like=version"`
}

// Generator is the program that wrote the document (3.2.1.12.3).
type Generator struct {
	Date   Date   `json:"date,omitempty" strict:"like=date"`
	Engine Engine `json:"engine" strict:"req"`
}

// Engine is the name and version of that program.
type Engine struct {
	Name    string `json:"name" strict:"req"`
	Version string `json:"version,omitempty"`
}

// Revision is one line of the history (3.2.1.12.6).
type Revision struct {
	Date          Date   `json:"date" strict:"req,like=date"`
	LegacyVersion string `json:"legacy_version,omitempty"`
	Number        string `json:"number" strict:"req,like=version"`
	Summary       string `json:"summary" strict:"req"`
}
