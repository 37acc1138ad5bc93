package csaf

// CVSSv2 is a CVSS 2.0 score as FIRST's JSON schema writes it. Vector, version and base
// score are enough; the rest repeats the vector in words.
type CVSSv2 struct {
	_                          struct{} `strict:"unknown=warn"`
	AccessComplexity           string   `json:"accessComplexity,omitempty" strict:"enum=HIGH|MEDIUM|LOW"`
	AccessVector               string   `json:"accessVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL"`
	Authentication             string   `json:"authentication,omitempty" strict:"enum=MULTIPLE|SINGLE|NONE"`
	AvailabilityImpact         string   `json:"availabilityImpact,omitempty" strict:"enum=NONE|PARTIAL|COMPLETE"`
	AvailabilityRequirement    string   `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	BaseScore                  float64  `json:"baseScore" strict:"req,max=10"`
	CollateralDamagePotential  string   `json:"collateralDamagePotential,omitempty" strict:"enum=NONE|LOW|LOW_MEDIUM|MEDIUM_HIGH|HIGH|NOT_DEFINED"`
	ConfidentialityImpact      string   `json:"confidentialityImpact,omitempty" strict:"enum=NONE|PARTIAL|COMPLETE"`
	ConfidentialityRequirement string   `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	EnvironmentalScore         *float64 `json:"environmentalScore,omitempty" strict:"max=10"`
	Exploitability             string   `json:"exploitability,omitempty" strict:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	IntegrityImpact            string   `json:"integrityImpact,omitempty" strict:"enum=NONE|PARTIAL|COMPLETE"`
	IntegrityRequirement       string   `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	RemediationLevel           string   `json:"remediationLevel,omitempty" strict:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence           string   `json:"reportConfidence,omitempty" strict:"enum=UNCONFIRMED|UNCORROBORATED|CONFIRMED|NOT_DEFINED"`
	TargetDistribution         string   `json:"targetDistribution,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|NOT_DEFINED"`
	TemporalScore              *float64 `json:"temporalScore,omitempty" strict:"max=10"`
	VectorString               string   `json:"vectorString" strict:"req,like=cvss2"`
	Version                    string   `json:"version" strict:"req,enum=2.0"`
}

// CVSSv3 is a CVSS 3.0 or 3.1 score as FIRST's JSON schemas write it. Version, vector,
// base score and base severity are enough; the rest repeats the vector in words.
type CVSSv3 struct {
	_                             struct{} `strict:"unknown=warn"`
	AttackComplexity              string   `json:"attackComplexity,omitempty" strict:"enum=HIGH|LOW"`
	AttackVector                  string   `json:"attackVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL"`
	AvailabilityImpact            string   `json:"availabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	AvailabilityRequirement       string   `json:"availabilityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	BaseScore                     float64  `json:"baseScore" strict:"req,max=10"`
	BaseSeverity                  string   `json:"baseSeverity" strict:"req,enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ConfidentialityImpact         string   `json:"confidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	ConfidentialityRequirement    string   `json:"confidentialityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	EnvironmentalScore            *float64 `json:"environmentalScore,omitempty" strict:"max=10"`
	EnvironmentalSeverity         string   `json:"environmentalSeverity,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ExploitCodeMaturity           string   `json:"exploitCodeMaturity,omitempty" strict:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	IntegrityImpact               string   `json:"integrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH"`
	IntegrityRequirement          string   `json:"integrityRequirement,omitempty" strict:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ModifiedAttackComplexity      string   `json:"modifiedAttackComplexity,omitempty" strict:"enum=HIGH|LOW|NOT_DEFINED"`
	ModifiedAttackVector          string   `json:"modifiedAttackVector,omitempty" strict:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL|NOT_DEFINED"`
	ModifiedAvailabilityImpact    string   `json:"modifiedAvailabilityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedConfidentialityImpact string   `json:"modifiedConfidentialityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedIntegrityImpact       string   `json:"modifiedIntegrityImpact,omitempty" strict:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedPrivilegesRequired    string   `json:"modifiedPrivilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE|NOT_DEFINED"`
	ModifiedScope                 string   `json:"modifiedScope,omitempty" strict:"enum=UNCHANGED|CHANGED|NOT_DEFINED"`
	ModifiedUserInteraction       string   `json:"modifiedUserInteraction,omitempty" strict:"enum=NONE|REQUIRED|NOT_DEFINED"`
	PrivilegesRequired            string   `json:"privilegesRequired,omitempty" strict:"enum=HIGH|LOW|NONE"`
	RemediationLevel              string   `json:"remediationLevel,omitempty" strict:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence              string   `json:"reportConfidence,omitempty" strict:"enum=UNKNOWN|REASONABLE|CONFIRMED|NOT_DEFINED"`
	Scope                         string   `json:"scope,omitempty" strict:"enum=UNCHANGED|CHANGED"`
	TemporalScore                 *float64 `json:"temporalScore,omitempty" strict:"max=10"`
	TemporalSeverity              string   `json:"temporalSeverity,omitempty" strict:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	UserInteraction               string   `json:"userInteraction,omitempty" strict:"enum=NONE|REQUIRED"`
	VectorString                  string   `json:"vectorString" strict:"req"`
	Version                       string   `json:"version" strict:"req,enum=3.0|3.1"`
}
