// Package cve makes the CVE 5.2 record of an advisory, and its CNA container alone, which
// is what CVE Services takes.
//
// The organisation of the CNA comes from the project's settings (Input.CNA) and is never
// made up: without it there is no record, with a clear error. What the format cannot hold
// is in docs/formats.md.
package cve

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	format "github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// Version is the version of the format that is written.
const Version = "5.2.0"

// Longest text of a description, a credit or a line of the timeline (the schema's
// maxLength); longer ones are cut, and say where the rest is.
const maxText = 4096

// Make returns the record's bytes: published, or rejected for a withdrawn advisory. It
// fails with fault.Invalid when there is no CVE id, when the project's settings name no
// organisation, and when the record would break the schema or a rule of kit/cve.
func Make(in record.Input) ([]byte, error) {
	c, err := Container(in)
	if err != nil {
		return nil, err
	}
	if in.CNA.OrgID == "" {
		return nil, fault.New(fault.Invalid, "advisory.emit.no_cna", "project", in.Project.Name)
	}
	facts, err := in.Facts()
	if err != nil {
		return nil, err
	}
	c.Provider = format.Provider{OrgID: in.CNA.OrgID, ShortName: in.CNA.ShortName, DateUpdated: stamp(facts.Current)}
	r := &format.Record{DataType: "CVE_RECORD", DataVersion: Version, Containers: format.Containers{CNA: *c},
		Metadata: format.Metadata{ID: in.Content.Record.CVE, AssignerOrgID: in.CNA.OrgID, AssignerShortName: in.CNA.ShortName,
			State: format.Published, DatePublished: stamp(facts.Initial), DateUpdated: stamp(facts.Current)}}
	if facts.Withdrawn != "" {
		r.Metadata.State, r.Metadata.DateRejected = format.Rejected, stamp(facts.Current)
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
	return fault.New(fault.Invalid, "advisory.emit.broken", "format", "CVE", "problem", problem)
}

// Container makes the CNA container without its provider, which CVE Services adds. It
// fails with fault.Invalid when the advisory has no CVE id, or finds nothing affected: such
// an id is rejected, which is a person's decision.
func Container(in record.Input) (*format.CNA, error) {
	r := in.Content.Record
	if r.CVE == "" {
		return nil, fault.New(fault.Invalid, "advisory.emit.no_cve")
	}
	facts, err := in.Facts()
	if err != nil {
		return nil, err
	}
	w := writer{record: r, facts: facts, lang: r.Lang, next: in.SuccessorOf()}
	if facts.Withdrawn != "" {
		return &format.CNA{RejectedReasons: w.texts(facts.Withdrawn)}, nil
	}
	c := &format.CNA{Title: clip(r.Title, 256, ""), DatePublic: stamp(facts.Initial), Descriptions: w.texts(join(r.Summary, r.Impact)),
		Affected: affected(r, in.Project.Name), ProblemTypes: w.weaknesses(), References: w.references(), Metrics: metrics(r),
		Workarounds: w.texts(r.Workarounds), Solutions: w.solutions(in), Timeline: w.timeline(), Credits: w.credits()}
	if !slices.ContainsFunc(r.Branches, func(b record.Branch) bool { return b.Status != record.NotAffected }) && !in.Loose {
		return nil, fault.New(fault.Invalid, "advisory.emit.nothing_affected", "format", "CVE")
	}
	c.Source, err = json.Marshal(map[string]string{"advisory": facts.Number})
	return c, err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// join puts texts of the record behind each other as paragraphs.
func join(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return strings.Join(parts, "\n\n")
}

// clip cuts a text at a word to at most n characters with more behind it.
func clip(s string, n int, more string) string {
	if s = strings.TrimSpace(s); utf8.RuneCountInString(s) <= n {
		return s
	}
	end := " …"
	if more != "" {
		end += " " + more
	}
	runes := []rune(s)[:max(0, n-utf8.RuneCountInString(end))]
	if s = string(runes); strings.LastIndexByte(s, ' ') > 0 {
		s = s[:strings.LastIndexByte(s, ' ')]
	}
	return strings.TrimSpace(s) + end
}

// writer makes the parts of a container.
type writer struct {
	record record.Record
	facts  record.Facts
	lang   string
	next   *record.Successor // of a superseded advisory
}

// texts is a text as the list that the schema wants, nil for an empty one.
func (w writer) texts(s string) []format.Description {
	if s = clip(s, maxText, w.facts.Page); s == "" {
		return nil
	}
	return []format.Description{{Lang: w.lang, Value: s}}
}

func (w writer) weaknesses() []format.ProblemType {
	var out []format.ProblemType
	for _, x := range w.record.CWE {
		name := x.Name
		if name == "" {
			name = record.CWEName(x.ID)
		}
		// The schema's names are English, whatever the record's language.
		p := format.ProblemType{Descriptions: []format.Problemtext{{Lang: "en", Description: strings.TrimSpace(x.ID + " " + name), CWE: x.ID, Type: "CWE"}}}
		if !slices.ContainsFunc(out, func(o format.ProblemType) bool { return o.Descriptions[0].CWE == x.ID }) {
			out = append(out, p)
		}
	}
	return out
}

// references are the advisory itself, the fixes and those of the record, each URL once
// with all that is known of it.
func (w writer) references() []format.Reference {
	out := []format.Reference{{URL: w.facts.Page, Name: w.facts.Number, Tags: []string{"vendor-advisory"}}}
	add := func(url, name, tag string) {
		i := slices.IndexFunc(out, func(r format.Reference) bool { return r.URL == url })
		if i < 0 {
			i = len(out)
			out = append(out, format.Reference{URL: url, Name: clip(name, 512, "")})
		}
		if tag != "" && !slices.Contains(out[i].Tags, tag) {
			out[i].Tags = append(out[i].Tags, tag)
		}
	}
	if w.next != nil {
		// The flaw stays what it is: its record leads to what is said of it now.
		add(w.next.Page, w.next.ID, "vendor-advisory")
	}
	for _, b := range w.record.Branches {
		if b.FixURL != "" {
			add(b.FixURL, "", "patch")
		}
	}
	for _, x := range w.record.References {
		add(x.URL, x.Text, tag(x.Kind))
	}
	return out
}

// tag is the nearest word of CVE's list of tags for a kind of link, "" where it has none.
func tag(kind string) string {
	switch kind {
	case "advisory":
		return "third-party-advisory"
	case "article":
		return "technical-description"
	case "discussion":
		return "mailing-list"
	case "report":
		return "issue-tracking"
	case "fix":
		return "patch"
	case "package":
		return "product"
	case "evidence":
		return "exploit"
	}
	return ""
}

func metrics(r record.Record) []format.Metric {
	var m format.Metric
	if s, err := severity.Parse31(r.CVSS31); err == nil {
		m.V31 = &format.CVSSv31{Version: "3.1", VectorString: r.CVSS31, BaseScore: s.Base, BaseSeverity: strings.ToUpper(string(severity.Rate(s.Base)))}
	}
	if s, err := severity.Parse40(r.CVSS40); err == nil {
		m.V4 = &format.CVSSv4{Version: "4.0", VectorString: r.CVSS40, BaseScore: s.Score, BaseSeverity: strings.ToUpper(string(s.Rating))}
	}
	if m.V31 == nil && m.V4 == nil {
		return nil
	}
	m.Format = "CVSS"
	return []format.Metric{m}
}

// solutions says for each branch which version fixes it.
func (w writer) solutions(in record.Input) []format.Description {
	var lines []string
	for _, b := range w.record.Branches {
		if b.Status == record.Fixed && b.Fixed != "" {
			lines = append(lines, in.Texts.T("advisory.doc.fix", "version", b.Fixed, "branch", b.Label()))
		}
	}
	return w.texts(strings.Join(lines, "\n"))
}

func (w writer) timeline() []format.Event {
	var out []format.Event
	for _, m := range w.record.Timeline {
		e := format.Event{Time: stamp(m.At), Lang: w.lang, Value: clip(m.Text, maxText, "")}
		if e.Value != "" && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

func (w writer) credits() []format.Credit {
	var out []format.Credit
	for _, x := range w.record.Credits {
		name := x.Name
		if name == "" {
			name = x.Organization
		} else if x.Organization != "" {
			name += " (" + x.Organization + ")"
		}
		c := format.Credit{Lang: w.lang, Value: clip(name, maxText, ""), Type: strings.ReplaceAll(x.Role, "_", " ")}
		if c.Value != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}
