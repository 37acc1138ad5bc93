package reading

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/kit/cwe"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/severity"
)

// FromOSV reads an OSV record. It fails with osv.Problems when that one does not hold
// against the schema.
func FromOSV(data []byte) (Result, error) {
	if _, problems := osv.Read(data, osv.Limits{}); problems.Fatal() {
		return Result{}, problems
	}
	doc, err := open(data)
	if err != nil {
		return Result{}, err
	}
	r := record.Record{Title: doc.at("summary").text(), Details: doc.at("details").text(), TLP: "WHITE", Lang: "en"}
	out := Result{Number: strings.TrimPrefix(doc.at("id").text(), "x_"), Initial: instant(doc.at("published").text()), Current: instant(doc.at("modified").text())}
	if out.Initial.IsZero() {
		out.Initial = out.Current
	}
	doc.at("schema_version").because("outputs have the version of the schema that is written")
	doc.at("withdrawn").because("a withdrawal is a decision of people, with a reason that OSV does not say")
	doc.at("upstream").because("the record does not tell ids of upstream from related ones")
	for _, x := range doc.at("aliases").items() {
		if id := x.text(); r.CVE == "" && strings.HasPrefix(id, "CVE-") {
			r.CVE = id
		} else {
			r.Aliases = append(r.Aliases, id)
		}
	}
	for _, x := range doc.at("related").items() {
		r.Related = append(r.Related, x.text())
	}
	osvSeverity(&r, doc)
	for _, x := range doc.at("affected").items() {
		osvAffected(&r, x)
	}
	for _, x := range doc.at("references").items() {
		r.References = append(r.References, record.Reference{URL: x.at("url").text(), Kind: strings.ToLower(x.at("type").text())})
	}
	for _, x := range doc.at("credits").items() {
		r.Credits = append(r.Credits, record.Credit{Name: x.at("name").text(), Role: strings.ToLower(x.at("type").text())})
		x.at("contact").because("the record names people without their addresses")
	}
	for _, x := range doc.at("database_specific", "cwe_ids").items() {
		if _, ok := cwe.Find(x.peek()); ok {
			r.CWE = append(r.CWE, record.Weakness{ID: x.text()})
		}
	}
	doc.at("database_specific").because("what a database adds of its own has no place")
	out.Content, out.Lost = record.Content{Record: r}, doc.lost()
	return out, nil
}

func osvSeverity(r *record.Record, doc value) {
	for _, x := range doc.at("severity").items() {
		vector := x.at("score").peek()
		_, err31 := severity.Parse31(vector)
		_, err40 := severity.Parse40(vector)
		switch {
		case x.at("type").peek() == "CVSS_V3" && err31 == nil && r.CVSS31 == "":
			r.CVSS31 = x.at("score").text()
		case x.at("type").peek() == "CVSS_V4" && err40 == nil && r.CVSS40 == "":
			r.CVSS40 = x.at("score").text()
		default:
			x.because("the record holds one vector of CVSS 3.1 and one of 4.0")
			continue
		}
		x.at("type").take()
	}
}

// osvAffected makes a branch of each range, or one of the versions.
func osvAffected(r *record.Record, x value) {
	x.at("severity").because("the record has one severity for all products")
	x.at("ecosystem_specific").because("what an ecosystem adds of its own has no place")
	x.at("database_specific").because("what a database adds of its own has no place")
	p := osv.Package{Ecosystem: x.at("package", "ecosystem").peek(), Name: x.at("package", "name").peek(), PURL: x.at("package", "purl").peek()}
	b := record.Branch{Product: p.Name, Status: record.Affected}
	held := false
	if text, ok := osv.ToPURL(p); ok {
		b.Purl = text
		u, _ := purl.Parse(text) // ToPURL gives none that is broken
		back, known := osv.FromPURL(u)
		held = known && back.Ecosystem == p.Ecosystem && back.Name == p.Name
		x.at("package", "purl").is(back.PURL)
	}
	if held {
		x.at("package", "ecosystem").take()
		x.at("package", "name").take()
	} else {
		x.at("package").because("the ecosystem has no package URL that says the same; the name is kept for people")
	}
	ranges := x.at("ranges").items()
	for _, rng := range ranges {
		osvRange(r, b, rng, held, x.at("package").there())
	}
	if len(ranges) > 0 {
		x.at("versions").because("the ranges say which versions are affected")
		return
	}
	var versions []string
	for _, v := range x.at("versions").items() {
		if _, _, ok := record.ParseVersions(v.peek()); ok && !strings.Contains(v.peek(), ",") {
			versions = append(versions, v.peek())
			if held || !x.at("package").there() {
				v.take()
			}
		}
	}
	b.Affected = strings.Join(versions, ", ")
	if b.Product != "" || b.Affected != "" {
		put(r, b)
	}
}

// osvRange makes a branch of a range of versions, or of the commit that fixed it.
func osvRange(r *record.Record, b record.Branch, rng value, held, pkg bool) {
	if rng.at("type").peek() == osv.Git {
		osvCommit(r, b, rng, pkg)
		return
	}
	b.Name = rng.at("database_specific", "branch").peek()
	rng.at("database_specific").because("what a database adds of its own has no place")
	var bounds []string
	var events []value
	last, open, ok := "", false, true
	for _, e := range rng.at("events").items() {
		switch {
		case e.at("introduced").there():
			if v := e.at("introduced").peek(); v != "0" {
				bounds = append(bounds, ">= "+v)
			}
			events, open = append(events, e.at("introduced")), true
		case e.at("fixed").there():
			last, open = e.at("fixed").peek(), false
			bounds, events = append(bounds, "< "+last), append(events, e.at("fixed"))
		case e.at("last_affected").there():
			last, open = "", false
			bounds, events = append(bounds, "<= "+e.at("last_affected").peek()), append(events, e.at("last_affected"))
		default:
			ok = false
		}
	}
	b.Affected = strings.Join(bounds, ", ")
	if len(bounds) == 0 {
		b.Affected = "*"
	}
	if _, isRange, parsed := record.ParseVersions(b.Affected); !parsed || !isRange || !ok {
		rng.because("the record cannot say this range")
		b.Affected, b.Fixed = "", ""
		put(r, b)
		return
	}
	if last != "" && !open {
		b.Status, b.Fixed = record.Fixed, last
	}
	put(r, b)
	if !held {
		rng.because("the package has no package URL; the versions are kept for people")
		return
	}
	for _, e := range events {
		e.take()
	}
	rng.at("type").take()
	if b.Name != "" {
		rng.at("database_specific", "branch").take()
	}
}

// osvCommit keeps the commit that fixes a flaw as the address of the fix.
func osvCommit(r *record.Record, b record.Branch, rng value, pkg bool) {
	repo, events := strings.TrimSuffix(rng.at("repo").peek(), "/"), rng.at("events").items()
	simple := len(events) == 2 && events[0].at("introduced").peek() == "0" && events[1].at("fixed").there() && strings.HasPrefix(repo, "http")
	if pkg || !simple {
		rng.because("of ranges of commits the record holds the commit with the fix, for products without a package")
		return
	}
	b.Product = repo[strings.LastIndexByte(repo, '/')+1:]
	b.Status, b.FixURL = record.Fixed, repo+"/commit/"+events[1].at("fixed").text()
	events[0].at("introduced").take()
	rng.at("repo").is(repo)
	rng.at("type").take()
	put(r, b)
}

// put adds a branch. Those of one product have different names: what has none gets a
// number.
func put(r *record.Record, b record.Branch) {
	name := b.Name
	for n := 2; slices.ContainsFunc(r.Branches, func(o record.Branch) bool { return o.Product == b.Product && o.Name == b.Name }); n++ {
		b.Name = strings.TrimSpace(name + " " + strconv.Itoa(n))
	}
	r.Branches = append(r.Branches, b)
}
