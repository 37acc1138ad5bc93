package cve

import (
	"bytes"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// submission is the body with which a CNA hands its container to the CVE Services.
type submission struct {
	CNA CNA `json:"cnaContainer" strict:"req"`
}

// The plans of containers that stand alone. What a container has to have depends on
// whether it publishes or rejects, which its own members say.
var (
	containers  = strictjson.For[CNA](alone())
	submissions = strictjson.For[submission](alone())
)

func alone() strictjson.Rules {
	rules := recordRules()
	rules.Checks = append(rules.Checks, strictjson.On(ofPurpose))
	return rules
}

// ofPurpose asks for what a container that publishes, or one that rejects, must have.
func ofPurpose(c *CNA, o *strictjson.Object) {
	if o.Has("rejectedReasons") {
		if hasPublished(c) {
			o.Wrong("rejectedReasons", "a container that rejects has only rejectedReasons and replacedBy")
		}
		return
	}
	for _, name := range [...]string{"descriptions", "affected", "references"} {
		if !o.Has(name) {
			o.Wrong("", "the member %q is missing", name)
		}
	}
	if o.Has("replacedBy") {
		o.Wrong("replacedBy", "only a container that rejects is replaced")
	}
}

// ReadCNA reads a CNA container as the CVE Services take it: the container itself, or
// an object with the member cnaContainer. at is the JSON pointer of the container,
// "" or "/cnaContainer". providerMetadata may be absent: the services write it. The
// container is usable when problems.Fatal() is false.
func ReadCNA(data []byte, limits Limits) (c *CNA, at string, problems Problems) {
	if bytes.Contains(data, []byte(`"cnaContainer"`)) {
		var s *submission
		s, problems = submissions.Read(data, limits)
		c, at = &s.CNA, "/cnaContainer"
	} else {
		c, problems = containers.Read(data, limits)
	}
	var out Problems
	for _, p := range problems {
		if p.Code != strictjson.Missing || p.Pointer != at+"/providerMetadata" {
			out = append(out, p)
		}
	}
	return c, at, out
}

// LintCNA is Lint for a container that stands alone; the pointers begin at the
// container. Rules about the record's metadata (E010, E014) find nothing.
func LintCNA(c *CNA) []Finding {
	r := &Record{Metadata: Metadata{ID: "CVE-0000-0000", State: Published}, Containers: Containers{CNA: *c}}
	if c.RejectedReasons != nil {
		r.Metadata.State = Rejected
	}
	found := Lint(r)
	for i := range found {
		found[i].Pointer = strings.TrimPrefix(found[i].Pointer, cna)
		for j := range found[i].Fix {
			found[i].Fix[j].Path = strings.TrimPrefix(found[i].Fix[j].Path, cna)
		}
	}
	return found
}
