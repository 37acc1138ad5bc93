package cve

import (
	"slices"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	format "github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/purl"
)

// affected makes one entry of all branches of a product on a platform: each entry speaks
// of all its versions, by its default status of those that are not listed, so that two of
// them would contradict each other.
func affected(r record.Record, vendor string) []format.Product {
	type key struct{ product, purl, platform string }
	var order []key
	groups := map[key][]record.Branch{}
	for _, b := range r.Branches {
		k := key{b.Product, b.Purl, b.Platform}
		if _, ok := groups[k]; !ok {
			order = append(order, k)
		}
		groups[k] = append(groups[k], b)
	}
	out := make([]format.Product, 0, len(order))
	for _, k := range order {
		p := format.Product{Vendor: clip(vendor, 512, ""), Product: clip(k.product, 2048, ""), DefaultStatus: "unaffected"}
		if u, err := purl.Parse(k.purl); err == nil {
			p.PackageURL = u.Versioned("")
		}
		if k.platform != "" {
			p.Platforms = []string{k.platform}
		}
		kind := record.VersionType(groups[k])
		for _, b := range groups[k] {
			add(&p, b, kind)
		}
		out = append(out, p)
	}
	return out
}

// add adds what a branch says of its product.
func add(p *format.Product, b record.Branch, kind string) {
	if b.CPE != "" && !slices.Contains(p.CPEs, b.CPE) {
		p.CPEs = append(p.CPEs, b.CPE)
	}
	var versions []format.Version
	switch b.Status {
	case record.Affected, record.Fixed:
		versions = listed(b, b.Affected, "affected", kind)
		if len(versions) == 0 {
			p.DefaultStatus = "affected" // affected is all that is known of it
		}
	case record.NotAffected:
		if b.Covers != "" {
			versions = listed(b, b.Covers, "unaffected", kind)
		}
	case record.Investigating:
		if b.Covers != "" {
			versions = listed(b, b.Covers, "unknown", kind)
		} else if p.DefaultStatus == "unaffected" {
			p.DefaultStatus = "unknown"
		}
	}
	for _, v := range versions {
		if !slices.ContainsFunc(p.Versions, func(o format.Version) bool { return same(o, v) }) {
			p.Versions = append(p.Versions, v)
		}
	}
}

func same(a, b format.Version) bool {
	return a.Version == b.Version && a.LessThan == b.LessThan && a.LessThanOrEqual == b.LessThanOrEqual && a.Status == b.Status
}

// listed are the versions of a text as entries of one status. A run that ends with its
// last affected version although the first fixed one is known ends with that: what lies
// between has no fix.
func listed(b record.Branch, text, status, kind string) []format.Version {
	list, bounds, ok := record.ParseVersions(text)
	if !ok {
		return nil
	}
	var out []format.Version
	if !bounds {
		for _, v := range list {
			out = append(out, format.Version{Version: record.PlainVersion(v.Version, kind), Status: status})
		}
		return out
	}
	runs := record.Intervals(record.Ordered(list, b.Type()))
	for i, r := range runs {
		v := format.Version{Version: record.PlainVersion(r.From, kind), Status: status, VersionType: kind}
		switch {
		case r.From == "":
			v.Version = "0"
		case r.Open && kind == "semver":
			v.Version = record.NextSemver(v.Version)
		}
		switch {
		case r.To != "" && r.Last && !(i == len(runs)-1 && b.Ends(r.To)):
			v.LessThanOrEqual = record.PlainVersion(r.To, kind)
		case r.To != "" && !r.Last:
			v.LessThan = record.PlainVersion(r.To, kind)
		case b.Status == record.Fixed && b.Fixed != "" && i == len(runs)-1:
			v.LessThan = record.PlainVersion(b.Fixed, kind)
		default:
			v.LessThan = "*"
		}
		out = append(out, v)
	}
	return out
}
