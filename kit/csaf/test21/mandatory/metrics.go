package mandatory

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/internal/cvss"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/cwe"
)

// ratings is one vulnerability's metrics with products, those of one source together.
type ratings struct {
	metrics []csaf21.Metric
	refs    []rule.Refs // of the metrics
	order   []int       // of refs, by source; nil for the order of the document
}

// at returns the i-th list of products and its metric.
func (r *ratings) at(i int) (*rule.Refs, *csaf21.Metric) {
	if r.order != nil {
		i = r.order[i]
	}
	return &r.refs[i], &r.metrics[r.refs[i].Item]
}

// eachRatings calls f with the metrics of every vulnerability that has some.
func eachRatings(doc *csaf21.Advisory, env *rule.Env, f func(r *ratings)) {
	all := env.ProductRefs()
	for from := 0; from < len(all); from++ {
		if all[from].Where != rule.OfScore {
			continue
		}
		to := from + 1
		for to < len(all) && all[to].Where == rule.OfScore && all[to].Vulnerability == all[from].Vulnerability {
			to++
		}
		r := ratings{metrics: doc.Vulnerabilities[all[from].Vulnerability].Metrics, refs: all[from:to]}
		r.sort()
		f(&r)
		from = to - 1
	}
}

// sort puts the metrics of each source together, which is needed for several sources.
func (r *ratings) sort() {
	source := func(i int) string { return r.metrics[r.refs[i].Item].Source }
	same := true
	for i := 1; i < len(r.refs) && same; i++ {
		same = source(i) == source(0)
	}
	if same {
		return
	}
	r.order = make([]int, len(r.refs))
	for i := range r.order {
		r.order[i] = i
	}
	slices.SortStableFunc(r.order, func(a, b int) int { return strings.Compare(source(a), source(b)) })
}

// multipleScores is 6.1.7: a product has one score of each version of CVSS from each
// source.
func multipleScores(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var seen *rule.Marks
	eachRatings(doc, env, func(r *ratings) {
		if len(r.refs) < 2 {
			return
		}
		if seen == nil {
			seen = env.Marks()
		}
		source := ""
		for k := range r.refs {
			list, m := r.at(k)
			if k == 0 || m.Source != source {
				seen.Clear()
				source = m.Source
			}
			mine := versions(&m.Content)
			for i, n := range list.Numbers {
				was := seen.Get(n)
				for v, name := range versionNames {
					if was&mine&(1<<v) != 0 {
						report(list.At(i), "a second CVSS %s score for the product %q from the same source", name, list.IDs[i])
					}
				}
				seen.Set(n, was|mine)
			}
		}
	})
}

var versionNames = [...]string{"2.0", "3.0", "3.1", "4.0"}

// versions are the CVSS versions of a metric as bits in the order of versionNames.
func versions(c *csaf21.Content) uint32 {
	bits := uint32(0)
	if c.CVSSv2 != nil {
		bits |= 1
	}
	if c.CVSSv3 != nil {
		switch c.CVSSv3.Version {
		case "3.0":
			bits |= 2
		case "3.1":
			bits |= 4
		}
	}
	if c.CVSSv4 != nil {
		bits |= 8
	}
	return bits
}

// qualitative is 6.1.56: no product has both a qualitative severity rating and a CVSS
// score from one source.
func qualitative(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	var scored *rule.Marks
	eachRatings(doc, env, func(r *ratings) {
		if !slices.ContainsFunc(r.metrics, func(m csaf21.Metric) bool { return m.Content.Qualitative != "" }) {
			return
		}
		if scored == nil {
			scored = env.Marks()
		}
		for from := 0; from < len(r.refs); {
			_, first := r.at(from)
			to := from
			scored.Clear()
			for ; to < len(r.refs); to++ {
				list, m := r.at(to)
				if m.Source != first.Source {
					break
				}
				if c := &m.Content; c.CVSSv2 != nil || c.CVSSv3 != nil || c.CVSSv4 != nil {
					for _, n := range list.Numbers {
						scored.Set(n, 1)
					}
				}
			}
			for ; from < to; from++ {
				list, m := r.at(from)
				if m.Content.Qualitative == "" {
					continue
				}
				for i, n := range list.Numbers {
					if scored.Get(n) != 0 {
						report(rule.At("/vulnerabilities/%/metrics/%/content/qualitative_severity_rating", list.Vulnerability, list.Item), "the product %q has a CVSS score from the same source", list.IDs[i])
					}
				}
			}
		}
	})
}

// eachContent calls f for every metric; at(below) is a pointer below its content.
func eachContent(doc *csaf21.Advisory, f func(i, j int, c *csaf21.Content)) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].Metrics {
			f(i, j, &doc.Vulnerabilities[i].Metrics[j].Content)
		}
	}
}

const content = "/vulnerabilities/%/metrics/%/content/"

// repeat reports the reader's errors below a pattern of pointers, as rule.Below takes
// it: the reader knows the rules of the schemas that CSAF refers to.
func repeat(env *rule.Env, report rule.Report, patterns ...string) {
	for i := range env.Problems {
		p := &env.Problems[i]
		if p.Code == csaf.Unknown {
			continue
		}
		for _, pattern := range patterns {
			if rule.Below(p.Pointer, pattern) {
				report(p.Instance(), "%s", p.Message)
			}
		}
	}
}

// invalidCVSS is 6.1.8: CVSS objects are valid. The reader knows their schemas.
func invalidCVSS(_ *csaf21.Advisory, env *rule.Env, report rule.Report) {
	const metric = "/vulnerabilities/*/metrics/*/content/"
	repeat(env, report, metric+"cvss_v2", metric+"cvss_v3", metric+"cvss_v4")
}

// computation is 6.1.9: scores and severities are those of the vector. A vector without
// all base metrics, which the schemas allow, has no score.
func computation(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachContent(doc, func(i, j int, c *csaf21.Content) {
		if c.CVSSv2 != nil {
			if err := cvss.Compute2(c.CVSSv2, present(env, differs(report, "cvss_v2/", i, j), "cvss_v2/", i, j)); err != nil {
				report(rule.At(content+"cvss_v2/vectorString", i, j), "the vector has no score: %v", err)
			}
		}
		if c.CVSSv3 != nil {
			if err := cvss.Compute3(c.CVSSv3, present(env, differs(report, "cvss_v3/", i, j), "cvss_v3/", i, j)); err != nil {
				report(rule.At(content+"cvss_v3/vectorString", i, j), "the vector has no score: %v", err)
			}
		}
		if c.CVSSv4 != nil {
			cvss.Compute4(c.CVSSv4, present(env, differs(report, "cvss_v4/", i, j), "cvss_v4/", i, j))
		}
	})
}

// present passes on what differs but for scores that the reader did not get: those are
// 6.1.8's.
func present(env *rule.Env, next cvss.Differ, object string, i, j int) cvss.Differ {
	return func(member string, given, want any) {
		if given == 0.0 {
			at := rule.At(content, i, j) + object + member
			for k := range env.Problems {
				if env.Problems[k].Pointer == at {
					return
				}
			}
		}
		next(member, given, want)
	}
}

// inconsistent is 6.1.10: the members do not contradict the vector.
func inconsistent(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	eachContent(doc, func(i, j int, c *csaf21.Content) {
		if c.CVSSv2 != nil {
			cvss.Words2(c.CVSSv2, differs(report, "cvss_v2/", i, j))
		}
		if c.CVSSv3 != nil {
			cvss.Words3(c.CVSSv3, differs(report, "cvss_v3/", i, j))
		}
		if c.CVSSv4 != nil {
			cvss.Words4(c.CVSSv4, differs(report, "cvss_v4/", i, j))
		}
	})
}

// differs reports a member that differs from the vector, which takes precedence
// (6.1.9): the fix writes what the vector says.
func differs(report rule.Report, object string, i, j int) cvss.Differ {
	return func(member string, given, want any) {
		f := report(rule.At(content, i, j)+object+member, "the vector gives %v, not %v", want, given)
		f.Fix = rule.Replace(f.Pointer, want)
	}
}

// weakness is 6.1.11: the version of CWE has the weakness, under this name. Categories
// and views are no weaknesses.
func weakness(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	for i := range doc.Vulnerabilities {
		for j := range doc.Vulnerabilities[i].CWEs {
			c := &doc.Vulnerabilities[i].CWEs[j]
			w, ok := cwe.FindIn(c.Version, c.ID)
			switch at := "/vulnerabilities/%/cwes/%"; {
			case !ok && !isCWEVersion(c.Version):
				report(rule.At(at+"/version", i, j), "%q is no version of CWE that is known here; the newest is %s", c.Version, cwe.Newest())
			case !ok:
				report(rule.At(at+"/id", i, j), "CWE %s has no weakness %q", c.Version, c.ID)
			case w.Name != c.Name:
				f := report(rule.At(at+"/name", i, j), "%s is called %q in CWE %s, not %q", c.ID, w.Name, c.Version, c.Name)
				f.Fix = rule.Replace(f.Pointer, w.Name)
			}
		}
	}
}

func isCWEVersion(version string) bool {
	return slices.ContainsFunc(cwe.Releases(), func(r cwe.Release) bool { return r.Version == version })
}
