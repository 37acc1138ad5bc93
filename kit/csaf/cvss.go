package csaf

// CVSSv2 is a CVSS 2.0 score as FIRST's JSON schema writes it. Vector, version and base
// score are enough; the rest repeats the vector in words.
type CVSSv2 struct {
	AccessComplexity           string   `json:"accessComplexity,omitempty" csaf:"enum=HIGH|MEDIUM|LOW"`
	AccessVector               string   `json:"accessVector,omitempty" csaf:"enum=NETWORK|ADJACENT_NETWORK|LOCAL"`
	Authentication             string   `json:"authentication,omitempty" csaf:"enum=MULTIPLE|SINGLE|NONE"`
	AvailabilityImpact         string   `json:"availabilityImpact,omitempty" csaf:"enum=NONE|PARTIAL|COMPLETE"`
	AvailabilityRequirement    string   `json:"availabilityRequirement,omitempty" csaf:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	BaseScore                  float64  `json:"baseScore" csaf:"req,max=10"`
	CollateralDamagePotential  string   `json:"collateralDamagePotential,omitempty" csaf:"enum=NONE|LOW|LOW_MEDIUM|MEDIUM_HIGH|HIGH|NOT_DEFINED"`
	ConfidentialityImpact      string   `json:"confidentialityImpact,omitempty" csaf:"enum=NONE|PARTIAL|COMPLETE"`
	ConfidentialityRequirement string   `json:"confidentialityRequirement,omitempty" csaf:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	EnvironmentalScore         *float64 `json:"environmentalScore,omitempty" csaf:"max=10"`
	Exploitability             string   `json:"exploitability,omitempty" csaf:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	IntegrityImpact            string   `json:"integrityImpact,omitempty" csaf:"enum=NONE|PARTIAL|COMPLETE"`
	IntegrityRequirement       string   `json:"integrityRequirement,omitempty" csaf:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	RemediationLevel           string   `json:"remediationLevel,omitempty" csaf:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence           string   `json:"reportConfidence,omitempty" csaf:"enum=UNCONFIRMED|UNCORROBORATED|CONFIRMED|NOT_DEFINED"`
	TargetDistribution         string   `json:"targetDistribution,omitempty" csaf:"enum=NONE|LOW|MEDIUM|HIGH|NOT_DEFINED"`
	TemporalScore              *float64 `json:"temporalScore,omitempty" csaf:"max=10"`
	VectorString               string   `json:"vectorString" csaf:"req"`
	Version                    string   `json:"version" csaf:"req,enum=2.0"`
}

// CVSSv3 is a CVSS 3.0 or 3.1 score as FIRST's JSON schemas write it. Version, vector,
// base score and base severity are enough; the rest repeats the vector in words.
type CVSSv3 struct {
	AttackComplexity              string   `json:"attackComplexity,omitempty" csaf:"enum=HIGH|LOW"`
	AttackVector                  string   `json:"attackVector,omitempty" csaf:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL"`
	AvailabilityImpact            string   `json:"availabilityImpact,omitempty" csaf:"enum=NONE|LOW|HIGH"`
	AvailabilityRequirement       string   `json:"availabilityRequirement,omitempty" csaf:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	BaseScore                     float64  `json:"baseScore" csaf:"req,max=10"`
	BaseSeverity                  string   `json:"baseSeverity" csaf:"req,enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ConfidentialityImpact         string   `json:"confidentialityImpact,omitempty" csaf:"enum=NONE|LOW|HIGH"`
	ConfidentialityRequirement    string   `json:"confidentialityRequirement,omitempty" csaf:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	EnvironmentalScore            *float64 `json:"environmentalScore,omitempty" csaf:"max=10"`
	EnvironmentalSeverity         string   `json:"environmentalSeverity,omitempty" csaf:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	ExploitCodeMaturity           string   `json:"exploitCodeMaturity,omitempty" csaf:"enum=UNPROVEN|PROOF_OF_CONCEPT|FUNCTIONAL|HIGH|NOT_DEFINED"`
	IntegrityImpact               string   `json:"integrityImpact,omitempty" csaf:"enum=NONE|LOW|HIGH"`
	IntegrityRequirement          string   `json:"integrityRequirement,omitempty" csaf:"enum=LOW|MEDIUM|HIGH|NOT_DEFINED"`
	ModifiedAttackComplexity      string   `json:"modifiedAttackComplexity,omitempty" csaf:"enum=HIGH|LOW|NOT_DEFINED"`
	ModifiedAttackVector          string   `json:"modifiedAttackVector,omitempty" csaf:"enum=NETWORK|ADJACENT_NETWORK|LOCAL|PHYSICAL|NOT_DEFINED"`
	ModifiedAvailabilityImpact    string   `json:"modifiedAvailabilityImpact,omitempty" csaf:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedConfidentialityImpact string   `json:"modifiedConfidentialityImpact,omitempty" csaf:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedIntegrityImpact       string   `json:"modifiedIntegrityImpact,omitempty" csaf:"enum=NONE|LOW|HIGH|NOT_DEFINED"`
	ModifiedPrivilegesRequired    string   `json:"modifiedPrivilegesRequired,omitempty" csaf:"enum=HIGH|LOW|NONE|NOT_DEFINED"`
	ModifiedScope                 string   `json:"modifiedScope,omitempty" csaf:"enum=UNCHANGED|CHANGED|NOT_DEFINED"`
	ModifiedUserInteraction       string   `json:"modifiedUserInteraction,omitempty" csaf:"enum=NONE|REQUIRED|NOT_DEFINED"`
	PrivilegesRequired            string   `json:"privilegesRequired,omitempty" csaf:"enum=HIGH|LOW|NONE"`
	RemediationLevel              string   `json:"remediationLevel,omitempty" csaf:"enum=OFFICIAL_FIX|TEMPORARY_FIX|WORKAROUND|UNAVAILABLE|NOT_DEFINED"`
	ReportConfidence              string   `json:"reportConfidence,omitempty" csaf:"enum=UNKNOWN|REASONABLE|CONFIRMED|NOT_DEFINED"`
	Scope                         string   `json:"scope,omitempty" csaf:"enum=UNCHANGED|CHANGED"`
	TemporalScore                 *float64 `json:"temporalScore,omitempty" csaf:"max=10"`
	TemporalSeverity              string   `json:"temporalSeverity,omitempty" csaf:"enum=NONE|LOW|MEDIUM|HIGH|CRITICAL"`
	UserInteraction               string   `json:"userInteraction,omitempty" csaf:"enum=NONE|REQUIRED"`
	VectorString                  string   `json:"vectorString" csaf:"req"`
	Version                       string   `json:"version" csaf:"req,enum=3.0|3.1"`
}
