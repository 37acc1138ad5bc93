package convertrun

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/advisory/emit"
	"github.com/tocsin-sec/tocsin/internal/advisory/reading"
	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/kit/check"
)

// Publisher is who publishes the result, where the source does not say it.
type Publisher struct {
	Name      string
	Namespace string // web address under which the publisher's documents lie
	OrgID     string // UUID of the CNA that publishes a CVE record
	OrgName   string // its short name
}

// uuid is how the CVE record format writes an organisation.
var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)

// organisation is the CNA of a CVE record, which no other format names. It is never made up:
// a record under a wrong one speaks in the name of somebody else.
func (p Publisher) organisation(to string) (record.CNA, error) {
	switch {
	case to != "cve":
		return record.CNA{}, nil
	case p.OrgID == "":
		return record.CNA{}, errors.New("a CVE record names the CNA that publishes it: give its UUID with --cna-id, and its short name with --cna-name")
	case !uuid.MatchString(p.OrgID):
		return record.CNA{}, fmt.Errorf("--cna-id %q is no UUID as CVE records have it (RFC 4122, version 4)", p.OrgID)
	case p.OrgName != "" && (utf8.RuneCountInString(p.OrgName) < 2 || utf8.RuneCountInString(p.OrgName) > 32):
		return record.CNA{}, errors.New("--cna-name: the short name of a CNA has 2 to 32 characters")
	}
	return record.CNA{OrgID: p.OrgID, ShortName: p.OrgName}, nil
}

// placeholder stands in an address that somebody has to name: no such host can exist
// (RFC 2606).
const placeholder = "https://publisher.invalid"

// reader makes a record of a document, nil for a format that has none.
func reader(from check.Format) func([]byte) (reading.Result, error) {
	switch from {
	case check.OSV:
		return reading.FromOSV
	case check.CSAF20, check.CSAF21:
		return reading.FromCSAF
	case check.CVE:
		return reading.FromCVE
	}
	return nil
}

// throughRecord converts by way of the advisory record. What the record cannot hold is
// lost; breaches of the result's own format are open.
func throughRecord(data []byte, from check.Format, to emit.Format, by Publisher, now time.Time) (*Result, error) {
	cna, err := by.organisation(to.Name)
	if err != nil {
		return nil, err
	}
	read, err := reader(from)(data)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	for _, l := range read.Lost {
		r.Notes = append(r.Notes, Note{Kind: Lost, Source: l.Pointer, Message: l.Reason})
	}
	in := record.Input{Content: read.Content, Number: read.Number, History: read.History, Initial: read.Initial, Current: read.Current, CNA: cna, Loose: true}
	in.Content.Source = nil // else it would be published as it was
	catalogue := i18n.Default()
	texts := catalogue.Printer(catalogue.Choose(in.Content.Record.Lang))
	in.Texts = texts
	open := func(target, message string) {
		r.Notes = append(r.Notes, Note{Kind: Open, Target: target, Message: message})
	}
	r.complete(&in.Content)
	if in.Current.IsZero() {
		in.Current = now.UTC().Truncate(time.Second)
		open("", "the source has no date; today's stands in its place")
	}
	if in.Initial.IsZero() {
		in.Initial = in.Current
	}
	if in.Number == "" {
		in.Number = "UNNUMBERED-1"
		open("", "the source has no id")
	}
	if by.Name == "" {
		by.Name = "Unnamed publisher"
		open("", "who publishes is not known: name it with --publisher")
	}
	if by.Namespace == "" {
		by.Namespace = placeholder
		open("", "the publisher's web address is not known: name it with --namespace; links to the document itself begin with it")
	}
	in.Site = by.Namespace
	if strings.HasPrefix(to.Name, "csaf") {
		r.Notes = append(r.Notes, Note{Kind: Assumed, Target: "/document/references", Message: "the document and its page lie below the publisher's address"})
	}
	in.Project = people.Project{Slug: "converted", Name: by.Name, Addresses: []string{"security@publisher.invalid"}, Langs: []string{"en"},
		Publisher: people.Publisher{Category: "other", Namespace: by.Namespace}}
	if r.Out, err = to.Make(in); err != nil {
		return nil, fmt.Errorf("make %s: %s", to.Name, texts.FaultWhole(err, ""))
	}
	return r, r.judge()
}

// complete puts what the source says elsewhere into what advisories always have.
func (r *Result) complete(c *record.Content) {
	filled := reading.Complete(c)
	if strings.TrimSpace(c.Change) == "" {
		c.Change = "Converted."
		filled = append(filled, "line for this revision")
	}
	for _, name := range filled {
		r.Notes = append(r.Notes, Note{Kind: Assumed, Message: "the source has no " + name + "; what stands there is said elsewhere in it"})
	}
}

// judge notes what the result breaks of its own format.
func (r *Result) judge() error {
	if _, ok := checked(r.Out); !ok {
		return nil
	}
	report, err := (&check.Checker{}).Check(context.Background(), r.Out, check.Request{Presets: []string{"basic"}})
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		if f.Severity == check.Error {
			r.Notes = append(r.Notes, Note{Kind: Open, Target: f.Pointer, Message: f.Rule + ": " + f.Message})
		}
	}
	return nil
}

// checked reports whether there are rules for bytes like these: pages and mails have none.
func checked(out []byte) (check.Format, bool) {
	f, _ := check.Detect(out)
	return f, f != "" && slices.Contains(check.Formats(), f)
}
