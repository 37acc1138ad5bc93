package reading

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cwe"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// FromCSAF reads a document of CSAF 2.0 or 2.1, as it says itself. It fails with
// csaf.Problems when that one does not hold against the schema. Product ids are names of
// places within a document and count as held: outputs give new ones.
func FromCSAF(data []byte) (Result, error) {
	if validate.Version(data) == validate.V21 {
		if _, problems := csaf21.ReadAdvisory(data, csaf.Limits{}); problems.Fatal() {
			return Result{}, problems
		}
	} else if _, problems := csaf.ReadAdvisory(data, csaf.Limits{}); problems.Fatal() {
		return Result{}, problems
	}
	doc, err := open(data)
	if err != nil {
		return Result{}, err
	}
	c := reader{doc: doc, record: record.Record{TLP: csaf.White, Lang: "en"}}
	out := c.document()
	c.tree(doc.at("product_tree", "branches"), nil)
	c.names()
	for i, v := range doc.at("vulnerabilities").items() {
		if i > 0 {
			v.because("the record holds one vulnerability")
			continue
		}
		c.vulnerability(v)
	}
	out.Content.Record, out.Lost = c.record, doc.lost()
	return out, nil
}

// reader reads one CSAF document.
type reader struct {
	doc    value
	record record.Record
	leaves []*leaf
}

func (c *reader) document() Result {
	d, r := c.doc.at("document"), &c.record
	c.doc.at("$schema").take()
	d.at("csaf_version").take()
	d.at("category").is("csaf_security_advisory")
	d.at("category").because("what is made of a record is a security advisory")
	r.Title = d.at("title").text()
	if l := d.at("lang").peek(); regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`).MatchString(l) {
		r.Lang = d.at("lang").text()
	}
	d.at("publisher").because("who publishes is in the project's settings")
	tlp := d.at("distribution", "tlp")
	switch label := tlp.at("label").peek(); label {
	case csaf.Green, csaf.Amber, csaf.Red, csaf.White, csaf21.Clear:
		r.TLP = tlp.at("label").text()
		if label == csaf21.Clear {
			r.TLP = csaf.White // the name of TLP 1.0 in the record
		}
	}
	tlp.at("url").is("https://www.first.org/tlp/")
	c.notes(d.at("notes"))
	for _, a := range d.at("acknowledgments").items() {
		c.credit(a)
	}
	for _, x := range d.at("references").items() {
		if x.at("category").peek() == "self" {
			x.because("the addresses of a document are given when it is published")
			continue
		}
		c.reference(x)
	}
	return c.tracking(d.at("tracking"))
}

func (c *reader) notes(list value) {
	for _, n := range list.items() {
		n.at("title").because("the titles of the record's texts are those of the outputs")
		switch category := n.at("category").peek(); {
		case category == "summary" && c.record.Summary == "":
			c.record.Summary = n.at("text").text()
		case category == "details" && c.record.Details == "":
			c.record.Details = n.at("text").text()
		case category == "description" && c.record.Summary == "":
			c.record.Summary = n.at("text").text()
			n.at("category").because("the description is the record's summary")
			continue
		default:
			n.because("the record has one summary and one text of details")
			continue
		}
		n.at("category").take()
	}
}

func (c *reader) credit(a value) {
	names := a.at("names").items()
	credit := record.Credit{Organization: a.at("organization").text(), For: a.at("summary").text()}
	a.at("urls").because("the record names people without addresses")
	for _, n := range names {
		credit.Name = n.text()
		c.record.Credits = append(c.record.Credits, credit)
	}
	if len(names) == 0 {
		c.record.Credits = append(c.record.Credits, credit)
	}
}

func (c *reader) reference(x value) {
	c.record.References = append(c.record.References, record.Reference{URL: x.at("url").text(), Text: x.at("summary").text()})
	x.at("category").is("external")
}

func (c *reader) tracking(t value) Result {
	out := Result{Number: t.at("id").text(), Initial: instant(t.at("initial_release_date").peek()), Current: instant(t.at("current_release_date").peek())}
	same(t.at("initial_release_date"), out.Initial.Format("2006-01-02T15:04:05Z"))
	same(t.at("current_release_date"), out.Current.Format("2006-01-02T15:04:05Z"))
	t.at("status").is(csaf.Final)
	t.at("generator").because("the outputs name their own generator")
	t.at("aliases").because("aliases of the document have no place; those of the flaw have")
	t.at("version").because("the version follows from the history")
	h := t.at("revision_history")
	h.because("the history is kept where the advisory is, not in the record")
	var all []csaf.Revision
	for _, x := range h.items() {
		all = append(all, csaf.Revision{Date: csaf.Date(x.at("date").peek()), Number: x.at("number").peek(), LegacyVersion: x.at("legacy_version").peek(), Summary: x.at("summary").peek()})
	}
	last := record.Newest(all)
	out.Content.Change = last.Summary
	for _, x := range all {
		if x != last {
			out.History = append(out.History, x)
		}
	}
	return out
}

// same takes a time that an output writes in the same way.
func same(v value, want string) {
	if !v.is(want) {
		v.because("times are written in UTC, to the second")
	}
}

func (c *reader) vulnerability(v value) {
	r := &c.record
	r.CVE = v.at("cve").text()
	v.at("title").is(r.Title)
	for _, id := range v.at("ids").items() {
		r.Aliases = append(r.Aliases, id.at("text").text())
		id.at("system_name").is(record.System(id.at("text").peek()))
		id.at("system_name").because("the system of an id follows from the id")
	}
	c.weakness(v.at("cwe"))
	for _, w := range v.at("cwes").items() {
		c.weakness(w)
	}
	for _, n := range v.at("notes").items() {
		n.at("title").because("the titles of the record's texts are those of the outputs")
		if r.Impact != "" || n.at("category").peek() == "other" {
			n.because("of a vulnerability's notes the record holds one, as its impact")
			continue
		}
		r.Impact = n.at("text").text()
		n.at("category").is("description")
	}
	for _, x := range v.at("references").items() {
		r.References = append(r.References, record.Reference{URL: x.at("url").peek(), Text: x.at("summary").peek()})
		x.because("kept among the links of the document")
	}
	for _, s := range v.at("scores").items() {
		c.score(s, s.at("cvss_v3"), s.at("cvss_v4"))
	}
	for _, m := range v.at("metrics").items() {
		c.score(m, m.at("content", "cvss_v3"), m.at("content", "cvss_v4"))
	}
	c.products(v)
}

func (c *reader) weakness(w value) {
	id := w.at("id").peek()
	if _, ok := cwe.Find(id); !ok {
		w.because("the newest CWE has no such weakness")
		return
	}
	x := record.Weakness{ID: w.at("id").text()}
	if cwe.Named(id, w.at("name").peek()) {
		x.Name = w.at("name").peek()
		w.at("name").is(record.CWEName(id))
	}
	w.at("version").because("outputs name the version of CWE of their day")
	c.record.CWE = append(c.record.CWE, x)
}

// score takes the vectors of a score that follows from them.
func (c *reader) score(s, v3, v4 value) {
	s.at("products").takeAll()
	s.at("cvss_v2").because("the record holds CVSS 3.1 and 4.0")
	s.at("content", "cvss_v2").because("the record holds CVSS 3.1 and 4.0")
	if got, err := severity.Parse31(v3.at("vectorString").peek()); err == nil && c.record.CVSS31 == "" {
		c.record.CVSS31 = v3.at("vectorString").text()
		follows(v3, got.Base, "3.1")
	} else {
		v3.because("the record holds one vector of CVSS 3.1 for all products")
	}
	if got, err := severity.Parse40(v4.at("vectorString").peek()); err == nil && c.record.CVSS40 == "" {
		c.record.CVSS40 = v4.at("vectorString").text()
		follows(v4, got.Score, "4.0")
	} else {
		v4.because("the record holds one vector of CVSS 4.0 for all products")
	}
}

// follows takes what a vector says already.
func follows(v value, score float64, version string) {
	v.because("the vector says it")
	if f, err := strconv.ParseFloat(v.at("baseScore").peek(), 64); err == nil && f == score {
		v.at("baseScore").take()
		v.at("baseSeverity").is(csaf.Severity(score))
	}
	v.at("version").is(version)
}

func takes(list []string, id string) bool { return slices.Contains(list, id) }

func idsOf(v value) []string {
	var out []string
	for _, x := range v.items() {
		out = append(out, x.peek())
	}
	return out
}

// branchName joins what distinguishes the products of one name.
func branchName(parts []string) string { return strings.Join(parts, " ") }
