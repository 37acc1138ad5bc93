package branchfix

import (
	"context"
	"slices"
)

// presence is whether one commit's change is on a branch.
type presence uint8

const (
	_        presence = iota
	absent            // not there
	unneeded          // none of the files it changes is there
	unsure            // cannot be told
	half              // some of it is there, and some places look as before
	whole
)

// part is one commit of a series on one branch.
type part struct {
	is       presence
	by       []int32 // the branch's commits that bring it
	evidence []Evidence
	ask      bool
	standing standing
}

// enough of a fix's lines have to be in a commit of the same subject, or of the same
// subject and author, to call it the same change.
const (
	titleCovers  = 0.5
	authorCovers = 0.3
)

// one tells whether a commit's change is on a branch.
func (e *engine) one(ctx context.Context, fix int32, branch int) (part, error) {
	head, on := e.req.Branches[branch].Head, e.behind[branch]
	c, err := e.change(ctx, fix)
	if err != nil {
		return part{}, err
	}
	st, err := e.stand(ctx, c, head)
	if err != nil {
		return part{}, err
	}
	p := part{standing: st}
	var sure, lapsed []twin
	var undoing []ID // of each that lapsed
	var weak []twin
	all := e.twins(fix, c.print)
	var same []int32
	for _, t := range all {
		if t.weight >= strong {
			same = append(same, t.at)
		}
	}
	for _, t := range all {
		switch {
		case !on.has(t.at):
		case t.weight < strong:
			weak = append(weak, t)
		default:
			if by := e.undone(same, t.at, on.set, 0); by >= 0 {
				lapsed, undoing = append(lapsed, t), append(undoing, e.x.commits[by].ID)
			} else {
				sure = append(sure, t)
			}
		}
	}
	if len(sure) == 0 {
		more, ask, err := e.accept(ctx, c, st, weak, same, on.set)
		if err != nil {
			return part{}, err
		}
		sure, p.ask = more, ask
	}
	switch {
	case len(sure) > 0:
		return p, e.brought(ctx, c, sure, &p)
	case len(lapsed) > 0:
		for i, t := range lapsed {
			p.evidence = append(p.evidence, t.evidence...)
			p.evidence = append(p.evidence, Evidence{Kind: Undone, Commit: undoing[i], Weight: weighsPicked})
		}
		p.is, p.ask = absent, st.whole()
		return p, nil
	}
	return p, e.byTree(ctx, c, branch, &p)
}

// brought fills the part in from the commits that bring the change: whole, unless some
// place was left out that still looks as it did.
func (e *engine) brought(ctx context.Context, c *change, by []twin, p *part) error {
	p.is = whole
	exact := false
	var others []map[uint64]int
	for _, t := range by {
		p.by = append(p.by, t.at)
		p.evidence = append(p.evidence, t.evidence...)
		for _, ev := range t.evidence {
			exact = exact || ev.Kind == Ancestry || ev.Kind == SamePatch
		}
	}
	st := p.standing
	if exact {
		// Everything is as before, surroundings included, though the commit is there and
		// nothing says that it was taken back.
		if st.untouched() && !slices.ContainsFunc(st.places, func(p place) bool { return p.near < 2 }) {
			p.ask = true
			p.evidence = append(p.evidence, Evidence{Kind: PreImage, Weight: 0.5})
		}
		return nil
	}
	for _, n := range p.by {
		o, err := e.change(ctx, n)
		if err != nil {
			return err
		}
		others = append(others, o.every)
	}
	cover := covers(c.changed, others...)
	p.evidence = append(p.evidence, Evidence{Kind: Covered, Commit: e.x.commits[p.by[0]].ID, Weight: cover})
	if left := e.left(st, others); left > 0 && cover < 1 {
		p.is = half
		p.evidence = append(p.evidence, Evidence{Kind: PreImage, Weight: st.share(left)})
	}
	if st.after > 0 {
		p.evidence = append(p.evidence, Evidence{Kind: PostImage, Weight: st.share(st.after)})
	}
	return nil
}

// left counts the places that look as before and that none of the commits changes.
func (e *engine) left(st standing, by []map[uint64]int) int {
	n := 0
	for _, p := range st.places {
		if p.look != before || len(p.lines) == 0 {
			continue
		}
		want := map[uint64]int{}
		for _, l := range p.lines {
			want[l]++
		}
		if covers(want, by...) < 0.5 {
			n++
		}
	}
	return n
}

// accept looks at commits of the branch that are the same change by their subject, or by
// their lines, alone. It returns those that are, and whether a person should say so.
func (e *engine) accept(ctx context.Context, c *change, st standing, weak []twin, same []int32, on set) ([]twin, bool, error) {
	var out []twin
	ask := false
	for _, t := range weak {
		o, err := e.change(ctx, t.at)
		if err != nil {
			return nil, false, err
		}
		if e.undone([]int32{t.at}, t.at, on, 0) >= 0 {
			continue
		}
		other, blind, err := e.another(ctx, c, o)
		if err != nil {
			return nil, false, err
		}
		if other {
			continue
		}
		taken := len(out)
		cover := covers(c.changed, o.every)
		need := titleCovers
		if t.weight >= weighsAuthor {
			need = authorCovers
		}
		switch {
		case t.weight >= weighsLines || cover >= need || cover > 0 && st.whole():
			out = append(out, t)
		case cover > 0 && st.before == 0 && st.after > 0:
			out, ask = append(out, t), true
		}
		if len(out) > taken && blind >= 0 {
			// Perhaps it is a backport of the one that cannot be read.
			last := &out[len(out)-1]
			last.evidence = append(slices.Clone(last.evidence), Evidence{Kind: Unreadable, Commit: e.x.commits[blind].ID, Note: "it may be what this one was made from"})
			ask = true
		}
	}
	return out, ask && len(out) > 0, nil
}

// another reports whether the candidate is rather a backport of some other commit: two
// fixes may have one subject. blind is a commit that would tell and cannot be read, or -1.
func (e *engine) another(ctx context.Context, c, candidate *change) (other bool, blind int32, err error) {
	x := e.x
	if e.heir(c.at).has(candidate.at) || e.heir(candidate.at).has(c.at) {
		return true, -1, nil // one is built on the other: they are two
	}
	mine := covers(c.changed, candidate.every)
	blind = -1
	for _, n := range x.same[x.commits[candidate.at].Same] {
		if n == c.at || n == candidate.at || x.commits[n].Merge() {
			continue
		}
		for _, t := range e.twins(n, x.commits[n].Print) {
			if t.at == candidate.at && t.weight >= strong && !e.surely(n, c.at) {
				return true, -1, nil
			}
		}
		if e.surely(n, c.at) {
			continue
		}
		o, err := e.change(ctx, n)
		switch {
		case ctx.Err() != nil:
			return false, -1, ctx.Err()
		case err != nil:
			blind = n
		case covers(o.changed, candidate.every) > mine:
			return true, -1, nil
		}
	}
	return false, blind, nil
}

// surely reports whether two commits are one change.
func (e *engine) surely(a, b int32) bool {
	return a == b || slices.Contains(e.sure(a), b)
}

// byTree tells what no commit tells: the change may have come in another one, or in
// several.
func (e *engine) byTree(ctx context.Context, c *change, branch int, p *part) error {
	st := p.standing
	if st.files > 0 && st.absent == st.files {
		p.is = unneeded
		p.evidence = append(p.evidence, Evidence{Kind: NoFile, Weight: weighsPicked})
		return nil
	}
	p.is = absent
	if st.before > 0 {
		p.evidence = append(p.evidence, Evidence{Kind: PreImage, Weight: st.share(st.before)})
	}
	if st.after+st.both == 0 {
		if st.before == 0 {
			p.is = unsure
		}
		return nil
	}
	p.evidence = append(p.evidence, Evidence{Kind: PostImage, Weight: st.share(st.after)})
	by, cover, err := e.inOthers(ctx, c, branch)
	if err != nil {
		return err
	}
	if len(by) > 0 {
		p.by = by
		for _, n := range by {
			p.evidence = append(p.evidence, Evidence{Kind: Covered, Commit: e.x.commits[n].ID, Weight: cover})
		}
	}
	switch {
	case cover >= 0.99 && st.before == 0, st.whole() && cover >= titleCovers:
		p.is = whole
	case cover >= 0.8 && st.before == 0:
		p.is, p.ask = whole, true
	case cover >= 0.2 && st.after > 0 && st.before > 0:
		p.is = half
	case st.whole():
		// It has looked like this since before the branches parted: perhaps the flaw came
		// later, on the other.
		p.is, p.by = unsure, nil
	case st.before == 0:
		p.is, p.by = unsure, nil
	default:
		p.by = nil
	}
	return nil
}

// maxOthers is how many commits that change the same files are read.
const maxOthers = 400

// inOthers looks for the change's lines in commits of the branch that the fix's own line
// does not have. It returns those that bring some, the one with most first, and the share
// of the lines that they bring together.
func (e *engine) inOthers(ctx context.Context, c *change, branch int) ([]int32, float64, error) {
	on, mine := e.behind[branch], e.past(c.at)
	var list []int32
	for _, f := range c.code {
		for _, name := range e.names(f) {
			for _, n := range e.x.files[name] {
				if on.has(n) && !mine.has(n) && !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b int32) int { return int(e.x.depth[b] - e.x.depth[a]) })
	list = list[:min(len(list), maxOthers)]
	left := map[uint64]int{}
	total := 0
	for l, n := range c.changed {
		left[l], total = n, total+n
	}
	var by []int32
	found := 0
	for len(list) > 0 && found < total {
		best, most := -1, 0
		var chosen *change
		for i, n := range list {
			o, err := e.change(ctx, n)
			if err != nil {
				return nil, 0, err
			}
			if has := overlap(left, o.changed); has > most && e.undone([]int32{n}, n, on.set, 0) < 0 {
				best, most, chosen = i, has, o
			}
		}
		if best < 0 {
			break
		}
		n := list[best]
		list = slices.Delete(list, best, best+1)
		for l, k := range chosen.changed {
			if left[l] > 0 {
				left[l] -= min(k, left[l])
			}
		}
		found += most
		by = append(by, n)
	}
	if total == 0 {
		return nil, 0, nil
	}
	return by, float64(found) / float64(total), nil
}

func overlap(want, have map[uint64]int) int {
	n := 0
	for l, k := range want {
		n += min(k, have[l])
	}
	return n
}
