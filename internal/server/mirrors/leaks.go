package mirrors

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/product"
	"github.com/tocsin-sec/tocsin/internal/remedy/leak"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Leaks implements leak.Mirrors. The series stays in memory: only what is public is asked
// of git, and the index is stored before the series is looked at.
//
// All that was ever public is compared, and not only what branches and tags have now: a
// commit that was pushed and taken back was seen.
func (m *Mirrors) Leaks(ctx context.Context, id product.ID, url string, q leak.Question) (leak.Answer, error) {
	unlock, err := m.lock(ctx, id)
	if err != nil {
		return leak.Answer{}, err
	}
	defer unlock()
	c, err := m.ready(ctx, id, url)
	if err != nil {
		return leak.Answer{}, told(err)
	}
	defer c.Close()
	// Another server's mirror, or one that was made anew, may lack what was replaced.
	since := slices.DeleteFunc(slices.Clone(q.Since), func(id branchfix.ID) bool { return !c.index.Has(id) })
	a := leak.Answer{Tips: c.index.Heads(), Heads: c.sum}
	known := c.index.Past(since)
	fresh := func(id branchfix.ID) bool { return !known(id) }
	if a.Found, a.Lost, err = c.index.Leaks(ctx, c, a.Tips, since, fresh, q.Series); err != nil {
		return leak.Answer{}, told(err)
	}
	if len(since) > 0 {
		return a, nil
	}
	// At the first look the newest commits were read whatever they touch. Further back those
	// that touch a file of the series are.
	for i := range a.Found {
		a.Found[i].New = false
	}
	older, lost, err := c.index.Leaks(ctx, c, a.Tips, nil, nil, q.Series)
	if err != nil {
		return leak.Answer{}, told(err)
	}
	for _, l := range older {
		if !slices.ContainsFunc(a.Found, func(f branchfix.Leak) bool { return f.Commit == l.Commit && f.Part == l.Part }) {
			a.Found = append(a.Found, l)
		}
	}
	a.Lost = max(a.Lost, lost)
	return a, nil
}
