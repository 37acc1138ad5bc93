package record

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/vers"
)

// Interval is a run of versions. The formats that know only runs (OSV, CVE) are made of
// it.
type Interval struct {
	From string // the first version, "" for the beginning of all
	Open bool   // From itself is not in it
	To   string // the last version or the first after it, "" for no end
	Last bool   // To itself is in it
}

// Intervals makes runs of bounds that stand in the order of the type of a package URL, see
// Ordered: each lower bound begins one, each upper bound ends it. Without bounds it is
// one run of all versions.
func Intervals(bounds []Constraint) []Interval {
	if len(bounds) == 0 {
		return []Interval{{}}
	}
	var out []Interval
	var open *Interval
	for _, c := range bounds {
		lower := c.Op == ">" || c.Op == ">="
		switch {
		case lower && open == nil:
			open = &Interval{From: c.Version, Open: c.Op == ">"}
		case lower: // the run that goes on already holds it
		default:
			if open == nil {
				if len(out) > 0 {
					// Two upper bounds in a row: the run ends with the later one.
					out[len(out)-1].To, out[len(out)-1].Last = c.Version, c.Op == "<="
					continue
				}
				open = &Interval{}
			}
			open.To, open.Last = c.Version, c.Op == "<="
			out, open = append(out, *open), nil
		}
	}
	if open != nil {
		out = append(out, *open)
	}
	return out
}

// Ordered puts bounds into the order of their versions, as VERS and OSV want them. Kind is
// the type of a package URL, or generic. Bounds that are in order stay as they are.
func Ordered(bounds []Constraint, kind string) []Constraint {
	out := slices.Clone(bounds)
	slices.SortStableFunc(out, func(a, b Constraint) int { return vers.Compare(kind, a.Version, b.Version) })
	return out
}
