package validate

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/spell"
)

// Validator checks documents. Its zero value is ready; it may be used by many
// goroutines when its functions may.
type Validator struct {
	// Limits bound what is read.
	Limits csaf.Limits
	// Fetcher asks for an URL and returns the HTTP status after redirects.
	Fetcher func(ctx context.Context, url string) (status int, err error)
	// NetworkTime bounds the time for all URLs of one document, default 30 s. URLs
	// that are not asked in time leave their test not run.
	NetworkTime time.Duration
	// Speller is that of rule.Options; nil means the embedded English.
	Speller func(lang string) func(word string) bool
	// Grammar, Extension and Now are those of rule.Options; without Now it is the time
	// of the check.
	Grammar   func(lang, text string) []string
	Extension func(schema string) *rule.Extension
	Now       time.Time
}

// Request says what to run.
type Request struct {
	Presets []string // "full"
	Tests   []string // "6.1.1", "mandatoryTest_6_1_1", "csaf_2_0"
	Without []string // tests that are left out although a preset has them
	Network bool     // 6.3.6 and 6.3.7 are run when a preset has them
}

// choice is a Request for one version.
type choice struct {
	schemas []string
	has     func(id string) bool
	network bool
}

// choose fails when a preset or test is not known.
func (r *Request) choose(version string) (choice, error) {
	tests, schemas := map[string]bool{}, map[string]bool{}
	c := choice{network: r.Network}
	known := func(id string) bool {
		switch version {
		case V20:
			_, ok := all20().ByID(id)
			return ok
		default:
			_, ok := all21().ByID(id)
			return ok
		}
	}
	var presets []func(string) bool
	for _, name := range r.Presets {
		schema, has, ok := preset(version, name)
		if !ok {
			return c, fmt.Errorf("no such preset: %q", name)
		}
		if schema {
			schemas[schemaOf(version)] = true
		}
		presets = append(presets, has)
	}
	for _, name := range r.Tests {
		id := ID(name)
		switch {
		case id == Schema20 || id == Schema20Strict || id == Schema21:
			schemas[id] = true
		case !known(id):
			return c, fmt.Errorf("CSAF %s has no test %q", version, name)
		}
		tests[id] = true
		c.network = c.network || id == "6.3.6" || id == "6.3.7"
	}
	without := map[string]bool{}
	for _, name := range r.Without {
		without[ID(name)] = true
	}
	for _, s := range [...]string{Schema20, Schema20Strict, Schema21} {
		if schemas[s] && !without[s] {
			c.schemas = append(c.schemas, s)
		}
	}
	network := r.Network
	c.has = func(id string) bool {
		if without[id] {
			return false
		}
		if tests[id] {
			return true
		}
		for _, has := range presets {
			if has(id) {
				return network || !c.network || id != "6.3.6" && id != "6.3.7"
			}
		}
		return false
	}
	return c, nil
}

func schemaOf(version string) string {
	if version == V21 {
		return Schema21
	}
	return Schema20
}

// Check reads a document and runs what the request names. It fails only when the
// request names a test or preset that the document's version does not have. A document
// that is no JSON fails its schema, and no other test is run.
func (v *Validator) Check(ctx context.Context, data []byte, request Request) (*Report, error) {
	if Version(data) == V21 {
		if r, err := v.check21(ctx, data, &request); r != nil || err != nil {
			return r, err
		}
	}
	reading := csaf.InspectAdvisory(data, v.Limits)
	if reading.Value.Document.CSAFVersion == V21 {
		if r, err := v.check21(ctx, data, &request); r != nil || err != nil {
			return r, err
		}
	}
	c, err := request.choose(V20)
	if err != nil {
		return nil, err
	}
	report := &Report{Version: V20, ID: reading.Value.Document.Tracking.ID, Problems: reading.Problems, data: data}
	report.schemas(c.schemas)
	o := v.options(data, reading.Problems)
	o.Sorted = reading.Sorted
	net := v.network(ctx, &o, c.network)
	defer net.stop()
	run(report, all20().Select(c.has), reading.Value, rule.New20(reading.Value, o), net)
	return report, nil
}

// check21 returns nil when the document is none of 2.1 after all.
func (v *Validator) check21(ctx context.Context, data []byte, request *Request) (*Report, error) {
	reading := csaf21.InspectAdvisory(data, v.Limits)
	if reading.Value.Document.CSAFVersion == V20 {
		return nil, nil
	}
	c, err := request.choose(V21)
	if err != nil {
		return nil, err
	}
	report := &Report{Version: V21, ID: reading.Value.Document.Tracking.ID, Problems: reading.Problems, data: data}
	report.schemas(c.schemas)
	o := v.options(data, reading.Problems)
	o.Sorted = reading.Sorted
	net := v.network(ctx, &o, c.network)
	defer net.stop()
	run(report, all21().Select(c.has), reading.Value, rule.New21(reading.Value, o), net)
	return report, nil
}

func (v *Validator) options(data []byte, problems csaf.Problems) rule.Options {
	o := rule.Options{Data: data, Problems: problems, Now: v.Now, Speller: v.Speller, Grammar: v.Grammar, Extension: v.Extension}
	if o.Speller == nil {
		o.Speller = spell.English
	}
	if o.Now.IsZero() {
		o.Now = time.Now() // 6.2.33 of 2.1 would find nothing without
	}
	return o
}

// run adds the results of the tests to the report. Of a document that is no JSON none
// is run: what was read of it is a part, and says nothing.
func run[D any](report *Report, set rule.Set[D], doc *D, env *rule.Env, net *network) {
	if report.broken() {
		for _, t := range set {
			report.Results = append(report.Results, Result{Name: Name(report.Version, t.ID), Result: rule.Result{ID: t.ID, Name: t.Name, State: rule.NotRun}})
		}
		return
	}
	for i, r := range rule.Run(set, doc, env) {
		if set[i].Needs&rule.Network != 0 && r.State == rule.Passed && net.open {
			r.State = rule.NotRun
		}
		report.Results = append(report.Results, Result{Name: Name(report.Version, r.ID), Result: r})
	}
}

// network is the Fetcher of one check.
type network struct {
	stop func()
	open bool // an URL was not asked for: there is no Fetcher, or no time
}

func (v *Validator) network(ctx context.Context, o *rule.Options, wanted bool) *network {
	n := &network{stop: func() {}}
	if !wanted {
		return n
	}
	limit := v.NetworkTime
	if limit <= 0 {
		limit = 30 * time.Second
	}
	ctx, n.stop = context.WithTimeout(ctx, limit)
	o.Fetcher = func(url string) (int, error) {
		if v.Fetcher == nil || ctx.Err() != nil {
			n.open = true
			return 200, nil
		}
		status, err := v.Fetcher(ctx, url)
		if err != nil && ctx.Err() != nil {
			n.open = true
			return 200, nil
		}
		return status, err
	}
	return n
}

// Version returns the version that a document says it has: "2.1" or "2.0", which is
// also what documents count for that say nothing. It looks at csaf_version, and at
// $schema when that is missing, without reading the document.
func Version(data []byte) string {
	for rest := data; ; {
		i := bytes.Index(rest, []byte(`"csaf_version"`))
		if i < 0 {
			break
		}
		before, after := byte(0), rest[i+len(`"csaf_version"`):]
		if i > 0 {
			before = rest[i-1]
		}
		rest = after
		after = bytes.TrimLeft(after, " \t\r\n")
		if before == '\\' || len(after) == 0 || after[0] != ':' {
			continue // within a text, or a text itself
		}
		after = bytes.TrimLeft(after[1:], " \t\r\n")
		switch {
		case bytes.HasPrefix(after, []byte(`"2.1"`)):
			return V21
		case bytes.HasPrefix(after, []byte(`"2.0"`)):
			return V20
		}
	}
	head := string(data[:min(len(data), 4096)])
	if i := strings.Index(head, `"$schema"`); i >= 0 && strings.Contains(head[i:min(len(head), i+200)], "/csaf/v2.1/") {
		return V21
	}
	return V20
}
