package cve

import "encoding/json"

// Description is a text in one language.
type Description struct {
	Lang            string  `json:"lang" strict:"req,like=lang"`
	Value           string  `json:"value" strict:"req,len=1-4096"`
	SupportingMedia []Media `json:"supportingMedia,omitzero" strict:"items=1,unique"`
}

// Media is the same text in another form, as HTML or an image.
type Media struct {
	Type   string `json:"type" strict:"req,len=1-256"`
	Base64 *bool  `json:"base64,omitempty"`
	Value  string `json:"value" strict:"req,len=1-16384"`
}

// Product is an affected product and its versions.
type Product struct {
	_               struct{}  `strict:"unknown=warn"`
	Vendor          string    `json:"vendor,omitempty" strict:"len=1-512"`
	Product         string    `json:"product,omitempty" strict:"len=1-2048"`
	CollectionURL   string    `json:"collectionURL,omitempty" strict:"like=uri,len=1-2048"`
	PackageName     string    `json:"packageName,omitempty" strict:"len=1-2048"`
	PackageURL      string    `json:"packageURL,omitempty" strict:"like=uri,len=1-2048"` // 5.2: a package URL without version
	CPEs            []string  `json:"cpes,omitzero" strict:"unique,like=cpe"`
	Modules         []string  `json:"modules,omitzero" strict:"unique,like=module"`
	ProgramFiles    []string  `json:"programFiles,omitzero" strict:"unique,like=file"`
	ProgramRoutines []Routine `json:"programRoutines,omitzero" strict:"unique"`
	Platforms       []string  `json:"platforms,omitzero" strict:"items=1,unique,like=platform"`
	Repo            string    `json:"repo,omitempty" strict:"like=uri,len=1-2048"`
	DefaultStatus   string    `json:"defaultStatus,omitempty" strict:"enum=affected|unaffected|unknown"`
	Versions        []Version `json:"versions,omitzero" strict:"items=1,unique"`
}

// Routine is a function of a product.
type Routine struct {
	Name string `json:"name" strict:"req,len=1-4096"`
}

// Version is a version or a range of them and its status.
type Version struct {
	Version         string   `json:"version" strict:"req,len=1-1024"`
	Status          string   `json:"status" strict:"req,enum=affected|unaffected|unknown"`
	VersionType     string   `json:"versionType,omitempty" strict:"len=1-128"`
	LessThan        string   `json:"lessThan,omitempty" strict:"len=1-1024"`
	LessThanOrEqual string   `json:"lessThanOrEqual,omitempty" strict:"len=1-1024"`
	Changes         []Change `json:"changes,omitzero" strict:"items=1,unique"`
}

// Change is a version within a range from which on the status is another.
type Change struct {
	At     string `json:"at" strict:"req,len=1-1024"`
	Status string `json:"status" strict:"req,enum=affected|unaffected|unknown"`
}

// ProblemType is a weakness.
type ProblemType struct {
	Descriptions []Problemtext `json:"descriptions" strict:"req,items=1,unique"`
}

// Problemtext names a weakness in one language.
type Problemtext struct {
	Lang        string      `json:"lang" strict:"req,like=lang"`
	Description string      `json:"description" strict:"req,len=1-4096"`
	CWE         string      `json:"cweId,omitempty" strict:"len=5-9,like=cwe"`
	Type        string      `json:"type,omitempty" strict:"len=1-128"`
	References  []Reference `json:"references,omitzero" strict:"items=1-512,unique"`
}

// Reference is an address with more information.
type Reference struct {
	URL  string   `json:"url" strict:"req,like=uri,len=1-2048"`
	Name string   `json:"name,omitempty" strict:"len=1-512"`
	Tags []string `json:"tags,omitzero" strict:"items=1,unique,like=reftag"`
}

// Impact is what an attack may achieve.
type Impact struct {
	CAPEC        string        `json:"capecId,omitempty" strict:"len=7-11,like=capec"`
	Descriptions []Description `json:"descriptions" strict:"req,items=1,unique"`
}

// Metric is one score, in one or several systems.
type Metric struct {
	Format    string     `json:"format,omitempty" strict:"len=1-64"`
	Scenarios []Scenario `json:"scenarios,omitzero" strict:"items=1,unique"`
	V4        *CVSSv4    `json:"cvssV4_0,omitempty"`
	V31       *CVSSv31   `json:"cvssV3_1,omitempty"`
	V30       *CVSSv30   `json:"cvssV3_0,omitempty"`
	V2        *CVSSv2    `json:"cvssV2_0,omitempty"`
	Other     *Other     `json:"other,omitempty"`
}

// Scenario says when a score holds.
type Scenario struct {
	Lang  string `json:"lang" strict:"req,like=lang"`
	Value string `json:"value" strict:"req,len=1-4096"`
}

// Other is a score in a system that the format does not know.
type Other struct {
	Type    string          `json:"type" strict:"req,len=1-128"`
	Content json.RawMessage `json:"content" strict:"req,object,min=1"`
}

// Event is a line of the timeline.
type Event struct {
	Time  string `json:"time" strict:"req,like=time"`
	Lang  string `json:"lang" strict:"req,like=lang"`
	Value string `json:"value" strict:"req,len=1-4096"`
}

// Credit names somebody who helped.
type Credit struct {
	Lang  string `json:"lang" strict:"req,like=lang"`
	Value string `json:"value" strict:"req,len=1-4096"`
	User  string `json:"user,omitempty" strict:"like=uuid"`
	Type  string `json:"type,omitempty" strict:"enum=finder|reporter|analyst|coordinator|remediation developer|remediation reviewer|remediation verifier|tool|sponsor|other"`
}

// Taxonomy maps the flaw to ids of another system.
type Taxonomy struct {
	Name      string     `json:"taxonomyName" strict:"req,len=1-128"`
	Version   string     `json:"taxonomyVersion,omitempty" strict:"len=1-128"`
	Relations []Relation `json:"taxonomyRelations" strict:"req,items=1,unique"`
}

// Relation is one id of another system.
type Relation struct {
	ID    string `json:"taxonomyId" strict:"req,len=1-2048"`
	Name  string `json:"relationshipName" strict:"req,len=1-128"`
	Value string `json:"relationshipValue" strict:"req,len=1-2048"`
}
