package csaf21

// CVSSv4 is a CVSS 4.0 score as FIRST's JSON schema writes it. Version, vector, base
// score and base severity are enough; the rest repeats the vector in words.
type CVSSv4 struct {
	Automatable                       string  `json:"Automatable,omitempty" strict:"enum=NO|YES|NOT_DEFINED"`
	Recovery                          string  `json:"Recovery,omitempty" strict:"enum=AUTOMATIC|USER|IRRECOVERABLE|NOT_DEFINED"`
	Safety                            string  `json:"Safety,omitempty" strict:"enum=NEGLIGIBLE|PRESENT|NOT_DEFINED"`
	AttackComplexity                  string  `json:"attackComplexity,omitempty" strict:"enum=HIGH|LOW"`
	AttackRequirements                string  `json:"attackRequirements,omitempty" strict:"enum=NONE|PRESENT"`
	AttackVector                      string  `json:"attackVector,omitempty" strict:"enum=NETWORK|ADJACENT|LOCAL|PHYSICAL"`
	AvailabilityRequirement           string  `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	BaseScore                         float64 `json:"baseScore" strict:"req,min=0,max=10"`
	BaseSeverity                      string  `json:"baseSeverity" strict:"req,enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ConfidentialityRequirement        string  `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ExploitMaturity                   string  `json:"exploitMaturity,omitempty" strict:"enum=UNREPORTED|PROOF_OF_CONCEPT|ATTACKED|NOT_DEFINED"`
	IntegrityRequirement              string  `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ModifiedAttackComplexity          string  `json:"modifiedAttackComplexity,omitempty" strict:"enum=HIGH|LOW|NOT_DEFINED"`
	ModifiedAttackRequirements        string  `json:"modifiedAttackRequirements,omitempty" strict:"enum=NONE|PRESENT|NOT_DEFINED"`
	ModifiedAttackVector              string  `json:"modifiedAttackVector,omitempty" strict:"enum=NETWORK|ADJACENT|LOCAL|PHYSICAL|NOT_DEFINED"`
	ModifiedPrivilegesRequired        string  `json:"modifiedPrivilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE|NOT_DEFINED"`
	ModifiedSubAvailabilityImpact     string  `json:"modifiedSubAvailabilityImpact,omitempty" strict:"enum=NEGLIGIBLE|LOW|HIGH|SAFETY|NOT_DEFINED"`
	ModifiedSubConfidentialityImpact  string  `json:"modifiedSubConfidentialityImpact,omitempty" strict:"enum=NEGLIGIBLE|LOW|HIGH|NOT_DEFINED"`
	ModifiedSubIntegrityImpact        string  `json:"modifiedSubIntegrityImpact,omitempty" strict:"enum=NEGLIGIBLE|LOW|HIGH|SAFETY|NOT_DEFINED"`
	ModifiedUserInteraction           string  `json:"modifiedUserInteraction,omitempty" strict:"enum=NONE|PASSIVE|ACTIVE|NOT_DEFINED"`
	ModifiedVulnAvailabilityImpact    string  `json:"modifiedVulnAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedVulnConfidentialityImpact string  `json:"modifiedVulnConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedVulnIntegrityImpact       string  `json:"modifiedVulnIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	PrivilegesRequired                string  `json:"privilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE"`
	ProviderUrgency                   string  `json:"providerUrgency,omitempty" strict:"enum=CLEAR|GREEN|AMBER|RED|NOT_DEFINED"`
	SubAvailabilityImpact             string  `json:"subAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	SubConfidentialityImpact          string  `json:"subConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	SubIntegrityImpact                string  `json:"subIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	UserInteraction                   string  `json:"userInteraction,omitempty" strict:"enum=NONE|PASSIVE|ACTIVE"`
	ValueDensity                      string  `json:"valueDensity,omitempty" strict:"enum=DIFFUSE|CONCENTRATED|NOT_DEFINED"`
	VectorString                      string  `json:"vectorString" strict:"req,like=cvss4"`
	Version                           string  `json:"version" strict:"req,enum=4.0"`
	VulnAvailabilityImpact            string  `json:"vulnAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	VulnConfidentialityImpact         string  `json:"vulnConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	VulnIntegrityImpact               string  `json:"vulnIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	VulnerabilityResponseEffort       string  `json:"vulnerabilityResponseEffort,omitempty" strict:"enum=LOW|MODERATE|HIGH|NOT_DEFINED"`
}
