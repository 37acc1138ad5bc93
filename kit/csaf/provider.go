package csaf

// Provider is a provider-metadata.json (standard, 7.1.7 and its JSON schema): who
// publishes, where, and with which keys.
type Provider struct {
	CanonicalURL        string      `json:"canonical_url" strict:"req,like=providerurl"`
	Distributions       []Source    `json:"distributions,omitempty" strict:"unique"`
	LastUpdated         Date        `json:"last_updated" strict:"req,like=date"`
	ListOnAggregators   bool        `json:"list_on_CSAF_aggregators" strict:"req"`
	MetadataVersion     string      `json:"metadata_version" strict:"req,enum=2.0"`
	MirrorOnAggregators bool        `json:"mirror_on_CSAF_aggregators" strict:"req"`
	PublicKeys          []PublicKey `json:"public_openpgp_keys,omitempty" strict:"items=0"`
	Publisher           Publisher   `json:"publisher" strict:"req"`
	Role                string      `json:"role" strict:"req,enum=csaf_publisher|csaf_provider|csaf_trusted_provider"`
}

// TrustedProvider is the role of a provider whose documents have hashes and
// signatures (7.2.3).
const TrustedProvider = "csaf_trusted_provider"

// Source is one place where documents can be had: a directory, ROLIE feeds or both.
type Source struct {
	_            struct{} `strict:"min=1"`
	DirectoryURL string   `json:"directory_url,omitempty" strict:"like=uri"`
	ROLIE        *ROLIE   `json:"rolie,omitempty"`
}

// ROLIE lists the feeds of a provider and the documents about them.
type ROLIE struct {
	Categories []string  `json:"categories,omitempty" strict:"unique,like=jsonurl"`
	Feeds      []FeedRef `json:"feeds" strict:"req,unique"`
	Services   []string  `json:"services,omitempty" strict:"unique,like=jsonurl"`
}

// FeedRef is one feed by its label.
type FeedRef struct {
	Summary  string `json:"summary,omitempty" strict:"empty"`
	TLPLabel string `json:"tlp_label" strict:"req,enum=UNLABELED|WHITE|GREEN|AMBER|RED"`
	URL      string `json:"url" strict:"req,like=jsonurl"`
}

// PublicKey is an OpenPGP key that signs the documents.
type PublicKey struct {
	Fingerprint string `json:"fingerprint,omitempty" strict:"like=fingerprint"`
	URL         string `json:"url" strict:"req,like=uri"`
}
