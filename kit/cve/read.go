package cve

import (
	"encoding/json"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// What a reader takes and reports is the same for every format of kit.
type (
	// Limits bound what a reader takes. Zero values mean the defaults.
	Limits = strictjson.Limits
	// Problem is one thing that is wrong with a record and where it is.
	Problem = strictjson.Problem
	// Problems is what a reader found, in the order of the record.
	Problems = strictjson.Problems
)

// Read reads a record of format 5.x and reports every problem. The record is usable
// when problems.Fatal() is false; otherwise it holds what could be read.
func Read(data []byte, limits Limits) (*Record, Problems) { return records.Read(data, limits) }

// Write returns the canonical bytes of a record: members in the order of the types,
// two spaces, one line feed at the end. It does not check the record. It fails when
// something raw is no JSON.
func Write(r *Record) ([]byte, error) { return strictjson.Write(r) }

// records is the plan of the reader; it compiles at the first Read.
var records = strictjson.For[Record](recordRules())

// recordRules are the rules of the record's types.
func recordRules() strictjson.Rules {
	return strictjson.Rules{
		Unknown: strictjson.Refuse,
		Formats: map[string]strictjson.Format{
			"format":   {What: "a version of the format, 5.x", Match: isFormat},
			"cve":      {What: "a CVE id", Match: isID},
			"uuid":     {What: "a UUID of version 4", Match: isUUID},
			"time":     {What: "a time of the form 2006-01-02T15:04:05Z", Match: isTime},
			"uri":      {What: "an absolute URI (RFC 3986)", Match: strictjson.IsURI},
			"lang":     {What: "a language tag", Match: isLang},
			"cpe":      {What: "a CPE name", Match: func(s string) bool { return isCPE(s) && within(1, 2048)(s) }},
			"module":   {What: "a text of 1 to 4096 characters", Match: within(1, 4096)},
			"file":     {What: "a text of 1 to 1024 characters", Match: within(1, 1024)},
			"platform": {What: "a text of at most 1024 characters", Match: within(0, 1024)},
			"cwe":      {What: "a CWE id", Match: isCWE},
			"capec":    {What: "a CAPEC id", Match: isCAPEC},
			"cnatag":   {What: "a tag of CNAs, or x_", Match: isTag("unsupported-when-assigned exclusively-hosted-service disputed")},
			"adptag":   {What: "a tag of ADPs, or x_", Match: isTag("disputed")},
			"reftag":   {What: "a tag of references, or x_", Match: isTag("broken-link customer-entitlement exploit government-resource issue-tracking mailing-list mitigation not-applicable patch permissions-required media-coverage product related release-notes signature technical-description third-party-advisory vendor-advisory vdb-entry")},
			"cvssv4":   {What: "a CVSS 4.0 vector", Match: isV4},
			"cvssv31":  {What: "a CVSS 3.1 vector", Match: isV31},
			"cvssv30":  {What: "a CVSS 3.0 vector", Match: isV30},
			"cvssv2":   {What: "a CVSS 2.0 vector", Match: isV2},
		},
		Checks: []strictjson.Check{
			strictjson.On(ofState), strictjson.On(productNamed), strictjson.On(versionOrRange), strictjson.On(oneScore),
			strictjson.On(func(c *CNA, o *strictjson.Object) { container(o, c.Rest, c.Descriptions, c.RejectedReasons) }),
			strictjson.On(func(c *ADP, o *strictjson.Object) { container(o, c.Rest, c.Descriptions, nil) }),
			strictjson.On(func(i *Impact, o *strictjson.Object) { english(o, "descriptions", i.Descriptions) }),
			strictjson.On(func(s *CVSSv4, o *strictjson.Object) { band(o, s.BaseScore, s.BaseSeverity) }),
			strictjson.On(func(s *CVSSv31, o *strictjson.Object) { band(o, s.BaseScore, s.BaseSeverity) }),
			strictjson.On(func(s *CVSSv30, o *strictjson.Object) { band(o, s.BaseScore, s.BaseSeverity) }),
		},
	}
}

func within(least, most int) func(string) bool {
	return func(s string) bool { n := utf8.RuneCountInString(s); return n >= least && n <= most }
}

func isTag(known string) func(string) bool {
	known = " " + known + " "
	return func(s string) bool {
		if strings.HasPrefix(s, "x_") {
			return utf8.RuneCountInString(s) <= 128
		}
		return s != "" && !strings.Contains(s, " ") && strings.Contains(known, " "+s+" ")
	}
}

// ofState asks for what a published or a rejected record must have and must not, and
// for the members of the record's version of the format.
func ofState(r *Record, o *strictjson.Object) {
	c := &r.Containers.CNA
	need := func(is bool, name string) {
		if !is {
			o.Wrong("containers", "cna: the member %q is missing", name)
		}
	}
	refuse := func(is bool, member, name string) {
		if is {
			o.Wrong(member, "a record that is %s has no member %q", r.Metadata.State, name)
		}
	}
	switch r.Metadata.State {
	case Published:
		need(c.Descriptions != nil, "descriptions")
		need(c.Affected != nil, "affected")
		need(c.References != nil, "references")
		refuse(c.RejectedReasons != nil, "containers", "rejectedReasons")
		refuse(c.ReplacedBy != nil, "containers", "replacedBy")
		refuse(r.Metadata.DateRejected != "", "cveMetadata", "dateRejected")
	case Rejected:
		need(c.RejectedReasons != nil, "rejectedReasons")
		refuse(r.Metadata.RequesterUserID != "", "cveMetadata", "requesterUserId")
		refuse(r.Containers.ADP != nil, "containers", "adp")
		refuse(hasPublished(c), "containers", "of published records")
	}
	if strings.HasPrefix(r.DataVersion, "5.0") {
		refuse(c.CPEApplicability != nil, "containers", "cpeApplicability, which 5.1.1 added")
	}
	if !atLeast52(r.DataVersion) {
		for _, p := range c.Affected {
			refuse52(o, p)
		}
		for _, a := range r.Containers.ADP {
			for _, p := range a.Affected {
				refuse52(o, p)
			}
		}
	}
}

func refuse52(o *strictjson.Object, p Product) {
	if p.PackageURL != "" && !(p.Vendor != "" && p.Product != "" || p.CollectionURL != "" && p.PackageName != "") {
		o.Wrong("containers", "packageURL alone names a product from format 5.2 on")
	}
}

// hasPublished reports whether a container has something that only published records have.
func hasPublished(c *CNA) bool {
	return c.DateAssigned != "" || c.DatePublic != "" || c.Title != "" || c.Descriptions != nil || c.Affected != nil ||
		c.ProblemTypes != nil || c.References != nil || c.Impacts != nil || c.Metrics != nil || c.Configurations != nil ||
		c.Workarounds != nil || c.Solutions != nil || c.Exploits != nil || c.Timeline != nil || c.Credits != nil ||
		c.Source != nil || c.Tags != nil || c.TaxonomyMappings != nil || c.CPEApplicability != nil
}

// atLeast52 reports whether a version of the format is 5.2 or later.
func atLeast52(v string) bool {
	return !strings.HasPrefix(v, "5.0") && !strings.HasPrefix(v+".", "5.1.")
}

// container checks the names of additional members and the language of descriptions.
func container(o *strictjson.Object, rest map[string]json.RawMessage, descriptions, reasons []Description) {
	for name := range rest {
		if strings.Contains(name, ".") {
			o.Wrong("", "the member %q has a full stop in its name", name)
		}
	}
	english(o, "descriptions", descriptions)
	english(o, "rejectedReasons", reasons)
}

func english(o *strictjson.Object, name string, all []Description) {
	if all == nil {
		return
	}
	for _, d := range all {
		if isEnglish(d.Lang) {
			return
		}
	}
	o.Wrong(name, "no description is in English")
}

// productNamed asks that a product is identified and has a status.
func productNamed(p *Product, o *strictjson.Object) {
	named := o.Has("vendor") && o.Has("product") || o.Has("collectionURL") && o.Has("packageName")
	if !named && !o.Has("packageURL") {
		o.Wrong("", "a product has vendor and product, or collectionURL and packageName, or packageURL")
	}
	if !o.Has("versions") && !o.Has("defaultStatus") {
		o.Wrong("", "a product has versions or a defaultStatus")
	}
	switch u, err := purl.Parse(p.PackageURL); {
	case err != nil:
	case u.Version != "":
		o.Wrong("packageURL", "a package URL has no version here, not %q", u.Version)
	case strings.Contains(u.String(), "?vers=") || strings.Contains(u.String(), "&vers="):
		o.Wrong("packageURL", "a package URL has no range of versions here")
	}
}

// versionOrRange asks that a version is one, or a range with its type.
func versionOrRange(_ *Version, o *strictjson.Object) {
	less, most := o.Has("lessThan"), o.Has("lessThanOrEqual")
	switch {
	case less && most:
		o.Wrong("", "lessThan and lessThanOrEqual exclude each other")
	case (less || most) && !o.Has("versionType"):
		o.Wrong("", "a range has a versionType")
	case !less && !most && o.Has("changes"):
		o.Wrong("changes", "changes are those of a range")
	}
}

func oneScore(_ *Metric, o *strictjson.Object) {
	for _, name := range [...]string{"cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0", "other"} {
		if o.Has(name) {
			return
		}
	}
	o.Wrong("", "a metric has a score")
}

// band asks that a base score has one decimal and the severity of its band.
func band(o *strictjson.Object, score float64, severity string) {
	if !o.Has("baseScore") || !o.Has("baseSeverity") {
		return
	}
	if math.Round(score*10)/10 != score || severityOf(score) != severity {
		o.Wrong("baseSeverity", "%s is not the severity of a score of %v", severity, score)
	}
}

// severityOf is the qualitative rating of a score (CVSS 3.1, section 5).
func severityOf(score float64) string {
	switch {
	case score == 0:
		return "NONE"
	case score < 4:
		return "LOW"
	case score < 7:
		return "MEDIUM"
	case score < 9:
		return "HIGH"
	}
	return "CRITICAL"
}
