package cve

// CVSSv4 is a score of CVSS 4.0, as FIRST's schema has it.
type CVSSv4 struct {
	Version                           string  `json:"version" strict:"req,enum=4.0"`
	VectorString                      string  `json:"vectorString" strict:"req,like=cvssv4"`
	BaseScore                         float64 `json:"baseScore" strict:"req,max=10"`
	BaseSeverity                      string  `json:"baseSeverity" strict:"req,enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	AttackVector                      string  `json:"attackVector,omitempty" strict:"enum=NETWORK|ADJACENT|LOCAL|PHYSICAL"`
	AttackComplexity                  string  `json:"attackComplexity,omitempty" strict:"enum=HIGH|LOW"`
	AttackRequirements                string  `json:"attackRequirements,omitempty" strict:"enum=NONE|PRESENT"`
	PrivilegesRequired                string  `json:"privilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE"`
	UserInteraction                   string  `json:"userInteraction,omitempty" strict:"enum=NONE|PASSIVE|ACTIVE"`
	VulnConfidentialityImpact         string  `json:"vulnConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	VulnIntegrityImpact               string  `json:"vulnIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	VulnAvailabilityImpact            string  `json:"vulnAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	SubConfidentialityImpact          string  `json:"subConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	SubIntegrityImpact                string  `json:"subIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	SubAvailabilityImpact             string  `json:"subAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	ExploitMaturity                   string  `json:"exploitMaturity,omitempty" strict:"enum=UNREPORTED|PROOF_OF_CONCEPT|ATTACKED|NOT_DEFINED"`
	ConfidentialityRequirement        string  `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	IntegrityRequirement              string  `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	AvailabilityRequirement           string  `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ModifiedAttackVector              string  `json:"modifiedAttackVector,omitempty" strict:"enum=NETWORK|ADJACENT|LOCAL|PHYSICAL|NOT_DEFINED"`
	ModifiedAttackComplexity          string  `json:"modifiedAttackComplexity,omitempty" strict:"enum=HIGH|LOW|NOT_DEFINED"`
	ModifiedAttackRequirements        string  `json:"modifiedAttackRequirements,omitempty" strict:"enum=NONE|PRESENT|NOT_DEFINED"`
	ModifiedPrivilegesRequired        string  `json:"modifiedPrivilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE|NOT_DEFINED"`
	ModifiedUserInteraction           string  `json:"modifiedUserInteraction,omitempty" strict:"enum=NONE|PASSIVE|ACTIVE|NOT_DEFINED"`
	ModifiedVulnConfidentialityImpact string  `json:"modifiedVulnConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedVulnIntegrityImpact       string  `json:"modifiedVulnIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedVulnAvailabilityImpact    string  `json:"modifiedVulnAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedSubConfidentialityImpact  string  `json:"modifiedSubConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedSubIntegrityImpact        string  `json:"modifiedSubIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|SAFETY|NOT_DEFINED"`
	ModifiedSubAvailabilityImpact     string  `json:"modifiedSubAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|SAFETY|NOT_DEFINED"`
	Safety                            string  `json:"Safety,omitempty" strict:"enum=NEGLIGIBLE|PRESENT|NOT_DEFINED"`
	Automatable                       string  `json:"Automatable,omitempty" strict:"enum=NO|YES|NOT_DEFINED"`
	Recovery                          string  `json:"Recovery,omitempty" strict:"enum=AUTOMATIC|USER|IRRECOVERABLE|NOT_DEFINED"`
	ValueDensity                      string  `json:"valueDensity,omitempty" strict:"enum=DIFFUSE|CONCENTRATED|NOT_DEFINED"`
	VulnerabilityResponseEffort       string  `json:"vulnerabilityResponseEffort,omitempty" strict:"enum=LOW|MODERATE|HIGH|NOT_DEFINED"`
	ProviderUrgency                   string  `json:"providerUrgency,omitempty" strict:"enum=CLEAR|GREEN|AMBER|RED|NOT_DEFINED"`
}

// CVSSv31 is a score of CVSS 3.1, as FIRST's schema has it.
type CVSSv31 struct {
	Version                       string   `json:"version" strict:"req,enum=3.1"`
	VectorString                  string   `json:"vectorString" strict:"req,like=cvssv31"`
	AttackVector                  string   `json:"attackVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL"`
	AttackComplexity              string   `json:"attackComplexity,omitempty" strict:"enum=HIGH|LOW"`
	PrivilegesRequired            string   `json:"privilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE"`
	UserInteraction               string   `json:"userInteraction,omitempty" strict:"enum=NONE|REQUIRED"`
	Scope                         string   `json:"scope,omitempty" strict:"enum=UNCHANGED|CHANGED"`
	ConfidentialityImpact         string   `json:"confidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	IntegrityImpact               string   `json:"integrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	AvailabilityImpact            string   `json:"availabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	BaseScore                     float64  `json:"baseScore" strict:"req,max=10"`
	BaseSeverity                  string   `json:"baseSeverity" strict:"req,enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ExploitCodeMaturity           string   `json:"exploitCodeMaturity,omitempty" strict:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	RemediationLevel              string   `json:"remediationLevel,omitempty" strict:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence              string   `json:"reportConfidence,omitempty" strict:"enum=UNKNOWN|REASONABLE|CONFIRMED|NOT_DEFINED"`
	TemporalScore                 *float64 `json:"temporalScore,omitempty" strict:"max=10"`
	TemporalSeverity              string   `json:"temporalSeverity,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ConfidentialityRequirement    string   `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	IntegrityRequirement          string   `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	AvailabilityRequirement       string   `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ModifiedAttackVector          string   `json:"modifiedAttackVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL|NOT_DEFINED"`
	ModifiedAttackComplexity      string   `json:"modifiedAttackComplexity,omitempty" strict:"enum=HIGH|LOW|NOT_DEFINED"`
	ModifiedPrivilegesRequired    string   `json:"modifiedPrivilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE|NOT_DEFINED"`
	ModifiedUserInteraction       string   `json:"modifiedUserInteraction,omitempty" strict:"enum=NONE|REQUIRED|NOT_DEFINED"`
	ModifiedScope                 string   `json:"modifiedScope,omitempty" strict:"enum=UNCHANGED|CHANGED|NOT_DEFINED"`
	ModifiedConfidentialityImpact string   `json:"modifiedConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedIntegrityImpact       string   `json:"modifiedIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedAvailabilityImpact    string   `json:"modifiedAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	EnvironmentalScore            *float64 `json:"environmentalScore,omitempty" strict:"max=10"`
	EnvironmentalSeverity         string   `json:"environmentalSeverity,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
}

// CVSSv30 is a score of CVSS 3.0, as FIRST's schema has it.
type CVSSv30 struct {
	Version                       string   `json:"version" strict:"req,enum=3.0"`
	VectorString                  string   `json:"vectorString" strict:"req,like=cvssv30"`
	AttackVector                  string   `json:"attackVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL"`
	AttackComplexity              string   `json:"attackComplexity,omitempty" strict:"enum=HIGH|LOW"`
	PrivilegesRequired            string   `json:"privilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE"`
	UserInteraction               string   `json:"userInteraction,omitempty" strict:"enum=NONE|REQUIRED"`
	Scope                         string   `json:"scope,omitempty" strict:"enum=UNCHANGED|CHANGED"`
	ConfidentialityImpact         string   `json:"confidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	IntegrityImpact               string   `json:"integrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	AvailabilityImpact            string   `json:"availabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	BaseScore                     float64  `json:"baseScore" strict:"req,max=10"`
	BaseSeverity                  string   `json:"baseSeverity" strict:"req,enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ExploitCodeMaturity           string   `json:"exploitCodeMaturity,omitempty" strict:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	RemediationLevel              string   `json:"remediationLevel,omitempty" strict:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence              string   `json:"reportConfidence,omitempty" strict:"enum=UNKNOWN|REASONABLE|CONFIRMED|NOT_DEFINED"`
	TemporalScore                 *float64 `json:"temporalScore,omitempty" strict:"max=10"`
	TemporalSeverity              string   `json:"temporalSeverity,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ConfidentialityRequirement    string   `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	IntegrityRequirement          string   `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	AvailabilityRequirement       string   `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ModifiedAttackVector          string   `json:"modifiedAttackVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL|NOT_DEFINED"`
	ModifiedAttackComplexity      string   `json:"modifiedAttackComplexity,omitempty" strict:"enum=HIGH|LOW|NOT_DEFINED"`
	ModifiedPrivilegesRequired    string   `json:"modifiedPrivilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE|NOT_DEFINED"`
	ModifiedUserInteraction       string   `json:"modifiedUserInteraction,omitempty" strict:"enum=NONE|REQUIRED|NOT_DEFINED"`
	ModifiedScope                 string   `json:"modifiedScope,omitempty" strict:"enum=UNCHANGED|CHANGED|NOT_DEFINED"`
	ModifiedConfidentialityImpact string   `json:"modifiedConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedIntegrityImpact       string   `json:"modifiedIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedAvailabilityImpact    string   `json:"modifiedAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	EnvironmentalScore            *float64 `json:"environmentalScore,omitempty" strict:"max=10"`
	EnvironmentalSeverity         string   `json:"environmentalSeverity,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
}

// CVSSv2 is a score of CVSS 2.0, as FIRST's schema has it.
type CVSSv2 struct {
	Version                    string   `json:"version" strict:"req,enum=2.0"`
	VectorString               string   `json:"vectorString" strict:"req,like=cvssv2"`
	AccessVector               string   `json:"accessVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL"`
	AccessComplexity           string   `json:"accessComplexity,omitempty" strict:"enum=HIGH|MEDIUM|LOW"`
	Authentication             string   `json:"authentication,omitempty" strict:"enum=MULTIPLE|SINGLE|NONE"`
	ConfidentialityImpact      string   `json:"confidentialityImpact,omitempty" strict:"enum=NONE|PARTIAL|COMPLETE"`
	IntegrityImpact            string   `json:"integrityImpact,omitempty" strict:"enum=NONE|PARTIAL|COMPLETE"`
	AvailabilityImpact         string   `json:"availabilityImpact,omitempty" strict:"enum=NONE|PARTIAL|COMPLETE"`
	BaseScore                  float64  `json:"baseScore" strict:"req,max=10"`
	Exploitability             string   `json:"exploitability,omitempty" strict:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	RemediationLevel           string   `json:"remediationLevel,omitempty" strict:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence           string   `json:"reportConfidence,omitempty" strict:"enum=UNCONFIRMED|UNCORROBORATED|CONFIRMED|NOT_DEFINED"`
	TemporalScore              *float64 `json:"temporalScore,omitempty" strict:"max=10"`
	CollateralDamagePotential  string   `json:"collateralDamagePotential,omitempty" strict:"enum=NONE|LOW|LOW_MEDIUM|MEDIUM_HIGH|HIGH|NOT_DEFINED"`
	TargetDistribution         string   `json:"targetDistribution,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ConfidentialityRequirement string   `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	IntegrityRequirement       string   `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	AvailabilityRequirement    string   `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	EnvironmentalScore         *float64 `json:"environmentalScore,omitempty" strict:"max=10"`
}
