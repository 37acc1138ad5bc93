package osv

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/advisory/record"
	format "github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/purl"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/version"
)

// affected makes an entry for each package, with the ranges of all its branches, and one
// for each branch that has no ecosystem.
func affected(c record.Record) []format.Affected {
	var out []format.Affected
	at := map[string]int{} // the entry of a package URL
	commits := map[int][]record.Branch{}
	for _, b := range c.Branches {
		if b.Status != record.Affected && b.Status != record.Fixed {
			continue
		}
		p, known := pkg(b)
		if !known && b.Commits == nil {
			out = append(out, elsewhere(b))
			continue
		}
		key := p.PURL
		if !known { // branches of one repository share its ranges
			key = " " + b.Product + " " + b.Commits.Repo
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, format.Affected{})
		}
		if known {
			out[i].Package = &p
			add(&out[i], b, p.Ecosystem)
		} else {
			words(&out[i], b)
		}
		if b.Commits != nil {
			commits[i] = append(commits[i], b)
		}
	}
	for i := range out {
		out[i].Ranges = append(out[i].Ranges, commitRanges(commits[i])...)
	}
	return out
}

func pkg(b record.Branch) (format.Package, bool) {
	u, err := purl.Parse(b.Purl)
	if err != nil {
		return format.Package{}, false
	}
	return format.FromPURL(u)
}

// add adds what a branch says of its package.
func add(a *format.Affected, b record.Branch, ecosystem string) {
	list, bounds, ok := record.ParseVersions(b.Affected)
	more := map[string]any{"branch": b.Name}
	switch {
	case !ok:
	case bounds:
		u, _ := purl.Parse(b.Purl)
		a.Ranges = append(a.Ranges, ranges(b, record.Intervals(record.Ordered(list, u.Type)), ecosystem)...)
		more = map[string]any{}
	default:
		for _, v := range list {
			if !slices.Contains(a.Versions, v.Version) {
				a.Versions = append(a.Versions, v.Version)
			}
		}
		more["fixed"] = b.Fixed
	}
	if b.CPE != "" {
		more["cpe"] = b.CPE
	}
	a.DatabaseSpecific = join(a.DatabaseSpecific, more)
}

// join adds members to an object; one that is there already with another value becomes
// a list, since several branches share an entry.
func join(raw json.RawMessage, more map[string]any) json.RawMessage {
	all := map[string]any{}
	if raw != nil {
		_ = json.Unmarshal(raw, &all) // we have made it
	}
	for k, v := range more {
		s, _ := v.(string)
		switch old := all[k].(type) {
		case nil:
			all[k] = s
		case string:
			if s != "" && old != s {
				all[k] = []any{old, s}
			}
		case []any:
			if s != "" && !slices.Contains(old, any(s)) {
				all[k] = append(old, s)
			}
		}
	}
	return object(all)
}

// elsewhere is a branch without ecosystem: a GIT range when its fix is a commit, the
// versions where they are listed, and in any case the words of the record.
func elsewhere(b record.Branch) format.Affected {
	var a format.Affected
	if repo, hash, ok := commit(b.FixURL); ok && b.Status == record.Fixed {
		start := "0"
		a.Ranges = []format.Range{{Type: format.Git, Repo: repo, Events: []format.Event{{Introduced: &start}, {Fixed: &hash}}}}
	}
	words(&a, b)
	return a
}

// words adds what a branch without ecosystem says: the versions where they are listed, and
// the words of the record.
func words(a *format.Affected, b record.Branch) {
	if list, bounds, ok := record.ParseVersions(b.Affected); ok && !bounds {
		for _, v := range list {
			if !slices.Contains(a.Versions, v.Version) {
				a.Versions = append(a.Versions, v.Version)
			}
		}
	}
	a.DatabaseSpecific = join(a.DatabaseSpecific, map[string]any{"product": b.Product, "branch": b.Name, "purl": b.Purl, "cpe": b.CPE, "affected": b.Affected, "fixed": b.Fixed})
}

// ranges makes one range of a branch, or one of each run when some end with their last
// affected version and some with a fixed one: the schema does not have both in one.
func ranges(b record.Branch, runs []record.Interval, ecosystem string) []format.Range {
	kind, semantic := format.Ecosystem, semver(ecosystem)
	for _, r := range runs {
		semantic = semantic && (r.From == "" || strictjson.IsSemver(plain(r.From))) && (r.To == "" || strictjson.IsSemver(plain(r.To)))
	}
	if b.Status == record.Fixed {
		semantic = semantic && strictjson.IsSemver(plain(b.Fixed))
	}
	if semantic {
		kind = format.Semver
	}
	order := version.For(ecosystem)
	note := map[string]any{"branch": b.Name}
	var groups [][]format.Event
	ends := map[bool]bool{} // of fixed and of last_affected
	for i, r := range runs {
		events, exact, last := events(b, r, semantic, order, i == len(runs)-1)
		if !exact {
			note["affected"] = b.Affected
		}
		if len(events) > 1 {
			ends[last] = true
		}
		groups = append(groups, events)
	}
	if len(ends) < 2 {
		groups = [][]format.Event{slices.Concat(groups...)}
	}
	out := make([]format.Range, len(groups))
	for i, g := range groups {
		out[i] = format.Range{Type: kind, Events: g, DatabaseSpecific: object(note)}
	}
	return out
}

// events are those of one run. They are not exact when the run begins after a version and
// the ecosystem has no name for what comes next: introduced includes it.
func events(b record.Branch, r record.Interval, semantic bool, order version.Order, final bool) (out []format.Event, exact, last bool) {
	from, to, fixed := r.From, r.To, b.Fixed
	if semantic {
		from, to, fixed = plain(from), plain(to), plain(fixed)
	}
	exact = true
	switch {
	case from == "":
		from = "0"
	case r.Open && semantic:
		from = record.NextSemver(from)
	case r.Open:
		exact = false
	}
	out = []format.Event{{Introduced: &from}}
	// The first fixed version says more than the last affected one (schema, events).
	if final && b.Status == record.Fixed && (r.To == "" || r.Last) && later(order, fixed, to) {
		return append(out, format.Event{Fixed: &fixed}), exact, false
	}
	switch {
	case r.To == "":
	case r.Last:
		return append(out, format.Event{LastAffected: &to}), exact, true
	default:
		out = append(out, format.Event{Fixed: &to})
	}
	return out, exact, false
}

// later reports whether version a may be after b, as far as the order knows them.
func later(order version.Order, a, b string) bool {
	if b == "" {
		return true
	}
	c, ok := order.Compare(a, b)
	return !ok || c > 0
}

// semver tells the ecosystems whose versions the schema wants as semantic ones.
func semver(ecosystem string) bool {
	return slices.Contains([]string{"Go", "npm", "crates.io", "Hex", "SwiftURL", "Julia"}, ecosystem)
}

// plain is a version as SEMVER ranges have it: without v.
func plain(v string) string { return strings.TrimPrefix(v, "v") }
