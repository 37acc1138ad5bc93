// Package affected is which branches of which products have the problem of a case: the
// rows of its table, their checks, and what changed between two of them.
//
// Not here: products and their branches (product), who may change the table (casework).
package affected

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// Limits of what people type, in characters or rows.
const (
	maxLine   = 200
	maxReason = 4000
	maxRows   = 500
)

// Status says how a branch of a product stands to the problem.
type Status int

// The statuses. The zero value counts as Unknown: nobody has looked.
const (
	Unknown     Status = iota
	IsAffected         // has the problem, no fix yet
	Fixed              // has a fix
	NotAffected        // never had it
	Waived             // has it or may have it, and will not get a fix; somebody stands for that by name
)

var statusNames = [...]string{"unknown", "affected", "fixed", "not_affected", "waived"}

// String returns the name that the store, the API and the catalogue keys use.
func (s Status) String() string {
	if s < Unknown || s > Waived {
		return statusNames[0]
	}
	return statusNames[s]
}

// ParseStatus reads a name written by Status.String; fault.Invalid for any other.
func ParseStatus(name string) (Status, error) {
	for s := Unknown; s <= Waived; s++ {
		if statusNames[s] == name {
			return s, nil
		}
	}
	return 0, fault.New(fault.Invalid, "casework.fault.status", "status", name)
}

// Statuses lists all statuses in their order.
func Statuses() []Status { return []Status{Unknown, IsAffected, Fixed, NotAffected, Waived} }

// Settled reports whether publication need not wait for the branch (requirement
// row LV-5): it is fixed, not affected, or waived by name.
func (s Status) Settled() bool { return s == Fixed || s == NotAffected || s == Waived }

// Row is one branch of one product as the case knows it.
type Row struct {
	Product  product.ID `json:"product,omitempty"`
	Name     string     `json:"name"`               // the product's name when it was written
	Branch   string     `json:"branch,omitempty"`   // "" for a product without branches
	Purl     string     `json:"purl,omitempty"`     // canonical
	Versions string     `json:"versions,omitempty"` // "9.0.0 to 9.4.1", "before 9.4.2", as people write it
	Fix      string     `json:"fix,omitempty"`      // the first fixed version
	Status   Status     `json:"status"`

	Reason   string          `json:"reason,omitempty"`    // of a waiver, or why it is not affected
	WaivedBy people.PersonID `json:"waived_by,omitempty"` // who stands for the waiver
	WaivedAt time.Time       `json:"waived_at,omitzero"`
}

// Check normalises the rows of a form and notes each problem at
// "affected.N.field". Old waivers keep their name; a new one takes the name of by.
func Check(c *fault.Checks, rows, old []Row, by people.PersonID, now time.Time) []Row {
	c.Require(len(rows) <= maxRows, "affected", "casework.field.many", "n", maxRows)
	seen := map[string]bool{}
	out := make([]Row, 0, len(rows))
	for i, a := range rows {
		if i >= maxRows {
			break
		}
		at := fmt.Sprintf("affected.%d.", i)
		a.trim()
		typed.Line(c, at+"name", a.Name, maxLine)
		optionalLine(c, at+"branch", a.Branch)
		optionalLine(c, at+"versions", a.Versions)
		optionalLine(c, at+"fix", a.Fix)
		if a.Purl != "" {
			p, err := purl.Parse(a.Purl)
			c.Require(err == nil, at+"purl", "casework.field.purl")
			a.Purl = p.String()
		}
		key := string(a.Product) + "\x00" + a.Name + "\x00" + a.Branch
		c.Require(!seen[key], at+"branch", "casework.field.twice", "name", strings.TrimSpace(a.Name+" "+a.Branch))
		seen[key] = true
		a.checkStatus(c, at)
		a.waive(old, by, now)
		out = append(out, a)
	}
	return out
}

func (a *Row) trim() {
	for _, s := range []*string{&a.Name, &a.Branch, &a.Purl, &a.Versions, &a.Fix, &a.Reason} {
		*s = strings.TrimSpace(*s)
	}
}

func optionalLine(c *fault.Checks, path, s string) {
	if s != "" {
		typed.Line(c, path, s, maxLine)
	}
}

// checkStatus holds what a status needs: a fix its version, a waiver its reason.
func (a *Row) checkStatus(c *fault.Checks, at string) {
	switch a.Status {
	case Fixed:
		c.Require(a.Fix != "", at+"fix", "casework.field.fix_missing")
	case Waived:
		typed.Text(c, at+"reason", a.Reason, maxReason)
	case IsAffected:
		c.Require(a.Versions != "", at+"versions", "casework.field.versions_missing")
	case Unknown, NotAffected:
	default:
		c.Add(at+"status", "casework.fault.status", "status", int(a.Status))
	}
	if a.Reason != "" && a.Status != Waived {
		typed.Text(c, at+"reason", a.Reason, maxReason)
	}
}

// waive names who stands for a waiver: who did before if nothing of it changed.
func (a *Row) waive(old []Row, by people.PersonID, now time.Time) {
	a.WaivedBy, a.WaivedAt = "", time.Time{}
	if a.Status != Waived {
		return
	}
	for _, o := range old {
		if o.Product == a.Product && o.Name == a.Name && o.Branch == a.Branch && o.Status == Waived && o.Reason == a.Reason {
			a.WaivedBy, a.WaivedAt = o.WaivedBy, o.WaivedAt
			return
		}
	}
	a.WaivedBy, a.WaivedAt = by, now
}

// Changes names what differs, one entry for each branch.
func Changes(old, now []Row) []map[string]string {
	key := func(a Row) string { return string(a.Product) + "\x00" + a.Name + "\x00" + a.Branch }
	before := map[string]Row{}
	for _, a := range old {
		before[key(a)] = a
	}
	var out []map[string]string
	for _, a := range now {
		o, had := before[key(a)]
		delete(before, key(a))
		if had && o == a {
			continue
		}
		out = append(out, map[string]string{"product": strings.TrimSpace(a.Name + " " + a.Branch), "status": a.Status.String(), "reason": a.Reason})
	}
	for _, a := range old {
		if _, gone := before[key(a)]; gone {
			out = append(out, map[string]string{"product": strings.TrimSpace(a.Name + " " + a.Branch), "status": "removed", "reason": ""})
		}
	}
	return out
}
