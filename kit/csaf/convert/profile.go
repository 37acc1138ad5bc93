package convert

import (
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/registry/translation"
)

// profile decides the category (clause 18, $.document.category).
func (c *conv) profile() {
	d := &c.out.Document
	const where = "/document/category"
	if d.Category == "csaf_security_advisory" {
		if why := c.noAdvisory(); why != "" {
			d.Category = "csaf_deprecated_security_advisory"
			c.warn("document.category", where, nil, "csaf_security_advisory", d.Category, "the document does not fit the profile of CSAF 2.1: %s", why)
		}
	}
	if d.Lang != "" && !translation.IsEnglish(d.Lang) {
		return
	}
	for _, p := range [...]struct{ word, category, reasoning string }{
		{"superseded", "csaf_superseded", translation.ReasoningForSupersession.English()},
		{"withdrawn", "csaf_withdrawn", translation.ReasoningForWithdrawal.English()},
	} {
		if !strings.HasPrefix(strings.ToLower(c.src.Document.Title), p.word) && !strings.EqualFold(d.Category, p.word) {
			continue
		}
		if why := c.retire(p.category, p.reasoning); why != "" {
			c.fail("document.category", where, nil, c.src.Document.Category, d.Category, "a potentially %s document was found which would be invalid: %s", p.word, why)
		} else {
			c.warn("document.category", where, nil, c.src.Document.Category, d.Category, "the document is %s by its title or category", p.word)
		}
		return
	}
}

// retire tries the profiles Withdrawn and Superseded; nothing is removed for them. It
// returns why it cannot be.
func (c *conv) retire(category, reasoning string) string {
	d := &c.out.Document
	var described, titled []*csaf21.Note
	for i := range d.Notes {
		n := &d.Notes[i]
		if n.Title == reasoning {
			titled = append(titled, n)
		} else if n.Category == "description" && n.Title == "" {
			described = append(described, n)
		}
	}
	if len(titled) == 0 {
		titled = described
	}
	switch {
	case c.out.ProductTree != nil || len(c.out.Vulnerabilities) > 0:
		return "it has a product tree or vulnerabilities"
	case len(d.Tracking.RevisionHistory) < 2:
		return "its revision history has only one entry"
	case len(titled) != 1:
		return "it has not exactly one note that could be the " + reasoning
	case titled[0].Category != "description":
		return "its note " + reasoning + " is not of the category description"
	}
	if category == "csaf_superseded" {
		found := false
		for _, r := range d.References {
			found = found || (r.Category == "" || r.Category == "external") && strings.HasPrefix(r.Summary, translation.SupersedingDocument.English())
		}
		if !found {
			return "it has no external reference to the superseding document"
		}
	}
	titled[0].Title = reasoning
	d.Category = category
	return ""
}

// noAdvisory says why the document cannot be a security advisory (4.4 of CSAF 2.1,
// tests 6.1.27.4 to 6, 11, 12 and 13), "" when it can.
func (c *conv) noAdvisory() string {
	switch {
	case c.out.ProductTree == nil:
		return "it has no product tree"
	case len(c.out.Vulnerabilities) == 0:
		return "it has no vulnerabilities"
	}
	for i := range c.out.Vulnerabilities {
		v := &c.out.Vulnerabilities[i]
		where := at("/vulnerabilities/%", i)
		switch {
		case len(v.Notes) == 0:
			return where + " has no notes"
		case v.ProductStatus == nil || len(v.ProductStatus.KnownAffected) == 0:
			return where + " has no known affected product"
		}
		if id := c.lonely(v.ProductStatus); id != "" {
			return where + " has no affected version of the fixed product " + id
		}
	}
	return ""
}

// lonely is a fixed product of which no affected version is listed, "" when there is
// none. Products correspond when they are below the same product name, or beside each
// other; of products in no branch nobody can tell, and those correspond to any.
func (c *conv) lonely(s *csaf21.ProductStatus) string {
	kin := map[*node]bool{}
	for _, id := range affectedOf(s) {
		kin[c.kin(id)] = true
	}
	for _, list := range [][]string{s.FirstFixed, s.Fixed} {
		for _, id := range list {
			if k := c.kin(id); !kin[k] && (k != nil || len(kin) == 0) {
				return id
			}
		}
	}
	return ""
}

// kin is the branch whose products are versions of each other.
func (c *conv) kin(id string) *node {
	n := c.tree.products[id]
	if n == nil {
		return nil
	}
	for k := n.up; k != nil; k = k.up {
		if k.category == productName {
			return k
		}
	}
	return n.up
}
