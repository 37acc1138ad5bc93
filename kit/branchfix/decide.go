package branchfix

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
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
			if by := e.undone(same, t.at, on.set, 0); by >= 0 && (!st.whole() || e.x.says(by)) {
				lapsed, undoing = append(lapsed, t), append(undoing, e.x.commits[by].ID)
			} else {
				sure = append(sure, t)
			}
		}
	}
	said := len(sure) > 0
	if sure, err = e.genuine(ctx, c, st, sure); err != nil {
		return part{}, err
	}
	by, err := e.quietly(ctx, c, st, sure, on.set)
	for i := 0; i < len(sure) && err == nil; i++ {
		n := by
		if n < 0 && sure[i].at != c.at { // the branch's own commit knows its surroundings
			n, err = e.unmade(ctx, sure[i], head, on.set)
		}
		if n >= 0 {
			lapsed, undoing = append(lapsed, sure[i]), append(undoing, e.x.commits[n].ID)
			sure, i = slices.Delete(sure, i, i+1), i-1
		}
	}
	if err != nil {
		return part{}, err
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
	if err := e.byTree(ctx, c, branch, &p); err != nil {
		return part{}, err
	}
	p.ask = p.ask || said && p.is == unsure
	return p, nil
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
		if st.untouched() && !slices.ContainsFunc(st.places, func(p look.Place) bool { return p.Near < 2 }) {
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
	cover, err := covers(c.changed, others...), error(nil)
	p.evidence = append(p.evidence, Evidence{Kind: Covered, Commit: e.x.commits[p.by[0]].ID, Weight: cover})
	left := 0
	if cover < 1 {
		if left, err = e.left(ctx, c, st, p.by, others); err != nil {
			return err
		}
	}
	if left > 0 {
		p.is = half
		p.evidence = append(p.evidence, Evidence{Kind: PreImage, Weight: st.share(left)})
	}
	if st.after > 0 {
		p.evidence = append(p.evidence, Evidence{Kind: PostImage, Weight: st.share(st.after)})
	}
	return nil
}

// left counts the places that look as before, that none of the commits changes, and that
// none of them writes in other words.
func (e *engine) left(ctx context.Context, c *change, st standing, by []int32, others []map[uint64]int) (int, error) {
	known := map[string]bool{}
	for _, p := range st.places {
		for _, l := range p.Lines {
			known[look.Squeeze(l.Text)] = true
		}
	}
	n := 0
	for i := range st.places {
		p := &st.places[i]
		if p.Look != look.Before || len(p.Lines) == 0 {
			continue
		}
		want := map[uint64]int{}
		for _, l := range p.Tell() {
			want[e.hash.line(l.Op, l.Text)]++
		}
		if covers(want, others...) >= 0.5 {
			continue
		}
		adapted := false
		for _, b := range by {
			was, is, err := e.sides(ctx, c.code[p.File], b)
			if err != nil {
				return 0, err
			}
			adapted = adapted || was != nil && p.Adapts(was, is, known)
		}
		if !adapted {
			n++
		}
	}
	return n, nil
}

// accept looks at commits of the branch that are the same change by their subject, or by
// their lines, alone. It returns those that are, and whether a person should say so.
func (e *engine) accept(ctx context.Context, c *change, st standing, weak []twin, same []int32, on set) ([]twin, bool, error) {
	var out []twin
	ask := false
	for _, t := range weak {
		if st.nowhere() {
			break
		}
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
		if cover == 0 || cover > 0 && st.after == 0 && st.literal > 0 && (st.untouched() || cover < 1) {
			continue
		}
		if there, err := e.there(ctx, c, t.at); err != nil {
			return nil, false, err
		} else if !there {
			continue // its lines, in another place
		}
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
	switch {
	case st.files > 0 && st.absent == st.files:
		p.is = unneeded
		p.evidence = append(p.evidence, Evidence{Kind: NoFile, Weight: weighsPicked})
		return nil
	case st.nowhere():
		p.is = unneeded
		p.evidence = append(p.evidence, Evidence{Kind: NoCode, Weight: weighsLines})
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
	by, gain, cover, err := e.inOthers(ctx, c, branch)
	if err != nil {
		return err
	}
	for _, n := range by {
		p.evidence = append(p.evidence, Evidence{Kind: Covered, Commit: e.x.commits[n].ID, Weight: cover})
	}
	switch {
	case gain > 0 && st.whole(), gain > 0 && cover >= 0.99 && st.before == 0:
		p.is, p.by = whole, by
	case gain > 0 && cover >= 0.8 && st.before == 0:
		p.is, p.by, p.ask = whole, by, true
	case gain > 0 && st.before > 0:
		p.is, p.by = half, by
	case st.before == 0:
		// It has looked like this since before the branches parted: perhaps the flaw came
		// later, on the other.
		p.is = unsure
	}
	return nil
}

// maxOthers is how many commits that change the same files are read.
const maxOthers = 400

// beside lists the commits of a branch that change the fix's files and that the fix's own
// line does not have.
func (e *engine) beside(c *change, branch int) (list []int32) {
	on, mine := e.behind[branch], e.past(c.at)
	for _, f := range c.code {
		for _, name := range e.names(f) {
			for _, n := range e.x.files[name] {
				if on.has(n) && !mine.has(n) && !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
	}
	return list
}

// inOthers looks for commits of the branch that the fix's own line does not have and after
// which more places look as after the fix than before them. It returns those with the
// number of places and the share of the fix's lines that they bring together.
func (e *engine) inOthers(ctx context.Context, c *change, branch int) (by []int32, gain int, cover float64, err error) {
	on, list := e.behind[branch], e.beside(c, branch)
	slices.SortFunc(list, func(a, b int32) int { return int(e.x.depth[b] - e.x.depth[a]) })
	list = list[:min(len(list), maxOthers)]
	slices.Reverse(list)
	var brought []map[uint64]int
	for _, n := range list {
		o, err := e.change(ctx, n)
		if err != nil {
			return nil, 0, 0, err
		}
		if len(c.changed) > 0 && overlap(c.changed, o.changed) == 0 || len(by) >= maxBringers {
			continue
		}
		more, _, err := e.turns(ctx, c, n)
		if err != nil {
			return nil, 0, 0, err
		}
		if more > 0 && e.undone([]int32{n}, n, on.set, 0) < 0 {
			by, gain, brought = append(by, n), gain+more, append(brought, o.changed)
		}
	}
	return by, gain, covers(c.changed, brought...), nil
}

// maxBringers is how many commits that bring parts of one change are looked for.
const maxBringers = 24

func overlap(want, have map[uint64]int) int {
	n := 0
	for l, k := range want {
		n += min(k, have[l])
	}
	return n
}
