// Package product knows what a project makes: its products with package URLs and
// repositories, their stable branches with maintenance and end of life, and the
// versions released from them (requirement rows LV-5, LV-9).
//
// The project itself (team, policy, lists) is in people; which branch has a fix is
// in remedy, which a case affects is in casework. SQL is in productdb, pages
// are in productweb.
package product

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/span"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// ID is the ident id of a product.
type ID string

// Product is one thing that a project releases. What is here is public knowledge
// about public software; it is nevertheless shown only to the project's team
// and on what the team publishes.
type Product struct {
	ID         ID
	Project    people.ProjectID
	Name       string // "Lanterna"
	Purl       string // canonical, without a version; may be empty
	Repository string // where its source lies, may be empty
	Branches   []Branch
	Releases   []Release
	Created    time.Time
	Version    int64 // of the record, for lost updates
}

// Branch is a line of development that gets fixes while it is maintained.
type Branch struct {
	Name       string    `json:"name"` // "main", "stable-9.x"
	Maintained bool      `json:"maintained"`
	EOL        span.Date `json:"eol,omitzero"` // zero: not known
}

// Supported reports whether the branch gets fixes on day d: it is maintained and
// its end of life has not passed.
func (b Branch) Supported(d span.Date) bool {
	return b.Maintained && (b.EOL.IsZero() || !b.EOL.Before(d))
}

// Release is one released version.
type Release struct {
	Version  string    `json:"version"`
	Branch   string    `json:"branch,omitempty"`  // "" when it came from none
	Released span.Date `json:"released,omitzero"` // zero: not known
}

// Limits of a product. A distribution has some dozens of branches; thousands are
// an attack or a mistake.
const (
	maxName     = 120
	maxBranches = 100
	maxReleases = 2000
	maxVersion  = 100
)

// Maintained returns the branches that get fixes on day d, in their order.
func (p Product) Maintained(d span.Date) []Branch {
	var out []Branch
	for _, b := range p.Branches {
		if b.Supported(d) {
			out = append(out, b)
		}
	}
	return out
}

// Branch returns the branch of that name, or false.
func (p Product) Branch(name string) (Branch, bool) {
	i := slices.IndexFunc(p.Branches, func(b Branch) bool { return b.Name == name })
	if i < 0 {
		return Branch{}, false
	}
	return p.Branches[i], true
}

// check normalises the product and collects every problem beside its field.
func (p *Product) check() error {
	var c fault.Checks
	p.Name = strings.TrimSpace(p.Name)
	line(&c, "name", p.Name, maxName)
	if p.Purl != "" {
		u, err := purl.Parse(strings.TrimSpace(p.Purl))
		c.Require(err == nil, "purl", "product.field.purl")
		c.Require(err != nil || u.Version == "", "purl", "product.field.purl_version")
		p.Purl = u.String()
	}
	c.Require(p.Repository == "" || webAddress(p.Repository), "repository", "product.field.repository")
	p.checkBranches(&c)
	p.checkReleases(&c)
	return c.Err()
}

func (p *Product) checkBranches(c *fault.Checks) {
	c.Require(len(p.Branches) <= maxBranches, "branches", "product.field.many", "n", maxBranches)
	seen := map[string]bool{}
	for _, b := range p.Branches {
		line(c, "branches", b.Name, maxName)
		c.Require(!seen[b.Name], "branches", "product.field.twice", "name", b.Name)
		seen[b.Name] = true
	}
}

func (p *Product) checkReleases(c *fault.Checks) {
	c.Require(len(p.Releases) <= maxReleases, "releases", "product.field.many", "n", maxReleases)
	seen := map[string]bool{}
	for _, r := range p.Releases {
		line(c, "releases", r.Version, maxVersion)
		c.Require(!seen[r.Version], "releases", "product.field.twice", "name", r.Version)
		seen[r.Version] = true
		_, ok := p.Branch(r.Branch)
		c.Require(ok || r.Branch == "", "releases", "product.field.branch", "name", r.Branch)
	}
}

// line wants one non-empty line of at most n characters.
func line(c *fault.Checks, path, s string, n int) {
	switch {
	case strings.TrimSpace(s) == "":
		c.Add(path, "product.field.empty")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.Add(path, "product.field.characters")
	case utf8.RuneCountInString(s) > n:
		c.Add(path, "product.field.long", "n", n)
	}
}

// webAddress accepts plain http, https and git addresses without credentials, and paths on
// the server (file:///srv/git/x). What is fetched of them is the operator's decision.
func webAddress(s string) bool {
	if len(s) > 500 || strings.ContainsAny(s, " \"<>\\@") || strings.ContainsFunc(s, unicode.IsControl) {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "file://"); ok {
		return len(rest) > 1 && rest[0] == '/'
	}
	for _, p := range []string{"https://", "http://", "git://"} {
		if rest, ok := strings.CutPrefix(s, p); ok && rest != "" && !strings.HasPrefix(rest, "/") {
			return true
		}
	}
	return false
}
