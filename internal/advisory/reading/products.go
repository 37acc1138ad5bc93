package reading

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// leaf is a product of the tree with what lies above it.
type leaf struct {
	id, product, family string
	path                []value // branches from the vendor to this one
	category, version   string
	purl, cpe           value
	full                value // the product
	regular             bool  // vendor, product, perhaps family: the shape of the record's own tree
}

// tree collects the leaves of the branches.
func (c *reader) tree(list value, above []value) {
	for _, b := range list.items() {
		path := append(slices.Clone(above), b)
		if p := b.at("product"); p.there() {
			c.leaves = append(c.leaves, newLeaf(p, path))
		}
		c.tree(b.at("branches"), path)
	}
}

// names collects products without branches.
func (c *reader) names() {
	t := c.doc.at("product_tree")
	for _, p := range t.at("full_product_names").items() {
		c.leaves = append(c.leaves, newLeaf(p, nil))
		p.because("kept as a product without versions")
	}
	t.at("relationships").because("the record knows no products made of others")
	t.at("product_paths").because("the record knows no products made of others")
	t.at("product_groups").because("the record knows no groups of products")
}

func newLeaf(p value, path []value) *leaf {
	l := &leaf{id: p.at("product_id").text(), path: path, full: p, purl: p.at("product_identification_helper", "purl"), cpe: p.at("product_identification_helper", "cpe")}
	if list := p.at("product_identification_helper", "purls").items(); len(list) > 0 {
		l.purl = list[0]
	}
	var categories, rest []string
	for _, b := range path {
		category, name := b.at("category").peek(), b.at("name").peek()
		categories = append(categories, category)
		switch category {
		case csaf.BranchProduct:
			l.product = name
		case csaf.BranchVersion, csaf.BranchVersionRange:
			l.category, l.version = category, name
		case csaf.BranchVendor:
		default:
			rest = append(rest, name)
		}
	}
	l.family = branchName(rest)
	shape := strings.Join(categories, " ")
	l.regular = shape == "vendor product_name "+l.category || shape == "vendor product_name product_family "+l.category
	if l.product == "" {
		l.product, l.family = p.at("name").peek(), ""
	}
	return l
}

// text is the leaf's versions in the words of the record.
func (l *leaf) text() (string, bool) {
	s := l.version
	if kind, list, ok := strings.Cut(strings.TrimPrefix(s, "vers:"), "/"); ok && strings.HasPrefix(s, "vers:") && kind != "" {
		parts := strings.Split(list, "|")
		for i := range parts {
			parts[i] = strings.NewReplacer("%3A", ":", "%2B", "+", "%25", "%").Replace(parts[i])
		}
		s = strings.Join(parts, ", ")
	}
	_, bounds, ok := record.ParseVersions(s)
	return s, ok && bounds == (l.category == csaf.BranchVersionRange)
}

// group is what the statuses say of one line of development.
type group struct {
	product, family                            string
	affected, fixed, notAffected, investigated []*leaf
}

// products makes branches of the statuses of a vulnerability.
func (c *reader) products(v value) {
	status := v.at("product_status")
	status.because("the record tells affected, fixed, not affected and under investigation, of products that the tree has")
	first := idsOf(status.at("first_fixed"))
	var groups []*group
	for _, l := range c.leaves {
		i := slices.IndexFunc(groups, func(g *group) bool { return g.product == l.product && g.family == l.family })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{product: l.product, family: l.family})
		}
		g := groups[i]
		switch {
		case takes(idsOf(status.at("known_affected")), l.id):
			g.affected = append(g.affected, l)
		case takes(first, l.id) || takes(idsOf(status.at("fixed")), l.id):
			g.fixed = append(g.fixed, l)
		case takes(idsOf(status.at("known_not_affected")), l.id):
			g.notAffected = append(g.notAffected, l)
		case takes(idsOf(status.at("under_investigation")), l.id):
			g.investigated = append(g.investigated, l)
		}
	}
	for _, name := range []string{"known_affected", "fixed", "first_fixed", "known_not_affected", "under_investigation"} {
		for _, x := range status.at(name).items() {
			if slices.ContainsFunc(c.leaves, func(l *leaf) bool { return l.id == x.peek() }) {
				x.take()
			}
		}
	}
	for _, g := range groups {
		c.group(g, v)
	}
	c.remediations(v, groups)
}

// group makes the branches of one line of development.
func (c *reader) group(g *group, v value) {
	fixed := ""
	if len(g.fixed) > 0 {
		fixed = g.fixed[0].version
		if _, ok := g.fixed[0].text(); !ok || g.fixed[0].category != csaf.BranchVersion {
			fixed = ""
		}
	}
	b := record.Branch{Product: g.product, Name: g.family}
	if len(g.affected)+len(g.fixed) > 0 {
		b.Status, b.Fixed = record.Affected, fixed
		if fixed != "" {
			b.Status = record.Fixed
		}
		var held []*leaf
		b.Affected, held = versions(g.affected)
		if len(g.fixed) > 0 && fixed != "" {
			held = append(held, g.fixed[0])
		}
		c.put(b, held)
	}
	if len(g.notAffected) > 0 {
		b.Status, b.Affected, b.Fixed = record.NotAffected, "", ""
		for _, f := range v.at("flags").items() {
			if takes(idsOf(f.at("product_ids")), g.notAffected[0].id) {
				b.Justification = f.at("label").text()
				f.at("product_ids").takeAll()
			}
		}
		var held []*leaf
		b.Covers, held = versions(g.notAffected)
		c.put(b, held)
		b.Justification, b.Covers = "", ""
	}
	if len(g.investigated) > 0 {
		b.Status, b.Affected, b.Fixed = record.Investigating, "", ""
		var held []*leaf
		b.Covers, held = versions(g.investigated)
		c.put(b, held)
	}
}

// versions joins single versions, or takes the first range.
func versions(list []*leaf) (text string, held []*leaf) {
	for _, l := range list {
		s, ok := l.text()
		switch {
		case !ok:
		case text == "":
			text, held = s, append(held, l)
		case l.category == csaf.BranchVersion && held[0].category == csaf.BranchVersion:
			text, held = text+", "+s, append(held, l)
		}
	}
	return text, held
}

// put adds a branch with the identifiers of its leaves, and takes of these what comes out
// in the same way.
func (c *reader) put(b record.Branch, held []*leaf) {
	for _, l := range held {
		if u, err := purl.Parse(l.purl.peek()); err == nil && b.Purl == "" {
			b.Purl = u.Versioned("")
		}
		if l.category == csaf.BranchVersionRange && b.CPE == "" {
			b.CPE = l.cpe.peek()
		} else if b.CPE == "" {
			b.CPE = record.AnyVersion(l.cpe.peek())
		}
	}
	if record.AnyVersion(b.CPE) != b.CPE {
		b.CPE = ""
	}
	was := len(c.record.Branches)
	put(&c.record, b)
	if b = c.record.Branches[was]; len(held) == 0 {
		return
	}
	for _, l := range held {
		l.hold(b)
	}
}

// hold takes of a leaf what the branch's own leaf has at the same place.
func (l *leaf) hold(b record.Branch) {
	version, isRange := l.version, l.category == csaf.BranchVersionRange
	if isRange {
		text, _ := l.text()
		version = b.Vers(text)
	}
	if !l.regular || version != l.version || b.Name != l.family {
		l.full.because("kept as product, branch and versions; the tree has another shape")
		return
	}
	for i, x := range l.path {
		x.at("category").take()
		if i > 0 {
			x.at("name").take()
		}
	}
	if len(l.path) > 0 {
		l.path[0].at("name").because("who makes the products is the project")
	}
	name := b.Label() + " " + version
	l.full.at("name").is(name)
	if u, err := purl.Parse(b.Purl); err == nil {
		want := u.String()
		if !isRange {
			want = u.Versioned(l.version)
		}
		l.purl.is(want)
	}
	if isRange {
		l.cpe.is(b.CPE)
	} else {
		l.cpe.is(record.CPEOf(b.CPE, l.version))
	}
}

// remediations keep the address of a fix and one workaround.
func (c *reader) remediations(v value, groups []*group) {
	for _, x := range v.at("remediations").items() {
		ids := idsOf(x.at("product_ids"))
		x.at("product_ids").takeAll()
		switch x.at("category").peek() {
		case csaf.VendorFix:
			x.because("the fix is told by the branch and its fixed version")
			c.fixURL(x.at("url"), ids, groups)
		case csaf.NoneAvailable:
			x.because("a branch that is affected and has no fixed version says it")
		case csaf.Workaround, csaf.Mitigation:
			if c.record.Workarounds != "" {
				x.because("the record has one text of workarounds")
				continue
			}
			c.record.Workarounds = strings.TrimSpace(x.at("details").peek())
			x.at("details").is(c.record.Workarounds)
			x.at("category").is(csaf.Workaround)
		}
	}
}

// fixURL gives the branches of the products the address of the fix.
func (c *reader) fixURL(url value, ids []string, groups []*group) {
	if url.peek() == "" {
		return
	}
	for _, g := range groups {
		if !slices.ContainsFunc(g.affected, func(l *leaf) bool { return takes(ids, l.id) }) {
			continue
		}
		for i := range c.record.Branches {
			b := &c.record.Branches[i]
			if b.Product == g.product && b.Name == g.family && b.Status == record.Fixed && b.FixURL == "" {
				b.FixURL = url.text()
			}
		}
	}
}
