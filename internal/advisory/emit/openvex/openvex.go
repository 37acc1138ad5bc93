// Package openvex makes an OpenVEX 0.2.0 document of the CSAF document of the advisory.
//
// OpenVEX has no ranges: a product is one version, or all of them. A range therefore
// becomes a package URL with the qualifier vers, which names exactly these versions and
// is never taken for a statement about others: a statement "not_affected" about a package
// URL without version would silence scanners for every branch.
package openvex

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	format "github.com/tocsin-sec/tocsin/kit/vex"
)

// Make returns the document's bytes. It fails with fault.Invalid when the advisory is
// withdrawn or says nothing of any product, and when the document would break the schema
// or a rule of kit/vex.
func Make(in record.Input) ([]byte, error) {
	doc, _, err := record.Document(in)
	if err != nil {
		return nil, err
	}
	if len(doc.Vulnerabilities) == 0 || doc.ProductTree == nil {
		return nil, fault.New(fault.Invalid, "advisory.emit.no_products", "format", "OpenVEX")
	}
	out := format.FromCSAF(precise(doc))
	if len(out.Statements) == 0 {
		return nil, fault.New(fault.Invalid, "advisory.emit.no_products", "format", "OpenVEX")
	}
	out.Tooling = "Tocsin"
	for i := range out.Statements {
		v := &out.Statements[i].Vulnerability
		if in.Content.Source == nil {
			name(v, in)
		}
	}
	raw, err := format.Write(out)
	if err != nil || in.Loose {
		return raw, err
	}
	if _, problems := format.Read(raw, strictjson.Limits{}); problems.Fatal() {
		return nil, broken(problems[0].String())
	}
	for _, f := range format.Lint(out) {
		if f.Severity == format.Error {
			return nil, broken(f.String())
		}
	}
	return raw, nil
}

func broken(problem string) error {
	return fault.New(fault.Invalid, "advisory.emit.broken", "format", "OpenVEX", "problem", problem)
}

// name gives the flaw all its names: the CVE id first, else the advisory's number.
func name(v *format.Vulnerability, in record.Input) {
	r := in.Content.Record
	all := append([]string{r.CVE}, r.Aliases...)
	all = append(all, in.Number)
	var names []string
	for _, n := range all {
		if n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	v.Aliases = nil
	if r.CVE == "" {
		names = append([]string{in.Number}, slices.DeleteFunc(names, func(s string) bool { return s == in.Number })...)
	}
	v.Name, v.Aliases = names[0], names[1:]
	v.Description = r.Summary
}

// precise is the document with the range in each package URL that has no version.
func precise(doc *csaf.Advisory) *csaf.Advisory {
	out := *doc
	tree := *doc.ProductTree
	tree.Branches = branches(tree.Branches)
	out.ProductTree = &tree
	return &out
}

func branches(list []csaf.Branch) []csaf.Branch {
	list = slices.Clone(list)
	for i := range list {
		b := &list[i]
		b.Branches = branches(b.Branches)
		if b.Category != csaf.BranchVersionRange || b.Product == nil || b.Product.Helper == nil || b.Product.Helper.PURL == "" {
			continue
		}
		p, h := *b.Product, *b.Product.Helper
		h.PURL = ranged(h.PURL, b.Name)
		p.Helper = &h
		b.Product = &p
	}
	return list
}

// ranged adds the qualifier vers (package URL specification, known qualifiers).
func ranged(s, vers string) string {
	u, err := purl.Parse(s)
	if err != nil || u.Version != "" || !strings.HasPrefix(vers, "vers:") {
		return s
	}
	return u.Qualified("vers", vers)
}
