package csaf

import "github.com/tocsin-sec/tocsin/kit/strictjson"

// What a reader takes and reports is the same for every format of kit.
type (
	// Limits bound what a reader takes. Zero values mean the defaults.
	Limits = strictjson.Limits
	// Problem is one thing that is wrong with a document and where it is.
	Problem = strictjson.Problem
	// Problems is what a reader found, in the order of the document.
	Problems = strictjson.Problems
	// Code is the kind of a problem.
	Code = strictjson.Code
)

// The kinds of problems. Unknown is a warning, all others are errors.
const (
	Syntax    = strictjson.Syntax    // not JSON, too large or too deep: nothing after it was read
	Duplicate = strictjson.Duplicate // a member occurs twice; the first counts
	Type      = strictjson.Type      // another JSON type is expected
	Missing   = strictjson.Missing   // a required member is absent
	Unknown   = strictjson.Unknown   // a member that the standard does not know
	Forbidden = strictjson.Forbidden // such a member where the schema forbids it (2.1, strict reading)
	Repeated  = strictjson.Repeated  // an item of a set that equals an earlier one
	Value     = strictjson.Value     // the value breaks another rule of the schema
)

// ReadAdvisory reads a CSAF 2.0 advisory and reports every problem. The document
// is usable when problems.Fatal() is false; otherwise it holds what could be read.
func ReadAdvisory(data []byte, limits Limits) (*Advisory, Problems) {
	return advisories.Read(data, limits)
}

// InspectAdvisory reads as ReadAdvisory does and tells as well whether the members are
// sorted (test 6.2.13), which costs nothing while reading.
func InspectAdvisory(data []byte, limits Limits) strictjson.Reading[Advisory] {
	return advisories.Inspect(data, limits)
}

// ReadStrict reads as ReadAdvisory does, but follows the strict schemas of CVSS:
// members of scores that those do not know are errors.
func ReadStrict(data []byte, limits Limits) (*Advisory, Problems) {
	return strictAdvisories.Read(data, limits)
}

// ReadProvider reads a provider-metadata.json as ReadAdvisory reads an advisory.
func ReadProvider(data []byte, limits Limits) (*Provider, Problems) {
	return providers.Read(data, limits)
}

// ReadAggregator reads an aggregator.json as ReadAdvisory reads an advisory.
func ReadAggregator(data []byte, limits Limits) (*Aggregator, Problems) {
	return aggregators.Read(data, limits)
}

// ReadFeed reads a ROLIE feed in JSON as ReadAdvisory reads an advisory.
func ReadFeed(data []byte, limits Limits) (*FeedDocument, Problems) {
	return feeds.Read(data, limits)
}

// ReadService reads a ROLIE service document as ReadAdvisory reads an advisory.
func ReadService(data []byte, limits Limits) (*ServiceDocument, Problems) {
	return services.Read(data, limits)
}

// ReadCategory reads a ROLIE category document as ReadAdvisory reads an advisory.
func ReadCategory(data []byte, limits Limits) (*CategoryDocument, Problems) {
	return categories.Read(data, limits)
}

// The plans of the readers; they compile when they are used first.
var (
	advisories       = strictjson.For[Advisory](rules())
	strictAdvisories = strictjson.For[Advisory](strict(rules()))
	providers        = strictjson.For[Provider](rules())
	aggregators      = strictjson.For[Aggregator](rules())
	feeds            = strictjson.For[FeedDocument](rules())
	services         = strictjson.For[ServiceDocument](rules())
	categories       = strictjson.For[CategoryDocument](rules())
)

// rules are those of the JSON schemas of CSAF 2.0.
func rules() strictjson.Rules {
	return strictjson.Rules{
		NonEmpty: true,
		Formats:  Formats(),
		Checks:   Checks(),
	}
}

func strict(r strictjson.Rules) strictjson.Rules {
	r.Strict = []any{CVSSv2{}, CVSSv3{}}
	return r
}

// Checks are the rules about several members of one object, for readers of documents
// that hold the types of this package.
func Checks() []strictjson.Check {
	return []strictjson.Check{strictjson.On(vectorOfVersion)}
}

// vectorOfVersion asks that a CVSS 3 vector is of the score's version: the schema has
// one pattern for each.
func vectorOfVersion(c *CVSSv3, o *strictjson.Object) {
	if o.Has("vectorString") && !IsCVSS3(c.Version, c.VectorString) {
		o.Wrong("vectorString", "%q is no CVSS %s vector", c.VectorString, c.Version)
	}
}
