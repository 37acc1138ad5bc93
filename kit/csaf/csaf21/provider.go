package csaf21

import "github.com/tocsin-sec/tocsin/kit/csaf"

// ProviderSchemaURL is the address of the JSON schema of a provider-metadata.json.
const ProviderSchemaURL = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"

// AggregatorSchemaURL is the address of the JSON schema of an aggregator.json.
const AggregatorSchemaURL = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/aggregator.json"

// Provider is a provider-metadata.json (7.1.7 and its JSON schema): who publishes,
// where, and with which keys.
type Provider struct {
	Schema              string      `json:"$schema" strict:"req,enum=https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"`
	CanonicalURL        string      `json:"canonical_url" strict:"req,like=providerurl"`
	Distributions       []Source    `json:"distributions,omitempty" strict:"unique"`
	LastUpdated         Date        `json:"last_updated" strict:"req,like=date"`
	ListOnAggregators   bool        `json:"list_on_CSAF_aggregators" strict:"req"`
	MaintainedFrom      Date        `json:"maintained_from,omitempty" strict:"like=date"`
	MaintainedUntil     Date        `json:"maintained_until,omitempty" strict:"like=date"`
	MetadataVersion     string      `json:"metadata_version" strict:"req,enum=2.1"`
	MirrorOnAggregators bool        `json:"mirror_on_CSAF_aggregators" strict:"req"`
	PublicKeys          []PublicKey `json:"public_openpgp_keys,omitempty" strict:"items=0"`
	Publisher           Publisher   `json:"publisher" strict:"req"`
	Role                string      `json:"role" strict:"req,enum=csaf_publisher|csaf_provider|csaf_trusted_provider"`
}

// Source is one place where documents can be had: a directory, ROLIE feeds or both.
type Source struct {
	_         struct{}   `strict:"min=1"`
	Directory *Directory `json:"directory,omitempty"`
	ROLIE     *ROLIE     `json:"rolie,omitempty"`
}

// Directory is a directory of documents of one label.
type Directory struct {
	TLPLabel string `json:"tlp_label" strict:"req,enum=AMBER|AMBER+STRICT|CLEAR|GREEN|RED"`
	URL      string `json:"url" strict:"req,like=uri"`
}

// ROLIE lists the feeds of a provider and the documents about them.
type ROLIE struct {
	Categories []string  `json:"categories,omitempty" strict:"unique,like=jsonurl"`
	Feeds      []FeedRef `json:"feeds" strict:"req,unique"`
	Services   []string  `json:"services,omitempty" strict:"unique,like=jsonurl"`
}

// FeedRef is one feed by its label.
type FeedRef struct {
	LastUpdated Date   `json:"last_updated" strict:"req,like=date"`
	Summary     string `json:"summary,omitempty" strict:"empty"`
	TLPLabel    string `json:"tlp_label" strict:"req,enum=AMBER|AMBER+STRICT|CLEAR|GREEN|RED"`
	URL         string `json:"url" strict:"req,like=jsonurl"`
}

// PublicKey is an OpenPGP key that signs the documents.
type PublicKey struct {
	Fingerprint string `json:"fingerprint" strict:"req,like=fingerprint"`
	URL         string `json:"url" strict:"req,like=uri"`
}

// Aggregator is an aggregator.json (7.1.21): which providers and publishers somebody
// lists or mirrors.
type Aggregator struct {
	Schema            string                `json:"$schema" strict:"req,enum=https://docs.oasis-open.org/csaf/csaf/v2.1/schema/aggregator.json"`
	Aggregator        csaf.AggregatorInfo   `json:"aggregator" strict:"req"`
	AggregatorVersion string                `json:"aggregator_version" strict:"req,enum=2.1"`
	CanonicalURL      string                `json:"canonical_url" strict:"req,like=aggregatorurl"`
	Providers         []AggregatedProvider  `json:"csaf_providers" strict:"req,unique"`
	Publishers        []AggregatedPublisher `json:"csaf_publishers,omitempty" strict:"unique"`
	LastUpdated       Date                  `json:"last_updated" strict:"req,like=date"`
	MaintainedFrom    Date                  `json:"maintained_from,omitempty" strict:"like=date"`
	MaintainedUntil   Date                  `json:"maintained_until,omitempty" strict:"like=date"`
}

// AggregatedProvider is a provider of an aggregator and where it is mirrored.
type AggregatedProvider struct {
	Metadata Metadata `json:"metadata" strict:"req"`
	Mirrors  []string `json:"mirrors,omitempty" strict:"unique,like=providerurl"`
}

// AggregatedPublisher is a publisher of an aggregator, which has no
// provider-metadata.json of its own, and how often it is asked.
type AggregatedPublisher struct {
	Metadata       Metadata `json:"metadata" strict:"req"`
	Mirrors        []string `json:"mirrors" strict:"req,unique,like=providerurl"`
	UpdateInterval string   `json:"update_interval" strict:"req"`
}

// Metadata says who an issuing party is and where its provider-metadata.json lies.
type Metadata struct {
	LastUpdated Date      `json:"last_updated" strict:"req,like=date"`
	Publisher   Publisher `json:"publisher" strict:"req"`
	Role        string    `json:"role" strict:"req,enum=csaf_publisher|csaf_provider|csaf_trusted_provider"`
	URL         string    `json:"url" strict:"req,like=providerurl"`
}

// The ROLIE documents (7.1.15 to 7.1.17) are those of 2.0; only Format names 2.1.
type (
	FeedDocument     = csaf.FeedDocument
	ServiceDocument  = csaf.ServiceDocument
	CategoryDocument = csaf.CategoryDocument
)
