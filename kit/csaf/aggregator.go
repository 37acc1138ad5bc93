package csaf

// Aggregator is an aggregator.json (standard, 7.1.21 and its JSON schema): which
// providers and publishers somebody lists or mirrors.
type Aggregator struct {
	Aggregator        AggregatorInfo        `json:"aggregator" strict:"req"`
	AggregatorVersion string                `json:"aggregator_version" strict:"req,enum=2.0"`
	CanonicalURL      string                `json:"canonical_url" strict:"req,like=aggregatorurl"`
	Providers         []AggregatedProvider  `json:"csaf_providers" strict:"req,unique"`
	Publishers        []AggregatedPublisher `json:"csaf_publishers,omitempty" strict:"unique"`
	LastUpdated       Date                  `json:"last_updated" strict:"req,like=date"`
}

// AggregatorInfo says who runs the aggregator.
type AggregatorInfo struct {
	Category         string `json:"category" strict:"req,enum=aggregator|lister"`
	ContactDetails   string `json:"contact_details,omitempty"`
	IssuingAuthority string `json:"issuing_authority,omitempty"`
	Name             string `json:"name" strict:"req"`
	Namespace        string `json:"namespace" strict:"req,like=uri"`
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
	Role        string    `json:"role,omitempty" strict:"enum=csaf_publisher|csaf_provider|csaf_trusted_provider"`
	URL         string    `json:"url" strict:"req,like=providerurl"`
}
