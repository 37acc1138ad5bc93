// Package record is the one advisory record, its problems beside the field, and the CSAF
// 2.0 document that is made of it. The other outputs are in emit, the way from documents
// of others to a record in reading. Who may change, approve and publish it is in advisory.
package record

import (
	"reflect"
	"time"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
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
	Aliases     []string    `json:"aliases,omitempty"`     // ids of the same flaw elsewhere: "GHSA-..."
	Related     []string    `json:"related,omitempty"`     // ids of other flaws that belong to it
	Credits     []Credit    `json:"credits,omitempty"`
	References  []Reference `json:"references,omitempty"`
	Timeline    []Moment    `json:"timeline,omitempty"`
	TLP         string      `json:"tlp"`  // WHITE (or CLEAR), GREEN, AMBER, RED
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
	Product       string `json:"product"`            // "lanternd"
	Purl          string `json:"purl,omitempty"`     // package URL without version
	CPE           string `json:"cpe,omitempty"`      // CPE 2.3 name of all versions: "cpe:2.3:a:lanterna:lanternd:*:*:*:*:*:*:*:*"
	Name          string `json:"name,omitempty"`     // branch, "" for a product without branches
	Platform      string `json:"platform,omitempty"` // release that the packages are for: "AlmaLinux 9"
	Status        Status `json:"status"`
	Covers        string `json:"covers,omitempty"`        // not affected or not known: of which versions that is said, "" for all
	Affected      string `json:"affected,omitempty"`      // ">= 2.4.0, < 2.4.7", or versions "2.4.0, 2.4.1"
	Fixed         string `json:"fixed,omitempty"`         // "2.4.7"
	FixURL        string `json:"fix_url,omitempty"`       // commit or release
	Justification string `json:"justification,omitempty"` // why not affected, a csaf flag label
	Waiver        string `json:"waiver,omitempty"`        // published without fix: why ("" when it is not waived)
	WaivedBy      string `json:"waived_by,omitempty"`     // person id, set by the service
	// Packages are the RPM packages that fix the branch (updateinfo.xml).
	Packages []Package `json:"packages,omitempty"`
	// Commits are where the branch got the problem and the fix, as far as they are known.
	Commits *Commits `json:"commits,omitempty"`
}

// Package is a binary RPM package.
type Package struct {
	NEVRA  string `json:"nevra"`            // "lanternd-0:2.4.7-1.el9.x86_64"; without an epoch it is 0
	Source string `json:"source,omitempty"` // "lanternd-2.4.7-1.el9.src.rpm"
	Sum    string `json:"sum,omitempty"`    // "sha256:" and hexadecimal digits of the file
}

// Empty reports whether nothing of the branch is filled in.
func (b Branch) Empty() bool { return reflect.ValueOf(b).IsZero() }

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
	Role         string `json:"role,omitempty"` // one of Roles, "" when nobody said
}

// Reference is a link with what it is.
type Reference struct {
	URL  string `json:"url"`
	Text string `json:"text"`
	Kind string `json:"kind,omitempty"` // one of Kinds, "" for a page on the web
}

// Moment is one line of the public timeline.
type Moment struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Level is the TLP level at which the record is published. A label that is none of CSAF 2.0
// is a problem of the record and never published; for what looks earlier it is RED.
func (r Record) Level() pubtree.Level {
	if l, ok := pubtree.LevelOf(r.TLP); ok {
		return l
	}
	return pubtree.Red
}
