package osv

import (
	"strings"

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

// Read reads a record and reports every problem. The record is usable when
// problems.Fatal() is false; otherwise it holds what could be read.
func Read(data []byte, limits Limits) (*Record, Problems) { return records.Read(data, limits) }

// Write returns the canonical bytes of a record: members in the order of the schema's
// text, two spaces, one line feed at the end. It does not check the record. It fails
// when something raw is no JSON.
func Write(r *Record) ([]byte, error) { return strictjson.Write(r) }

// records is the plan of the reader; it compiles at the first Read.
var records = strictjson.For[Record](strictjson.Rules{
	Formats: map[string]strictjson.Format{
		"id":        {What: "an id with the prefix of a known database, or x_", Match: isID},
		"time":      {What: "a date-time of RFC 3339 in UTC, ending in Z", Match: isTime},
		"ecosystem": {What: "an ecosystem of the schema", Match: isEcosystem},
		"uri":       {What: "an absolute URI (RFC 3986)", Match: strictjson.IsURI},
	},
	Checks: []strictjson.Check{strictjson.On(oneEvent), strictjson.On(rangeOfType), strictjson.On(scoreOfType), strictjson.On(severityOnce)},
})

func isTime(s string) bool {
	return strictjson.IsDateTime(s) && s[10] == 'T' && strings.HasSuffix(s, "Z")
}

// oneEvent asks that an event is exactly one thing.
func oneEvent(_ *Event, o *strictjson.Object) {
	n := 0
	for _, name := range [...]string{"introduced", "fixed", "last_affected", "limit"} {
		if o.Has(name) {
			n++
		}
	}
	if n != 1 {
		o.Wrong("", "an event has exactly one of introduced, fixed, last_affected and limit, not %d", n)
	}
}

// rangeOfType asks what the schema asks of the events of a range.
func rangeOfType(r *Range, o *strictjson.Object) {
	introduced, fixed, last := false, false, false
	for _, e := range r.Events {
		introduced = introduced || e.Introduced != nil
		fixed = fixed || e.Fixed != nil
		last = last || e.LastAffected != nil
	}
	if o.Has("events") && !introduced {
		o.Wrong("events", "no event is introduced")
	}
	if fixed && last {
		o.Wrong("events", "fixed and last_affected exclude each other")
	}
	if r.Type != Git {
		return
	}
	if !o.Has("repo") {
		o.Wrong("", "a range of type GIT names its repo")
	}
	for i, e := range r.Events {
		for _, v := range [...]*string{e.Introduced, e.Fixed, e.LastAffected, e.Limit} {
			if v != nil && !isCommit(*v) {
				o.Wrong("events", "event %d: %q is no full commit hash", i, *v)
			}
		}
	}
}

func isCommit(s string) bool {
	return s == "0" || (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// severityOnce asks that severity stands at the top or in affected, not in both.
func severityOnce(r *Record, o *strictjson.Object) {
	if !o.Has("severity") {
		return
	}
	for i, a := range r.Affected {
		if a.Severity != nil {
			o.Wrong("affected", "item %d has a severity although the record has one", i)
		}
	}
}

// scoreOfType asks that a score is of its type.
func scoreOfType(s *Severity, o *strictjson.Object) {
	ok := true
	switch s.Type {
	case "CVSS_V2":
		ok = isV2(s.Score)
	case "CVSS_V3":
		ok = isV3(s.Score)
	case "CVSS_V4":
		ok = isV4(s.Score)
	case "Ubuntu":
		switch s.Score {
		case "negligible", "low", "medium", "high", "critical":
		default:
			ok = false
		}
	}
	if !ok && o.Has("score") {
		o.Wrong("score", "%q is no score of type %s", s.Score, s.Type)
	}
}

const (
	v2Metric = `(AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC]|E:(U|POC|F|H|ND)|RL:(OF|TF|W|U|ND)|RC:(UC|UR|C|ND)|CDP:(N|L|LM|MH|H|ND)|TD:(N|L|M|H|ND)|[CIA]R:(L|M|H|ND))`
	v3Metric = `(AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]|E:[XUPFH]|RL:[XOTWU]|RC:[XURC]|[CIA]R:[XLMH]|MAV:[XNALP]|MAC:[XLH]|MPR:[XNLH]|MUI:[XNR]|MS:[XUC]|M[CIA]:[XNLH])`
	v4Vector = `^CVSS:4[.]0/AV:[NALP]/AC:[LH]/AT:[NP]/PR:[NLH]/UI:[NPA]/VC:[HLN]/VI:[HLN]/VA:[HLN]/SC:[HLN]/SI:[HLN]/SA:[HLN](/E:[XAPU])?(/CR:[XHML])?(/IR:[XHML])?(/AR:[XHML])?(/MAV:[XNALP])?(/MAC:[XLH])?(/MAT:[XNP])?(/MPR:[XNLH])?(/MUI:[XNPA])?(/MVC:[XNLH])?(/MVI:[XNLH])?(/MVA:[XNLH])?(/MSC:[XNLH])?(/MSI:[XNLHS])?(/MSA:[XNLHS])?(/S:[XNP])?(/AU:[XNY])?(/R:[XAUI])?(/V:[XDC])?(/RE:[XLMH])?(/U:(X|Clear|Green|Amber|Red))?$`
)

// The schema's expressions for vectors; they compile when a record has one.
var (
	isV2 = strictjson.Pattern(`^(` + v2Metric + `/)*` + v2Metric + `$`)
	isV3 = strictjson.Pattern(`^CVSS:3[.][01]/(` + v3Metric + `/)*` + v3Metric + `$`)
	isV4 = strictjson.Pattern(v4Vector)
)
