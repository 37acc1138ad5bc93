// Package updateinfo makes updateinfo.xml, with which RPM repositories tell dnf what an
// update is about: modifyrepo_c takes it into a repository.
//
// The format has no specification. Names and order of elements and attributes are those
// that createrepo_c writes (updateinfo in its xml_dump_updaterecord.c); libsolv, which
// reads them for dnf, takes exactly these. dnf matches the packages listed with those
// that are installed: an installed one that is older is shown.
package updateinfo

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

type document struct {
	XMLName xml.Name `xml:"updates"`
	Updates []update `xml:"update"`
}

type update struct {
	From        string       `xml:"from,attr"`
	Status      string       `xml:"status,attr"`
	Type        string       `xml:"type,attr"`
	Version     string       `xml:"version,attr"`
	ID          string       `xml:"id"`
	Title       string       `xml:"title"`
	Issued      date         `xml:"issued"`
	Updated     *date        `xml:"updated"`
	Rights      string       `xml:"rights,omitempty"`
	Release     string       `xml:"release,omitempty"`
	Severity    string       `xml:"severity,omitempty"`
	Summary     string       `xml:"summary,omitempty"`
	Description string       `xml:"description"`
	Solution    string       `xml:"solution,omitempty"`
	References  []reference  `xml:"references>reference"`
	Collections []collection `xml:"pkglist>collection"`
}

type date struct {
	Date string `xml:"date,attr"`
}

type reference struct {
	HRef  string `xml:"href,attr"`
	ID    string `xml:"id,attr,omitempty"`
	Type  string `xml:"type,attr"`
	Title string `xml:"title,attr,omitempty"`
}

type collection struct {
	Short    string `xml:"short,attr"`
	Name     string `xml:"name"`
	Packages []pkg  `xml:"package"`
}

type pkg struct {
	Name     string `xml:"name,attr"`
	Version  string `xml:"version,attr"`
	Release  string `xml:"release,attr"`
	Epoch    string `xml:"epoch,attr"`
	Arch     string `xml:"arch,attr"`
	Source   string `xml:"src,attr,omitempty"`
	Filename string `xml:"filename"`
	Sum      *sum   `xml:"sum"`
}

type sum struct {
	Kind   string `xml:"type,attr"`
	Digits string `xml:",chardata"`
}

// Make returns the bytes. A withdrawn or superseded advisory is a file without an update: dnf has no
// word for withdrawal, and lists what a repository names. It fails with fault.Invalid when
// no branch lists packages.
func Make(in record.Input) ([]byte, error) {
	facts, err := in.Facts()
	if err != nil {
		return nil, err
	}
	var doc document
	if !in.Content.Retired() {
		u, err := one(in, facts)
		if err != nil {
			return nil, err
		}
		doc.Updates = []update{u}
	}
	raw, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	b.Write(raw)
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func one(in record.Input, facts record.Facts) (update, error) {
	r := in.Content.Record
	u := update{From: in.Project.Address(), Status: "final", Type: "security", Version: facts.Version, ID: facts.Number, Title: r.Title,
		Issued: date{stamp(facts.Initial)}, Severity: rating(r.Rating()), Summary: strings.TrimSpace(r.Impact),
		Description: strings.TrimSpace(r.Summary), References: references(r, facts)}
	if !facts.Current.Equal(facts.Initial) {
		u.Updated = &date{stamp(facts.Current)}
	}
	var releases, fixes []string
	for _, b := range r.Branches {
		if len(b.Packages) == 0 || b.Status != record.Fixed {
			continue
		}
		u.add(b)
		if b.Platform != "" && !slices.Contains(releases, b.Platform) {
			releases = append(releases, b.Platform)
		}
		fixes = append(fixes, in.Texts.T("advisory.doc.fix", "version", b.Fixed, "branch", b.Label()))
	}
	if len(u.Collections) == 0 {
		return update{}, fault.New(fault.Invalid, "advisory.emit.no_packages")
	}
	u.Release, u.Solution = strings.Join(releases, ", "), strings.Join(fixes, "\n")
	return u, nil
}

// add adds the packages of a branch to the collection of its platform.
func (u *update) add(b record.Branch) {
	name := b.Platform
	if name == "" {
		name = b.Label()
	}
	i := slices.IndexFunc(u.Collections, func(c collection) bool { return c.Name == name })
	if i < 0 {
		i = len(u.Collections)
		u.Collections = append(u.Collections, collection{Short: shortOf(name), Name: name})
	}
	for _, p := range b.Packages {
		n, ok := record.ParseNEVRA(p.NEVRA)
		if !ok {
			continue // a preview of what has problems
		}
		x := pkg{Name: n.Name, Version: n.Version, Release: n.Release, Epoch: n.Epoch, Arch: n.Arch, Source: p.Source, Filename: n.File()}
		if kind, digits, ok := p.SumParts(); ok {
			x.Sum = &sum{kind, digits}
		}
		u.Collections[i].Packages = append(u.Collections[i].Packages, x)
	}
}

// shortOf makes the short name of a collection: "AlmaLinux 9" is "almalinux-9".
func shortOf(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), "-")
}

// rating is the word that dnf knows for a severity (dnf updateinfo --sec-severity).
func rating(s string) string {
	switch s {
	case "critical":
		return "Critical"
	case "high":
		return "Important"
	case "medium":
		return "Moderate"
	case "low":
		return "Low"
	}
	return "None"
}

func references(r record.Record, facts record.Facts) []reference {
	out := []reference{{HRef: facts.Page, ID: facts.Number, Type: "self", Title: facts.Number}}
	if r.CVE != "" {
		out = append(out, reference{HRef: "https://www.cve.org/CVERecord?id=" + r.CVE, ID: r.CVE, Type: "cve", Title: r.CVE})
	}
	for _, x := range r.References {
		out = append(out, reference{HRef: x.URL, Type: "other", Title: x.Text})
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }
