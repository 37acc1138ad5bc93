package cvss

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
)

// The words of the metrics that several properties share (FIRST's JSON schemas).
const (
	impact3      = "N=NONE L=LOW H=HIGH X=NOT_DEFINED"
	requirement3 = "L=LOW M=MEDIUM H=HIGH X=NOT_DEFINED"
	impact2      = "N=NONE P=PARTIAL C=COMPLETE"
	requirement2 = "L=LOW M=MEDIUM H=HIGH ND=NOT_DEFINED"
	level        = "O=OFFICIAL_FIX T=TEMPORARY_FIX W=WORKAROUND U=UNAVAILABLE X=NOT_DEFINED OF=OFFICIAL_FIX TF=TEMPORARY_FIX ND=NOT_DEFINED"
	vector3      = "N=NETWORK A=ADJACENT_NETWORK L=LOCAL P=PHYSICAL X=NOT_DEFINED"
	change3      = "U=UNCHANGED C=CHANGED X=NOT_DEFINED"
	people3      = "N=NONE R=REQUIRED X=NOT_DEFINED"
)

func properties3(c *csaf.CVSSv3) [22]property {
	return [...]property{
		{"attackVector", "AV", c.AttackVector, vector3}, {"attackComplexity", "AC", c.AttackComplexity, impact3},
		{"privilegesRequired", "PR", c.PrivilegesRequired, impact3}, {"userInteraction", "UI", c.UserInteraction, people3},
		{"scope", "S", c.Scope, change3}, {"confidentialityImpact", "C", c.ConfidentialityImpact, impact3},
		{"integrityImpact", "I", c.IntegrityImpact, impact3}, {"availabilityImpact", "A", c.AvailabilityImpact, impact3},
		{"exploitCodeMaturity", "E", c.ExploitCodeMaturity, "U=UNPROVEN P=PROOF_OF_CONCEPT F=FUNCTIONAL H=HIGH X=NOT_DEFINED"},
		{"remediationLevel", "RL", c.RemediationLevel, level},
		{"reportConfidence", "RC", c.ReportConfidence, "U=UNKNOWN R=REASONABLE C=CONFIRMED X=NOT_DEFINED"},
		{"confidentialityRequirement", "CR", c.ConfidentialityRequirement, requirement3},
		{"integrityRequirement", "IR", c.IntegrityRequirement, requirement3}, {"availabilityRequirement", "AR", c.AvailabilityRequirement, requirement3},
		{"modifiedAttackVector", "MAV", c.ModifiedAttackVector, vector3}, {"modifiedAttackComplexity", "MAC", c.ModifiedAttackComplexity, impact3},
		{"modifiedPrivilegesRequired", "MPR", c.ModifiedPrivilegesRequired, impact3}, {"modifiedUserInteraction", "MUI", c.ModifiedUserInteraction, people3},
		{"modifiedScope", "MS", c.ModifiedScope, change3}, {"modifiedConfidentialityImpact", "MC", c.ModifiedConfidentialityImpact, impact3},
		{"modifiedIntegrityImpact", "MI", c.ModifiedIntegrityImpact, impact3}, {"modifiedAvailabilityImpact", "MA", c.ModifiedAvailabilityImpact, impact3},
	}
}

func properties2(c *csaf.CVSSv2) [14]property {
	return [...]property{
		{"accessVector", "AV", c.AccessVector, "L=LOCAL A=ADJACENT_NETWORK N=NETWORK"}, {"accessComplexity", "AC", c.AccessComplexity, requirement2},
		{"authentication", "Au", c.Authentication, "M=MULTIPLE S=SINGLE N=NONE"},
		{"confidentialityImpact", "C", c.ConfidentialityImpact, impact2}, {"integrityImpact", "I", c.IntegrityImpact, impact2},
		{"availabilityImpact", "A", c.AvailabilityImpact, impact2},
		{"exploitability", "E", c.Exploitability, "U=UNPROVEN POC=PROOF_OF_CONCEPT F=FUNCTIONAL H=HIGH ND=NOT_DEFINED"},
		{"remediationLevel", "RL", c.RemediationLevel, level},
		{"reportConfidence", "RC", c.ReportConfidence, "UC=UNCONFIRMED UR=UNCORROBORATED C=CONFIRMED ND=NOT_DEFINED"},
		{"collateralDamagePotential", "CDP", c.CollateralDamagePotential, "N=NONE L=LOW LM=LOW_MEDIUM MH=MEDIUM_HIGH H=HIGH ND=NOT_DEFINED"},
		{"targetDistribution", "TD", c.TargetDistribution, "N=NONE L=LOW M=MEDIUM H=HIGH ND=NOT_DEFINED"},
		{"confidentialityRequirement", "CR", c.ConfidentialityRequirement, requirement2},
		{"integrityRequirement", "IR", c.IntegrityRequirement, requirement2}, {"availabilityRequirement", "AR", c.AvailabilityRequirement, requirement2},
	}
}

// The words of CVSS 4.0.
const (
	impact4      = "N=NONE L=LOW H=HIGH X=NOT_DEFINED"
	subsequent4  = "N=NEGLIGIBLE L=LOW H=HIGH S=SAFETY X=NOT_DEFINED"
	vector4      = "N=NETWORK A=ADJACENT L=LOCAL P=PHYSICAL X=NOT_DEFINED"
	requires4    = "N=NONE P=PRESENT X=NOT_DEFINED"
	people4      = "N=NONE P=PASSIVE A=ACTIVE X=NOT_DEFINED"
	automatable4 = "N=NO Y=YES X=NOT_DEFINED"
)

func properties4(c *csaf21.CVSSv4) [31]property {
	return [...]property{
		{"attackVector", "AV", c.AttackVector, vector4}, {"attackComplexity", "AC", c.AttackComplexity, impact4},
		{"attackRequirements", "AT", c.AttackRequirements, requires4}, {"privilegesRequired", "PR", c.PrivilegesRequired, impact4},
		{"userInteraction", "UI", c.UserInteraction, people4},
		{"vulnConfidentialityImpact", "VC", c.VulnConfidentialityImpact, impact4}, {"vulnIntegrityImpact", "VI", c.VulnIntegrityImpact, impact4},
		{"vulnAvailabilityImpact", "VA", c.VulnAvailabilityImpact, impact4},
		{"subConfidentialityImpact", "SC", c.SubConfidentialityImpact, impact4}, {"subIntegrityImpact", "SI", c.SubIntegrityImpact, impact4},
		{"subAvailabilityImpact", "SA", c.SubAvailabilityImpact, impact4},
		{"exploitMaturity", "E", c.ExploitMaturity, "U=UNREPORTED P=PROOF_OF_CONCEPT A=ATTACKED X=NOT_DEFINED"},
		{"confidentialityRequirement", "CR", c.ConfidentialityRequirement, requirement3},
		{"integrityRequirement", "IR", c.IntegrityRequirement, requirement3}, {"availabilityRequirement", "AR", c.AvailabilityRequirement, requirement3},
		{"modifiedAttackVector", "MAV", c.ModifiedAttackVector, vector4}, {"modifiedAttackComplexity", "MAC", c.ModifiedAttackComplexity, impact4},
		{"modifiedAttackRequirements", "MAT", c.ModifiedAttackRequirements, requires4},
		{"modifiedPrivilegesRequired", "MPR", c.ModifiedPrivilegesRequired, impact4},
		{"modifiedUserInteraction", "MUI", c.ModifiedUserInteraction, people4},
		{"modifiedVulnConfidentialityImpact", "MVC", c.ModifiedVulnConfidentialityImpact, impact4},
		{"modifiedVulnIntegrityImpact", "MVI", c.ModifiedVulnIntegrityImpact, impact4},
		{"modifiedVulnAvailabilityImpact", "MVA", c.ModifiedVulnAvailabilityImpact, impact4},
		{"modifiedSubConfidentialityImpact", "MSC", c.ModifiedSubConfidentialityImpact, subsequent4},
		{"modifiedSubIntegrityImpact", "MSI", c.ModifiedSubIntegrityImpact, subsequent4},
		{"modifiedSubAvailabilityImpact", "MSA", c.ModifiedSubAvailabilityImpact, subsequent4},
		{"Safety", "S", c.Safety, "N=NEGLIGIBLE P=PRESENT X=NOT_DEFINED"}, {"Automatable", "AU", c.Automatable, automatable4},
		{"Recovery", "R", c.Recovery, "A=AUTOMATIC U=USER I=IRRECOVERABLE X=NOT_DEFINED"},
		{"valueDensity", "V", c.ValueDensity, "D=DIFFUSE C=CONCENTRATED X=NOT_DEFINED"},
		{"vulnerabilityResponseEffort", "RE", c.VulnerabilityResponseEffort, "L=LOW M=MODERATE H=HIGH X=NOT_DEFINED"},
	}
}

// urgency4 is apart since its values are words already.
const urgency4 = "Clear=CLEAR Green=GREEN Amber=AMBER Red=RED X=NOT_DEFINED"

// Words2 compares the members of a CVSS 2.0 object with its vector.
func Words2(c *csaf.CVSSv2, differ Differ) {
	list := properties2(c)
	contradict(differ, c.VectorString, list[:])
}

// Words3 compares the members of a CVSS 3 object with its vector.
func Words3(c *csaf.CVSSv3, differ Differ) {
	list := properties3(c)
	contradict(differ, c.VectorString, list[:])
}

// Words4 compares the members of a CVSS 4.0 object with its vector.
func Words4(c *csaf21.CVSSv4, differ Differ) {
	list := properties4(c)
	contradict(differ, c.VectorString, list[:])
	contradict(differ, c.VectorString, []property{{"providerUrgency", "U", c.ProviderUrgency, urgency4}})
}
