package osv

import "encoding/json"

// Schema is the version of the schema that this package follows.
const Schema = "1.9.0"

// Record is one vulnerability.
type Record struct {
	_                struct{}        `strict:"unknown=refuse"`
	SchemaVersion    string          `json:"schema_version,omitzero"`
	ID               string          `json:"id" strict:"req,like=id"`
	Modified         string          `json:"modified" strict:"req,like=time"`
	Published        string          `json:"published,omitzero" strict:"like=time"`
	Withdrawn        string          `json:"withdrawn,omitzero" strict:"like=time"`
	Aliases          []string        `json:"aliases,omitzero" strict:"null"`
	Related          []string        `json:"related,omitzero"`
	Upstream         []string        `json:"upstream,omitzero"`
	Summary          string          `json:"summary,omitzero"`
	Details          string          `json:"details,omitzero"`
	Severity         []Severity      `json:"severity,omitzero" strict:"null"`
	Affected         []Affected      `json:"affected,omitzero" strict:"null"`
	References       []Reference     `json:"references,omitzero" strict:"null"`
	Credits          []Credit        `json:"credits,omitzero"`
	DatabaseSpecific json.RawMessage `json:"database_specific,omitzero" strict:"object"`
}

// Severity is one score. Its text follows the type: a CVSS vector or a word.
type Severity struct {
	Type   string `json:"type" strict:"req,enum=CVSS_V2|CVSS_V3|CVSS_V4|Ubuntu"`
	Score  string `json:"score" strict:"req"`
	Source string `json:"source,omitzero" strict:"enum=NVD|CNA|SELF"`
}

// Affected is one package and what of it is affected.
type Affected struct {
	Package           *Package        `json:"package,omitzero"`
	Severity          []Severity      `json:"severity,omitzero" strict:"null"`
	Ranges            []Range         `json:"ranges,omitzero"`
	Versions          []string        `json:"versions,omitzero"`
	EcosystemSpecific json.RawMessage `json:"ecosystem_specific,omitzero" strict:"object"`
	DatabaseSpecific  json.RawMessage `json:"database_specific,omitzero" strict:"object"`
}

// Package names a package of an ecosystem.
type Package struct {
	Ecosystem string `json:"ecosystem" strict:"req,like=ecosystem"`
	Name      string `json:"name" strict:"req"`
	PURL      string `json:"purl,omitzero"`
}

// The types of ranges.
const (
	Git       = "GIT"
	Semver    = "SEMVER"
	Ecosystem = "ECOSYSTEM"
)

// Range is a list of events on a line of versions or commits.
type Range struct {
	Type             string          `json:"type" strict:"req,enum=GIT|SEMVER|ECOSYSTEM"`
	Repo             string          `json:"repo,omitzero"`
	Events           []Event         `json:"events" strict:"req,items=1"`
	DatabaseSpecific json.RawMessage `json:"database_specific,omitzero" strict:"object"`
}

// Event is exactly one of its members, which are nil when they are absent.
type Event struct {
	Introduced   *string `json:"introduced,omitzero"`
	Fixed        *string `json:"fixed,omitzero"`
	LastAffected *string `json:"last_affected,omitzero"`
	Limit        *string `json:"limit,omitzero"`
}

// Reference is an address with more information.
type Reference struct {
	Type string `json:"type" strict:"req,enum=ADVISORY|ARTICLE|DETECTION|DISCUSSION|REPORT|FIX|INTRODUCED|GIT|PACKAGE|EVIDENCE|WEB"`
	URL  string `json:"url" strict:"req,like=uri"`
}

// Credit names somebody who helped.
type Credit struct {
	Name    string   `json:"name" strict:"req"`
	Contact []string `json:"contact,omitzero"`
	Type    string   `json:"type,omitzero" strict:"enum=FINDER|REPORTER|ANALYST|COORDINATOR|REMEDIATION_DEVELOPER|REMEDIATION_REVIEWER|REMEDIATION_VERIFIER|TOOL|SPONSOR|OTHER"`
}
