package mandatory

import (
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/profile"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
)

// The values of document.category that name a profile (section 4).
const (
	profileBase       = "csaf_base"
	profileIncident   = "csaf_security_incident_response"
	profileInfo       = "csaf_informational_advisory"
	profileAdvisory   = "csaf_security_advisory"
	profileVEX        = "csaf_vex"
	profileDeprecated = "csaf_deprecated_security_advisory"
	profileWithdrawn  = "csaf_withdrawn"
	profileSuperseded = "csaf_superseded"
)

// profiles are those that category must not be mistaken for; their names are the values
// without prefix, written with spaces.
var profiles = [...]string{profileIncident, profileInfo, profileAdvisory, profileVEX, profileDeprecated, profileWithdrawn, profileSuperseded}

// category is 6.1.26: the category of a document without profile is not written like
// one of a profile, and does not begin with csaf_.
func category(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	c := doc.Document.Category
	if c == profileBase {
		return
	}
	for _, p := range profiles {
		if c == p {
			return
		}
	}
	if profile.HasReservedPrefix(c) {
		report("/document/category", "%q begins with the reserved prefix csaf_", c)
		return
	}
	if p := profile.Resembles(c, profiles[:]...); p != "" {
		report("/document/category", "%q is how the profile %s is called", c, p)
	}
}
