// Package record is the one advisory record, its problems beside the field, and its way
// to CSAF and back. Who may change, approve and publish it is in advisory.
package record

import (
	"slices"
	"time"
)

// Record is the one advisory record that every output is made from.
type Record struct {
	Title       string      `json:"title"`
	Summary     string      `json:"summary"` // what is wrong, for those who decide whether to read on
	Impact      string      `json:"impact"`  // what an attacker gains
	Details     string      `json:"details,omitempty"`
	Branches    []Branch    `json:"branches"`
	Workarounds string      `json:"workarounds,omitempty"`
	CWE         []Weakness  `json:"cwe,omitempty"`
	CVSS31      string      `json:"cvss31,omitempty"` // vector, "" for none
	CVSS40      string      `json:"cvss40,omitempty"`
	CVE         string      `json:"cve,omitempty"`         // "CVE-2026-12345"
	AssignedBy  string      `json:"assigned_by,omitempty"` // who assigned the CVE id
	NoCVE       string      `json:"no_cve,omitempty"`      // without an id: why there is none
	Credits     []Credit    `json:"credits,omitempty"`
	References  []Reference `json:"references,omitempty"`
	Timeline    []Moment    `json:"timeline,omitempty"`
	TLP         string      `json:"tlp"`  // WHITE is what the public site takes
	Lang        string      `json:"lang"` // BCP 47
}

// Status says how the flaw concerns a branch.
type Status string

// The statuses. The zero value is invalid.
const (
	Affected      Status = "affected"      // affected, no fix
	Fixed         Status = "fixed"         // affected, a fixed version is out with the advisory
	NotAffected   Status = "not_affected"  // never was affected
	Investigating Status = "investigating" // not known yet
)

// Statuses returns all of them in the order of the form.
func Statuses() []Status { return []Status{Fixed, Affected, NotAffected, Investigating} }

// Branch is one line of development of one product.
type Branch struct {
	Product       string `json:"product"`        // "lanternd"
	Purl          string `json:"purl,omitempty"` // package URL without version
	Name          string `json:"name,omitempty"` // branch, "" for a product without branches
	Status        Status `json:"status"`
	Affected      string `json:"affected,omitempty"`      // ">= 2.4.0, < 2.4.7", or versions "2.4.0, 2.4.1"
	Fixed         string `json:"fixed,omitempty"`         // "2.4.7"
	FixURL        string `json:"fix_url,omitempty"`       // commit or release
	Justification string `json:"justification,omitempty"` // why not affected, a csaf flag label
	Waiver        string `json:"waiver,omitempty"`        // published without fix: why ("" when it is not waived)
	WaivedBy      string `json:"waived_by,omitempty"`     // person id, set by the service
}

// Label names the branch for people: "lanternd stable-2.4".
func (b Branch) Label() string {
	if b.Name == "" {
		return b.Product
	}
	return b.Product + " " + b.Name
}

// Open reports whether nobody has decided about the branch yet: it is neither fixed
// nor not affected nor waived by name.
func (b Branch) Open() bool {
	return b.Status != Fixed && b.Status != NotAffected && b.Waiver == ""
}

// Weakness is a CWE entry. Name may stay empty for those in CWEName.
type Weakness struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Credit thanks somebody.
type Credit struct {
	Name         string `json:"name,omitempty"`
	Organization string `json:"organization,omitempty"`
	For          string `json:"for,omitempty"`
}

// Reference is a link with what it is.
type Reference struct {
	URL  string `json:"url"`
	Text string `json:"text"`
}

// Moment is one line of the public timeline.
type Moment struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// OpenBranches returns the names of the branches that nobody has decided about; needed are
// those that have to be mentioned.
func (r Record) OpenBranches(needed []string) []string {
	var out []string
	for _, b := range r.Branches {
		if b.Open() {
			out = append(out, b.Label())
		}
	}
	for _, name := range needed {
		mentioned := slices.ContainsFunc(r.Branches, func(b Branch) bool { return b.Label() == name })
		if !mentioned {
			out = append(out, name)
		}
	}
	return out
}
