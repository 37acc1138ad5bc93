package check

// Format is the kind of a document. The zero value is one that is not known.
type Format string

// The formats.
const (
	CSAF20       Format = "csaf-2.0" // an advisory
	CSAF21       Format = "csaf-2.1"
	Provider20   Format = "csaf-2.0-provider" // provider-metadata.json
	Provider21   Format = "csaf-2.1-provider"
	Aggregator20 Format = "csaf-2.0-aggregator"
	Aggregator21 Format = "csaf-2.1-aggregator"
	Feed20       Format = "csaf-2.0-feed" // ROLIE
	Feed21       Format = "csaf-2.1-feed"
	Service      Format = "csaf-service" // ROLIE, the same in both versions
	Category     Format = "csaf-category"
	OSV          Format = "osv"
	CVE          Format = "cve"     // a record
	CNA          Format = "cve-cna" // a container, as the CVE Services take it
	OpenVEX      Format = "openvex"
)

// formats are all of them: their names for people and the rule that stands for
// their schema.
var formats = [...]struct {
	format Format
	what   string
	schema string
}{
	{CSAF20, "CSAF 2.0 advisory", "csaf_2_0"},
	{CSAF21, "CSAF 2.1 advisory", "csaf_2_1"},
	{Provider20, "CSAF 2.0 provider metadata", "provider_schema"},
	{Provider21, "CSAF 2.1 provider metadata", "provider_schema"},
	{Aggregator20, "CSAF 2.0 aggregator", "aggregator_schema"},
	{Aggregator21, "CSAF 2.1 aggregator", "aggregator_schema"},
	{Feed20, "ROLIE feed of CSAF 2.0", "rolie_schema"},
	{Feed21, "ROLIE feed of CSAF 2.1", "rolie_schema"},
	{Service, "ROLIE service document", "rolie_schema"},
	{Category, "ROLIE category document", "rolie_schema"},
	{OSV, "OSV record", "SCH:001"},
	{CVE, "CVE record", "cve_schema"},
	{CNA, "CNA container", "cna_schema"},
	{OpenVEX, "OpenVEX document", "openvex_schema"},
}

// Formats returns all formats that are known.
func Formats() []Format {
	var out []Format
	for _, f := range formats {
		out = append(out, f.format)
	}
	return out
}

// What is the format's name for people ("CSAF 2.0 advisory"), "" for one that is not
// known.
func (f Format) What() string {
	for _, x := range formats {
		if x.format == f {
			return x.what
		}
	}
	return ""
}

// Schema is the rule that breaches of the format's JSON schema are reported under.
func (f Format) Schema() string {
	for _, x := range formats {
		if x.format == f {
			return x.schema
		}
	}
	return formatRule
}
