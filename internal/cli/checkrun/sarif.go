package checkrun

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/check"
)

// SARIF writes a log of SARIF 2.1.0 (OASIS): each result as it is found, the rules at
// the end. Columns count characters.
type SARIF struct {
	Out     io.Writer
	Version string // of the program

	begun  bool
	rules  []sarifRule
	index  map[string]int
	notes  []sarifNote
	titles map[string]check.Rule
}

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

type (
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRule struct {
		ID      string     `json:"id"`
		Short   *sarifText `json:"shortDescription,omitempty"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifResult struct {
		Rule      string          `json:"ruleId"`
		Index     int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifNote struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
)

// Result writes the findings of one document.
func (s *SARIF) Result(r *Result) error {
	if r.Err != nil {
		s.notes = append(s.notes, sarifNote{"error", sarifText{"could not be read: " + r.Err.Error()}, []sarifLocation{{Physical: sarifPhysical{Artifact: sarifArtifact{artifactURI(r.Name)}}}}})
		return nil
	}
	w := bufio.NewWriter(s.Out)
	for i := range r.Report.Findings {
		f := &r.Report.Findings[i]
		out := sarifResult{Rule: f.Rule, Index: s.rule(f), Level: level(f.Severity), Message: sarifText{f.Message}, Locations: []sarifLocation{{
			Physical: sarifPhysical{Artifact: sarifArtifact{artifactURI(r.Name)}, Region: &sarifRegion{f.Line, f.Column}},
		}}}
		if f.Pointer != "" {
			out.Locations[0].Logical = []sarifLogical{{f.Pointer, "member"}}
		}
		if err := s.write(w, out); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (s *SARIF) write(w io.Writer, out sarifResult) error {
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	between := ",\n"
	if !s.begun {
		between = s.head()
	}
	_, err = io.WriteString(w, between+string(raw))
	return err
}

func (s *SARIF) head() string {
	s.begun = true
	return fmt.Sprintf("{\"$schema\": %q, \"version\": \"2.1.0\", \"runs\": [{\"columnKind\": \"unicodeCodePoints\", \"results\": [\n", sarifSchema)
}

// rule returns the index of a finding's rule, adding it to the list.
func (s *SARIF) rule(f *check.Finding) int {
	if s.index == nil {
		s.index, s.titles = map[string]int{}, map[string]check.Rule{}
		for _, r := range check.Rules() {
			s.titles[r.ID] = r
		}
	}
	if i, ok := s.index[f.Rule]; ok {
		return i
	}
	r := sarifRule{ID: f.Rule, Short: &sarifText{f.Title}}
	r.Default.Level = level(f.Severity)
	if known, ok := s.titles[f.Rule]; ok {
		r.Short.Text, r.Default.Level = known.Title, level(known.Severity)
	}
	s.rules, s.index[f.Rule] = append(s.rules, r), len(s.rules)
	return len(s.rules) - 1
}

// Summary ends the log: the tool, its rules, and what could not be read.
func (s *SARIF) Summary(all Tally) error {
	head := ""
	if !s.begun {
		head = s.head()
	}
	type invocation struct {
		OK    bool        `json:"executionSuccessful"`
		Notes []sarifNote `json:"toolExecutionNotifications,omitempty"`
	}
	type driver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Home    string      `json:"informationUri"`
		Rules   []sarifRule `json:"rules"`
	}
	rules := s.rules
	if rules == nil {
		rules = []sarifRule{}
	}
	tool, err := json.Marshal(map[string]driver{"driver": {"Tocsin", s.Version, "https://github.com/tocsin-sec/tocsin", rules}})
	if err != nil {
		return err
	}
	ran, err := json.Marshal([]invocation{{all.NotRead == 0, s.notes}})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Out, "%s\n],\n\"tool\": %s,\n\"invocations\": %s}]}\n", head, tool, ran)
	return err
}

// level is a severity in SARIF's words.
func level(s check.Severity) string {
	switch s {
	case check.Error:
		return "error"
	case check.Warning:
		return "warning"
	}
	return "note"
}

// artifactURI is a document's name as an URI reference (RFC 3986): an URL as it is, a
// path relative where it is, with what an URI cannot have escaped.
func artifactURI(name string) string {
	if isURL(name) {
		return name
	}
	if name == "-" {
		return "stdin"
	}
	slashed := filepath.ToSlash(filepath.Clean(name))
	u := url.URL{Path: slashed}
	if strings.HasPrefix(slashed, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
