package csaf21

import (
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// ReadAdvisory reads a CSAF 2.1 advisory and reports every problem. The document is
// usable when problems.Fatal() is false; otherwise it holds what could be read.
// Members that the schema does not know are errors, but those of CVSS 2 and 3 scores,
// which are warnings.
func ReadAdvisory(data []byte, limits csaf.Limits) (*Advisory, csaf.Problems) {
	return advisories.Read(data, limits)
}

// InspectAdvisory reads as ReadAdvisory does and tells as well whether the members are
// sorted (test 6.2.13), which costs nothing while reading.
func InspectAdvisory(data []byte, limits csaf.Limits) strictjson.Reading[Advisory] {
	return advisories.Inspect(data, limits)
}

// ReadStrict reads as ReadAdvisory does, but follows the strict schemas of CVSS:
// members of scores that those do not know are errors.
func ReadStrict(data []byte, limits csaf.Limits) (*Advisory, csaf.Problems) {
	return strictAdvisories.Read(data, limits)
}

// ReadProvider reads a provider-metadata.json as ReadAdvisory reads an advisory.
func ReadProvider(data []byte, limits csaf.Limits) (*Provider, csaf.Problems) {
	return providers.Read(data, limits)
}

// ReadAggregator reads an aggregator.json as ReadAdvisory reads an advisory.
func ReadAggregator(data []byte, limits csaf.Limits) (*Aggregator, csaf.Problems) {
	return aggregators.Read(data, limits)
}

// ReadFeed reads a ROLIE feed in JSON as ReadAdvisory reads an advisory.
func ReadFeed(data []byte, limits csaf.Limits) (*FeedDocument, csaf.Problems) {
	return csaf.ReadFeed(data, limits)
}

// ReadService reads a ROLIE service document as ReadAdvisory reads an advisory.
func ReadService(data []byte, limits csaf.Limits) (*ServiceDocument, csaf.Problems) {
	return csaf.ReadService(data, limits)
}

// ReadCategory reads a ROLIE category document as ReadAdvisory reads an advisory.
func ReadCategory(data []byte, limits csaf.Limits) (*CategoryDocument, csaf.Problems) {
	return csaf.ReadCategory(data, limits)
}

// The plans of the readers; they compile when they are used first.
var (
	advisories       = strictjson.For[Advisory](rules())
	strictAdvisories = strictjson.For[Advisory](strict(rules()))
	providers        = strictjson.For[Provider](rules())
	aggregators      = strictjson.For[Aggregator](rules())
)

// rules are those of the JSON schemas of CSAF 2.1.
func rules() strictjson.Rules {
	return strictjson.Rules{
		NonEmpty: true,
		Unknown:  strictjson.Refuse,
		Formats:  formats(),
		Checks:   append(csaf.Checks(), strictjson.On(severityOfScore)),
	}
}

func strict(r strictjson.Rules) strictjson.Rules {
	r.Strict = []any{CVSSv2{}, CVSSv3{}}
	return r
}

// severityOfScore asks that the base score of CVSS 4.0 lies in the range of its base
// severity and has one decimal place, as FIRST's schema does; that has no such rule
// for the decimals of HIGH.
func severityOfScore(c *CVSSv4, o *strictjson.Object) {
	if o.Has("baseScore") && !inRange(c.BaseScore, c.BaseSeverity, o) {
		o.Wrong("baseScore", "%g is no score of the severity %q", c.BaseScore, c.BaseSeverity)
	}
}

// inRange tells whether any of the schema's ranges fits; a member that is missing
// fits every range.
func inRange(score float64, severity string, o *strictjson.Object) bool {
	tenths := oneDecimal(score)
	for _, r := range [...]struct {
		severity  string
		low, high float64
		any       bool // any number of decimals
	}{{"NONE", 0, 0, true}, {"LOW", 0.1, 3.9, false}, {"MEDIUM", 4, 6.9, false}, {"HIGH", 7, 8.9, true}, {"CRITICAL", 9, 10, false}} {
		if (severity == r.severity || !o.Has("baseSeverity")) && score >= r.low && score <= r.high && (tenths || r.any) {
			return true
		}
	}
	return false
}
