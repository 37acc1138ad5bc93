package reading

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/cwe"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// FromCVE reads a CVE record of format 5.x: what the CNA says. It fails with cve.Problems
// when that one does not hold against the schema. A rejected record becomes a withdrawal
// with its reason.
func FromCVE(data []byte) (Result, error) {
	parsed, problems := cve.Read(data, cve.Limits{})
	if problems.Fatal() {
		return Result{}, problems
	}
	doc, err := open(data)
	if err != nil {
		return Result{}, err
	}
	c := cveReader{doc.at("containers", "cna"), record.Record{TLP: "WHITE", Lang: "en"}}
	meta := doc.at("cveMetadata")
	doc.at("dataType").take()
	doc.at("dataVersion").because("outputs have the version of the format that is written")
	c.record.CVE = meta.at("cveId").text()
	meta.at("state").take()
	meta.because("CVE Services keep it, or the project's settings say it")
	doc.at("containers", "adp").because("what others add is not the advisory's")
	c.cna.at("providerMetadata").because("the CNA is in the project's settings")
	out := Result{Number: c.cna.at("source", "advisory").text(), Initial: instant(c.cna.at("datePublic").peek()), Current: instant(meta.at("dateUpdated").peek())}
	if out.Number == "" {
		out.Number = c.record.CVE
	}
	if out.Initial.IsZero() {
		out.Initial = instant(meta.at("datePublished").peek())
	}
	if out.Current.Before(out.Initial) {
		out.Current = out.Initial
	}
	same(c.cna.at("datePublic"), out.Initial.Format("2006-01-02T15:04:05Z"))
	if parsed.Metadata.State == cve.Rejected {
		out.Content.Withdrawn = c.words(c.cna.at("rejectedReasons"))
	} else {
		c.published()
	}
	out.Content.Record, out.Lost = c.record, doc.lost()
	return out, nil
}

type cveReader struct {
	cna    value
	record record.Record
}

// words takes the text of a list in the record's language, which is that of the first
// English one.
func (c *cveReader) words(list value) string {
	list.because("the record is in one language and holds one text of each kind")
	for _, x := range list.items() {
		lang := x.at("lang").peek()
		if primary, _, _ := strings.Cut(lang, "-"); primary != "en" {
			continue
		}
		x.at("lang").is(c.record.Lang)
		return x.at("value").text()
	}
	return ""
}

func (c *cveReader) published() {
	r := &c.record
	r.Title = c.cna.at("title").text()
	r.Summary = c.words(c.cna.at("descriptions"))
	r.Workarounds = c.words(c.cna.at("workarounds"))
	c.cna.at("solutions").because("the fix is told by the branch and its fixed version")
	for _, p := range c.cna.at("affected").items() {
		c.product(p)
	}
	for _, p := range c.cna.at("problemTypes").items() {
		c.weakness(p)
	}
	for _, x := range c.cna.at("references").items() {
		c.reference(x)
	}
	for _, m := range c.cna.at("metrics").items() {
		c.metric(m)
	}
	for _, x := range c.cna.at("timeline").items() {
		at := instant(x.at("time").peek())
		if at.IsZero() {
			x.because("its time is not of RFC 3339")
			continue
		}
		same(x.at("time"), at.Format("2006-01-02T15:04:05Z"))
		x.at("lang").is(r.Lang)
		r.Timeline = append(r.Timeline, record.Moment{At: at, Text: x.at("value").text()})
	}
	for _, x := range c.cna.at("credits").items() {
		x.at("lang").is(r.Lang)
		r.Credits = append(r.Credits, record.Credit{Name: x.at("value").text(), Role: strings.ReplaceAll(x.at("type").text(), " ", "_")})
	}
}

func (c *cveReader) weakness(p value) {
	for _, d := range p.at("descriptions").items() {
		id := d.at("cweId").peek()
		if _, ok := cwe.Find(id); !ok || slices.ContainsFunc(c.record.CWE, func(w record.Weakness) bool { return w.ID == id }) {
			d.because("the record holds weaknesses of the newest CWE, each once")
			continue
		}
		c.record.CWE = append(c.record.CWE, record.Weakness{ID: d.at("cweId").text()})
		d.at("description").is(id + " " + record.CWEName(id))
		d.at("type").is("CWE")
		d.at("lang").is("en")
		d.because("its name is CWE's")
	}
}

func (c *cveReader) reference(x value) {
	r := record.Reference{URL: x.at("url").text(), Text: x.at("name").text()}
	for _, tag := range x.at("tags").items() {
		if kind := kindOf(tag.peek()); kind != "" && r.Kind == "" {
			r.Kind = kind
			tag.take()
		}
	}
	x.at("tags").because("the record has one kind for each link, and fewer kinds")
	c.record.References = append(c.record.References, r)
}

// kindOf is the kind of link that an output writes as this tag.
func kindOf(tag string) string {
	switch tag {
	case "third-party-advisory":
		return "advisory"
	case "technical-description":
		return "article"
	case "mailing-list":
		return "discussion"
	case "issue-tracking":
		return "report"
	case "patch":
		return "fix"
	case "product":
		return "package"
	case "exploit":
		return "evidence"
	}
	return ""
}

func (c *cveReader) metric(m value) {
	v3, v4 := m.at("cvssV3_1"), m.at("cvssV4_0")
	m.because("the record holds one vector of CVSS 3.1 and one of 4.0")
	held := false
	if s, err := severity.Parse31(v3.at("vectorString").peek()); err == nil && c.record.CVSS31 == "" {
		c.record.CVSS31, held = v3.at("vectorString").text(), true
		follows(v3, s.Base, "3.1")
	}
	if s, err := severity.Parse40(v4.at("vectorString").peek()); err == nil && c.record.CVSS40 == "" {
		c.record.CVSS40, held = v4.at("vectorString").text(), true
		follows(v4, s.Score, "4.0")
	}
	if held {
		m.at("format").is("CVSS")
	}
}

// product makes a branch of each range of versions, of the versions that are listed, and
// of a default that says something.
func (c *cveReader) product(p value) {
	p.because("the record has no place for it")
	b := record.Branch{Product: p.at("product").text(), Status: record.Affected}
	if b.Product == "" {
		b.Product = p.at("packageName").peek()
	}
	p.at("vendor").because("who makes the products is the project")
	p.at("packageName").because("the package URL names the package")
	if u, err := purl.Parse(p.at("packageURL").peek()); err == nil {
		b.Purl = u.Versioned("")
		p.at("packageURL").is(b.Purl)
	}
	for _, x := range p.at("cpes").items() {
		if s := record.AnyVersion(x.peek()); s != "" && b.CPE == "" {
			b.CPE = s
			x.is(s)
		}
	}
	p.at("cpes").because("the record has one CPE 2.3 name for each branch, without a version")
	if list := p.at("platforms").items(); len(list) > 0 {
		b.Platform = list[0].text()
	}
	p.at("platforms").because("the record has one release for each branch")
	from := len(c.record.Branches)
	var single []string
	var texts []value
	for _, v := range p.at("versions").items() {
		v.because("the record cannot say this range")
		text, ranged, ok := versionText(v)
		status := v.at("status").peek()
		switch {
		case !ok:
		case !ranged && status == "affected":
			single, texts = append(single, text), append(texts, v)
		default:
			c.branch(b, text, v)
		}
	}
	if len(single) > 0 {
		b.Affected = strings.Join(single, ", ")
		put(&c.record, b)
		for _, v := range texts {
			v.at("version").take()
			v.at("status").take()
			v.at("versionType").because("what is listed has no order")
		}
	}
	c.fallback(p.at("defaultStatus"), b, from)
	for _, v := range p.at("versions").items() {
		// The order is that of all versions of the product together.
		if v.at("lessThan").there() || v.at("lessThanOrEqual").there() {
			v.at("versionType").is(record.VersionType(c.record.Branches[from:]))
		}
		v.at("versionType").because("the order follows from package URL and versions")
	}
}

// branch makes a branch of a range, or of one version that is not affected or not known.
func (c *cveReader) branch(b record.Branch, text string, v value) {
	switch v.at("status").peek() {
	case "affected":
		b.Affected = text
		if less := v.at("lessThan").peek(); less != "" && less != "*" {
			b.Status, b.Fixed = record.Fixed, less
		}
	case "unaffected":
		b.Status, b.Covers = record.NotAffected, text
	case "unknown":
		b.Status, b.Covers = record.Investigating, text
	}
	put(&c.record, b)
	for _, name := range []string{"version", "lessThan", "lessThanOrEqual", "status"} {
		v.at(name).take()
	}
}

// versionText is an entry of versions in the words of the record. A changed status within
// it, and what is no version, cannot be said.
func versionText(v value) (text string, ranged, ok bool) {
	from, less, most := v.at("version").peek(), v.at("lessThan").peek(), v.at("lessThanOrEqual").peek()
	var parts []string
	ranged = less != "" || most != ""
	switch {
	case v.at("changes").there() || most == "*" || from == "*":
		return "", false, false
	case !ranged:
		parts = []string{from}
	default:
		if from != "0" {
			parts = append(parts, ">= "+from)
		}
		if less != "" && less != "*" {
			parts = append(parts, "< "+less)
		}
		if most != "" {
			parts = append(parts, "<= "+most)
		}
	}
	if text = strings.Join(parts, ", "); text == "" {
		text = "*"
	}
	_, bounds, fits := record.ParseVersions(text)
	return text, ranged, fits && bounds == ranged && !strings.Contains(from+less+most, ",")
}

// fallback makes a branch of the default status when the versions do not say enough, and
// takes the status where an output of the branches has the same.
func (c *cveReader) fallback(d value, b record.Branch, from int) {
	b.Affected = ""
	d.because("the versions say it, as far as the record can")
	none := len(c.record.Branches) == from
	switch d.peek() {
	case "affected":
		if none {
			b.Affected = "*"
			put(&c.record, b)
		}
	case "unknown", "":
		if d.there() || none {
			b.Status = record.Investigating
			put(&c.record, b)
			d.take()
		}
	case "unaffected":
		if none {
			b.Status = record.NotAffected
			put(&c.record, b)
		}
		d.take()
	}
}
