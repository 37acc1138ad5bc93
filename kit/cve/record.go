package cve

import (
	"encoding/json"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// The states of a record.
const (
	Published = "PUBLISHED"
	Rejected  = "REJECTED"
)

// Record is a CVE record: published or rejected, as its metadata says.
type Record struct {
	DataType    string     `json:"dataType" strict:"req,enum=CVE_RECORD"`
	DataVersion string     `json:"dataVersion" strict:"req,like=format"`
	Metadata    Metadata   `json:"cveMetadata" strict:"req"`
	Containers  Containers `json:"containers" strict:"req"`
}

// Metadata is what the CVE Services keep of a record.
type Metadata struct {
	ID                string `json:"cveId" strict:"req,like=cve"`
	AssignerOrgID     string `json:"assignerOrgId" strict:"req,like=uuid"`
	AssignerShortName string `json:"assignerShortName,omitempty" strict:"len=2-32"`
	RequesterUserID   string `json:"requesterUserId,omitempty" strict:"like=uuid"` // of published records
	DateUpdated       string `json:"dateUpdated,omitempty" strict:"like=time"`
	Serial            int    `json:"serial,omitempty" strict:"min=1"`
	DateReserved      string `json:"dateReserved,omitempty" strict:"like=time"`
	DatePublished     string `json:"datePublished,omitempty" strict:"like=time"`
	DateRejected      string `json:"dateRejected,omitempty" strict:"like=time"` // of rejected records
	State             string `json:"state" strict:"req,enum=PUBLISHED|REJECTED"`
}

// Containers hold what the CNA says and what others add.
type Containers struct {
	CNA CNA   `json:"cna" strict:"req"`
	ADP []ADP `json:"adp,omitzero" strict:"items=1,unique"` // of published records
}

// Provider is who wrote a container.
type Provider struct {
	OrgID       string `json:"orgId" strict:"req,like=uuid"`
	ShortName   string `json:"shortName,omitempty" strict:"len=2-32"`
	DateUpdated string `json:"dateUpdated,omitempty" strict:"like=time"`
}

// CNA is the container of the CVE Numbering Authority. A rejected record has
// RejectedReasons and ReplacedBy and nothing of the others but Provider and Rest.
type CNA struct {
	Provider         Provider                   `json:"providerMetadata" strict:"req"`
	DateAssigned     string                     `json:"dateAssigned,omitempty" strict:"like=time"`
	DatePublic       string                     `json:"datePublic,omitempty" strict:"like=time"`
	Title            string                     `json:"title,omitempty" strict:"len=1-256"`
	Descriptions     []Description              `json:"descriptions,omitzero" strict:"items=1,unique"`
	Affected         []Product                  `json:"affected,omitzero" strict:"items=1"`
	ProblemTypes     []ProblemType              `json:"problemTypes,omitzero" strict:"items=1,unique"`
	References       []Reference                `json:"references,omitzero" strict:"items=1-512,unique"`
	Impacts          []Impact                   `json:"impacts,omitzero" strict:"items=1,unique"`
	Metrics          []Metric                   `json:"metrics,omitzero" strict:"items=1,unique"`
	Configurations   []Description              `json:"configurations,omitzero" strict:"items=1,unique"`
	Workarounds      []Description              `json:"workarounds,omitzero" strict:"items=1,unique"`
	Solutions        []Description              `json:"solutions,omitzero" strict:"items=1,unique"`
	Exploits         []Description              `json:"exploits,omitzero" strict:"items=1,unique"`
	Timeline         []Event                    `json:"timeline,omitzero" strict:"items=1,unique"`
	Credits          []Credit                   `json:"credits,omitzero" strict:"items=1,unique"`
	Source           json.RawMessage            `json:"source,omitzero" strict:"object,min=1"`
	Tags             []string                   `json:"tags,omitzero" strict:"items=1,unique,like=cnatag"`
	TaxonomyMappings []Taxonomy                 `json:"taxonomyMappings,omitzero" strict:"items=1,unique"`
	CPEApplicability []CPEApplicability         `json:"cpeApplicability,omitzero"` // from 5.1.1 on
	RejectedReasons  []Description              `json:"rejectedReasons,omitzero" strict:"items=1,unique"`
	ReplacedBy       []string                   `json:"replacedBy,omitzero" strict:"items=1,unique,like=cve"`
	Rest             map[string]json.RawMessage `json:"-" strict:"rest=x_"` // members of the form x_name
}

// MarshalJSON writes the container with its Rest.
func (c CNA) MarshalJSON() ([]byte, error) {
	type plain CNA
	return strictjson.WithRest(plain(c), c.Rest)
}

// ADP is the container of an Authorized Data Publisher.
type ADP struct {
	_                struct{}                   `strict:"min=2"`
	Provider         Provider                   `json:"providerMetadata" strict:"req"`
	DatePublic       string                     `json:"datePublic,omitempty" strict:"like=time"`
	Title            string                     `json:"title,omitempty" strict:"len=1-256"`
	Descriptions     []Description              `json:"descriptions,omitzero" strict:"items=1,unique"`
	Affected         []Product                  `json:"affected,omitzero" strict:"items=1"`
	ProblemTypes     []ProblemType              `json:"problemTypes,omitzero" strict:"items=1,unique"`
	References       []Reference                `json:"references,omitzero" strict:"items=1-512,unique"`
	Impacts          []Impact                   `json:"impacts,omitzero" strict:"items=1,unique"`
	Metrics          []Metric                   `json:"metrics,omitzero" strict:"items=1,unique"`
	Configurations   []Description              `json:"configurations,omitzero" strict:"items=1,unique"`
	Workarounds      []Description              `json:"workarounds,omitzero" strict:"items=1,unique"`
	Solutions        []Description              `json:"solutions,omitzero" strict:"items=1,unique"`
	Exploits         []Description              `json:"exploits,omitzero" strict:"items=1,unique"`
	Timeline         []Event                    `json:"timeline,omitzero" strict:"items=1,unique"`
	Credits          []Credit                   `json:"credits,omitzero" strict:"items=1,unique"`
	Source           json.RawMessage            `json:"source,omitzero" strict:"object,min=1"`
	Tags             []string                   `json:"tags,omitzero" strict:"items=1,unique,like=adptag"`
	TaxonomyMappings []Taxonomy                 `json:"taxonomyMappings,omitzero" strict:"items=1,unique"`
	CPEApplicability []CPEApplicability         `json:"cpeApplicability,omitzero"` // from 5.1.1 on
	Rest             map[string]json.RawMessage `json:"-" strict:"rest=x_"`        // members of the form x_name
}

// MarshalJSON writes the container with its Rest.
func (c ADP) MarshalJSON() ([]byte, error) {
	type plain ADP
	return strictjson.WithRest(plain(c), c.Rest)
}
