package csaf21

import "encoding/json"

// Metric is a rating, who made it, and the products it is for (3.2.4.10).
type Metric struct {
	Content  Content  `json:"content" strict:"req"`
	Products []string `json:"products" strict:"req,unique"`
	Source   string   `json:"source,omitempty" strict:"like=uri"`
}

// Content holds the ratings of one metric (3.2.4.10.1), at least one.
type Content struct {
	_           struct{}    `strict:"min=1"`
	CVSSv2      *CVSSv2     `json:"cvss_v2,omitempty"`
	CVSSv3      *CVSSv3     `json:"cvss_v3,omitempty"`
	CVSSv4      *CVSSv4     `json:"cvss_v4,omitempty"`
	EPSS        *EPSS       `json:"epss,omitempty"`
	Qualitative string      `json:"qualitative_severity_rating,omitempty" strict:"enum=critical|high|low|medium|none"`
	SSVC        *SSVC       `json:"ssvc_v2,omitempty"`
	Extensions  []Extension `json:"x_extensions,omitempty" strict:"unique"`
}

// EPSS is a score of the Exploit Prediction Scoring System; the numbers are texts
// between "0.0" and "1.0".
type EPSS struct {
	Percentile  string `json:"percentile" strict:"req,like=epss"`
	Probability string `json:"probability" strict:"req,like=epss"`
	Timestamp   Date   `json:"timestamp" strict:"req,like=date"`
}

// SSVC is a selection list of the Stakeholder-Specific Vulnerability Categorization,
// schema version 2.0.0 of CERT/CC.
type SSVC struct {
	DecisionPointResources []SSVCReference `json:"decision_point_resources,omitempty"`
	References             []SSVCReference `json:"references,omitempty"`
	SchemaVersion          string          `json:"schemaVersion" strict:"req,enum=2.0.0"`
	Selections             []SSVCSelection `json:"selections" strict:"req"`
	TargetIDs              []string        `json:"target_ids,omitempty" strict:"unique,empty"`
	Timestamp              Date            `json:"timestamp" strict:"req,like=date"`
}

// SSVCReference is a link of a selection list.
type SSVCReference struct {
	Summary string `json:"summary" strict:"req,empty"`
	URI     string `json:"uri" strict:"req,like=uri"`
}

// SSVCSelection is a decision point and the values selected of it.
type SSVCSelection struct {
	Definition string      `json:"definition,omitempty"`
	Key        string      `json:"key" strict:"req,like=ssvckey"`
	Name       string      `json:"name,omitempty"`
	Namespace  string      `json:"namespace" strict:"req,len=3-1000,like=ssvcnamespace"`
	Values     []SSVCValue `json:"values" strict:"req"`
	Version    string      `json:"version" strict:"req,like=semver"`
}

// SSVCValue is one value of a decision point.
type SSVCValue struct {
	Definition string `json:"definition,omitempty"`
	Key        string `json:"key" strict:"req,like=ssvckey"`
	Name       string `json:"name,omitempty"`
}

// Extension is the content of a CSAF extension (3.1.3 and 2.4): what its own schema
// describes is kept as it is.
type Extension struct {
	Schema   string          `json:"$schema" strict:"req,like=extension"`
	Category string          `json:"category" strict:"req,enum=essential|significant|supplementary"`
	Content  json.RawMessage `json:"content" strict:"req,object,min=1"`
	Critical bool            `json:"critical" strict:"req"`
}
