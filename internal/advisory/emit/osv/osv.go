// Package osv makes an OSV 1.9 record of the advisory record.
//
// What OSV cannot hold: branches that are not affected or under investigation,
// justifications, remediations without a version, who assigned the CVE id. What affects a
// product without an ecosystem is in database_specific, and as a GIT range when the fix
// is a commit. docs/formats.md has the table of all formats.
package osv

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	format "github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Make returns the record's bytes. It fails with fault.Invalid when no branch is affected
// and none ever was published as such: OSV has no record of what is not affected; and when
// the result would break the schema or a rule of kit/osv, naming the first breach.
func Make(in record.Input) ([]byte, error) {
	r, err := Record(in)
	if err != nil {
		return nil, err
	}
	raw, err := format.Write(r)
	if err != nil || in.Loose {
		return raw, err
	}
	if _, problems := format.Read(raw, format.Limits{}); problems.Fatal() {
		return nil, broken(problems[0].String())
	}
	for _, f := range format.Lint(r) {
		if f.Severity == rule.Error {
			return nil, broken(f.Test + " " + f.Pointer + " " + f.Message)
		}
	}
	return raw, nil
}

func broken(problem string) error {
	return fault.New(fault.Invalid, "advisory.emit.broken", "format", "OSV", "problem", problem)
}

// ID is the id of an advisory's record: its number, behind "x_" unless the project's prefix
// is registered with OSV, the number has it, and the schema that we follow knows it: an id
// that readers refuse helps nobody.
func ID(in record.Input, number string) string {
	if in.Project.Register && strings.HasPrefix(number, in.Project.Series+"-") && format.KnownID(number) {
		return number
	}
	return "x_" + number
}

// Record makes the record; it fails as Make does, but does not check the result.
func Record(in record.Input) (*format.Record, error) {
	facts, err := in.Facts()
	if err != nil {
		return nil, err
	}
	c := in.Content.Record
	out := &format.Record{SchemaVersion: format.Schema, ID: ID(in, facts.Number), Modified: stamp(facts.Current), Published: stamp(facts.Initial)}
	out.Aliases = ids(out.ID, append([]string{c.CVE}, c.Aliases...), nil)
	out.Related = ids(out.ID, c.Related, out.Aliases)
	out.References = references(c, facts)
	out.Affected = affected(c)
	if in.Content.Retired() || len(out.Affected) == 0 && len(in.History) > 0 {
		// What was taken back or replaced makes no statement any more. So does a correction that finds
		// nothing affected: OSV has no other word for it.
		out.Withdrawn, out.Affected = out.Modified, nil
	}
	if len(out.Affected) == 0 && out.Withdrawn == "" && !in.Loose {
		return nil, fault.New(fault.Invalid, "advisory.emit.nothing_affected", "format", "OSV")
	}
	out.Summary, out.Details = c.Title, details(in)
	if facts.Withdrawn != "" {
		out.Summary, out.Details = in.Texts.T("advisory.doc.withdrawn_title", "title", c.Title), facts.Withdrawn
		return out, nil
	}
	if next := in.SuccessorOf(); next != nil {
		superseded(in, next, out)
		return out, nil
	}
	for _, x := range c.Credits {
		out.Credits = append(out.Credits, format.Credit{Name: credited(x), Type: strings.ToUpper(x.Role)})
	}
	if _, err := severity.Parse31(c.CVSS31); err == nil {
		out.Severity = append(out.Severity, format.Severity{Type: "CVSS_V3", Score: c.CVSS31})
	}
	if _, err := severity.Parse40(c.CVSS40); err == nil {
		out.Severity = append(out.Severity, format.Severity{Type: "CVSS_V4", Score: c.CVSS40})
	}
	if len(c.CWE) > 0 {
		names := make([]string, len(c.CWE))
		for i, w := range c.CWE {
			names[i] = w.ID
		}
		out.DatabaseSpecific = object(map[string]any{"cwe_ids": names})
	}
	return out, nil
}

// superseded says what replaces the record. OSV has no word for it but related: an alias
// would say that both are of one flaw, which they need not be.
func superseded(in record.Input, next *record.Successor, out *format.Record) {
	out.Summary, out.Details = in.Texts.T("advisory.doc.superseded_title", "title", in.Content.Record.Title), strings.TrimSpace(in.Content.Superseded.Reason)
	id := next.ID
	if next.Ours {
		id = ID(in, next.ID)
	}
	if format.KnownID(id) {
		out.Related = append(out.Related, ids(out.ID, []string{id}, append(out.Aliases, out.Related...))...)
	}
	if link := (format.Reference{Type: "ADVISORY", URL: next.Page}); !slices.Contains(out.References, link) {
		out.References = append(out.References, link)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ids are the non-empty ids that are neither the record's own nor among the others, each
// once; nil for none.
func ids(self string, list, others []string) []string {
	var out []string
	for _, id := range list {
		if id != "" && id != self && !slices.Contains(out, id) && !slices.Contains(others, id) {
			out = append(out, id)
		}
	}
	return out
}

func credited(c record.Credit) string {
	switch {
	case c.Name == "":
		return c.Organization
	case c.Organization == "":
		return c.Name
	}
	return c.Name + " (" + c.Organization + ")"
}

// details is the text in Markdown, as the schema has it. The record's texts are plain
// text, which reads the same.
func details(in record.Input) string {
	c := in.Content.Record
	var parts []string
	add := func(key, text string) {
		if strings.TrimSpace(text) == "" {
			return
		}
		if len(parts) > 0 {
			text = "### " + in.Texts.T(key) + "\n\n" + text
		}
		parts = append(parts, text)
	}
	add("advisory.doc.summary", c.Summary)
	add("advisory.doc.impact", c.Impact)
	add("advisory.doc.details", c.Details)
	add("advisory.f.workarounds", c.Workarounds)
	return strings.Join(parts, "\n\n")
}

func references(c record.Record, facts record.Facts) []format.Reference {
	list := []format.Reference{{Type: "ADVISORY", URL: facts.Page}}
	for _, b := range c.Branches {
		if b.FixURL != "" {
			list = append(list, format.Reference{Type: "FIX", URL: b.FixURL})
		}
	}
	for _, x := range c.References {
		kind := strings.ToUpper(x.Kind)
		if kind == "" {
			kind = "WEB"
		}
		list = append(list, format.Reference{Type: kind, URL: x.URL})
	}
	var out []format.Reference
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// object is a JSON object of a map without nothing in it, nil for an empty one.
func object(m map[string]any) json.RawMessage {
	for k, v := range m {
		if s, ok := v.(string); ok && s == "" {
			delete(m, k)
		}
	}
	if len(m) == 0 {
		return nil
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil // texts and lists of texts always marshal
	}
	return raw
}

// commitURL finds repository and commit in the addresses that forges and cgit give a commit.
var commitURL = regexp.MustCompile(`^(https?://[^?#]+?)(?:/-)?/(?:commit|commits)/(?:\?(?:.*&)?id=)?([0-9a-f]{40}|[0-9a-f]{64})$`)

func commit(url string) (repo, hash string, ok bool) {
	m := commitURL.FindStringSubmatch(url)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
