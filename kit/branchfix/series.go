package branchfix

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// likely is the share of a fix's places that have to look as before it for the branch to
// be called affected without a person.
const likely = 0.34

// series is one cell: a fix on a branch.
func (e *engine) series(ctx context.Context, fix, branch int) (FixState, error) {
	ids := e.req.Fixes[fix]
	names := make([]string, len(ids))
	var parts []part
	out := FixState{Evidence: []Evidence{}}
	for i, id := range ids {
		names[i] = string(id)
		p, err := e.one(ctx, e.x.at[id], branch)
		if errors.Is(err, ErrUnreadable) {
			p, err = part{is: unsure, evidence: []Evidence{{Kind: Unreadable, Commit: id, Note: err.Error()}}}, nil
		}
		if err != nil {
			return out, err
		}
		parts = append(parts, p)
		out.Evidence = append(out.Evidence, p.evidence...)
		out.Ask = out.Ask || p.ask
		for _, n := range p.by {
			if id := e.x.commits[n].ID; !slices.Contains(out.By, id) {
				out.By = append(out.By, id)
			}
		}
	}
	out.Commit = strings.Join(names, ",")
	if err := e.settle(ctx, &out, parts, fix, branch); err != nil {
		return out, err
	}
	e.answered(&out, fix, branch)
	return out, nil
}

// settle makes one state of the parts.
func (e *engine) settle(ctx context.Context, out *FixState, parts []part, fix, branch int) error {
	count := map[presence]int{}
	for _, p := range parts {
		count[p.is]++
	}
	needed := len(parts) - count[unneeded]
	switch {
	case needed > 0 && count[whole] == needed:
		out.State = Fixed
		var by []int32
		for _, id := range out.By {
			by = append(by, e.x.at[id])
		}
		if tag := e.firstTag(branch, by); len(by) > 0 && tag != "" {
			out.State, out.Tag = Released, tag
			out.Evidence = append(out.Evidence, Evidence{Kind: InTag, Weight: 1, Note: tag})
		}
		return nil
	case count[half] > 0 || count[whole] > 0 && count[absent] > 0:
		out.State = Partial
		return nil
	case count[whole] > 0:
		out.State, out.Ask = Unknown, true
		return nil
	}
	return e.todo(ctx, out, parts, fix, branch)
}

// todo tells apart what is not fixed: whether the flaw is there, and whether the fix
// would apply.
func (e *engine) todo(ctx context.Context, out *FixState, parts []part, fix, branch int) error {
	brought, known, by := e.brings(fix, branch)
	if known {
		kind := NotBrought
		if brought {
			kind = Introduced
		}
		out.Evidence = append(out.Evidence, Evidence{Kind: kind, Commit: by, Weight: weighsPicked})
	}
	s := sumOf(parts)
	cut := e.behind[branch].cut
	switch {
	case known && !brought && !cut, s.needed == 0 && !brought:
		out.State = NotAffected
		return nil
	case e.req.Branches[branch].EndOfLife:
		out.State = WontFix
		out.Evidence = append(out.Evidence, Evidence{Kind: Ended, Weight: 1})
		return nil
	}
	if cut {
		out.Evidence = append(out.Evidence, Evidence{Kind: Shallow, Weight: 0.5})
	}
	out.State = Affected
	// Either the branch went its own way there, and may have got rid of the flaw by it, or
	// the fix's line did since they parted: then it is certain that the fix is not there,
	// and where all looks as after it, so is that the flaw came later.
	pale, own, ask := !brought && float64(s.literal) <= likely*float64(s.all), false, out.Ask
	if pale {
		var err error
		if own, err = e.own(ctx, fix, branch); err != nil {
			return err
		}
	}
	if pale && float64(s.before) < likely*float64(s.all) {
		if !own && !ask && !cut && s.all > 0 && s.after == s.all {
			out.State = NotAffected
			return nil
		}
		ask, out.Ask = ask || own || s.contrary, true
		if s.before == 0 {
			out.State = Unknown
		}
	}
	if !e.req.Try {
		return nil
	}
	t, err := e.repo.Try(ctx, e.req.Branches[branch].Head, e.req.Fixes[fix])
	if errors.Is(err, ErrUnreadable) {
		out.Ask = true
		out.Evidence = append(out.Evidence, Evidence{Kind: Unreadable, Note: err.Error()})
		return nil
	}
	if errors.Is(err, ErrCannotTry) {
		return nil
	}
	if err != nil {
		return err
	}
	out.Trial = &t
	tried := Evidence{Kind: Tried}
	switch {
	case t.Clean:
		out.State, tried.Weight = Applies, 1
	case out.State != Unknown || !s.contrary:
		out.State = Conflicts
		ask = ask || pale && (own || s.contrary)
	}
	out.Ask, out.Evidence = ask, append(out.Evidence, tried)
	for i := range t.Conflicts {
		if err := e.prerequisites(ctx, &t.Conflicts[i], e.req.Fixes[fix], branch); err != nil {
			return err
		}
	}
	return nil
}

// sums are those of a series' parts.
type sums struct {
	// Places, those that look as before and as after, and those that are as they were.
	all, before, after, literal int

	needed   int  // parts whose code is there
	contrary bool // much looks as after the fix and no commit brought it, or nobody can tell
}

func sumOf(parts []part) (s sums) {
	for _, p := range parts {
		st := p.standing
		s.all, s.before, s.after, s.literal = s.all+st.all-st.lacking, s.before+st.before, s.after+st.after, s.literal+st.literal
		if p.is != unneeded {
			s.needed++
		}
		s.contrary = s.contrary || p.is == unsure && (st.all == 0 || float64(st.after+st.both) >= likely*float64(st.all))
	}
	return s
}

// own reports whether the branch has changed the fix's files in a way that no other line
// has, or nobody can tell.
func (e *engine) own(ctx context.Context, fix, branch int) (bool, error) {
	for _, id := range e.req.Fixes[fix] {
		c, err := e.change(ctx, e.x.at[id])
		if errors.Is(err, ErrUnreadable) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		for _, n := range e.beside(c, branch) {
			if !slices.ContainsFunc(e.sure(n), func(t int32) bool { return !e.behind[branch].has(t) }) && !e.x.commits[n].Merge() {
				return true, nil
			}
		}
	}
	return false, nil
}

// ErrCannotTry says that a trial is not possible, as with a git that is too old; the
// state stays affected.
var ErrCannotTry = errors.New("the fix cannot be tried")

// brings reports whether a commit that brought the flaw is on the branch, and whether any
// is known: those of the request, or those that the fixes name on their "Fixes:" lines.
func (e *engine) brings(fix, branch int) (brought, known bool, by ID) {
	var from []int32
	for _, id := range e.req.Introduced {
		from = append(from, e.x.at[id])
	}
	if len(from) == 0 {
		for _, id := range e.req.Fixes[fix] {
			for _, l := range e.x.Get(id).Links {
				if n := e.x.one(l.To); l.Kind == FixesCommit && n >= 0 {
					from = append(from, n)
				}
			}
		}
	}
	on := e.behind[branch]
	for _, n := range from {
		same := e.sure(n)
		for _, t := range same {
			if on.has(t) && e.undone(same, t, on.set, 0) < 0 {
				return true, true, e.x.commits[t].ID
			}
		}
		by = e.x.commits[n].ID
	}
	return false, len(from) > 0, by
}

// answered lets a person's word stand: for the head it was said of, and for later ones
// as long as no commit since touches the fix's files.
func (e *engine) answered(out *FixState, fix, branch int) {
	ids, b := e.req.Fixes[fix], e.req.Branches[branch]
	for _, a := range e.req.Answers {
		if a.Branch != b.Name || a.Fix != ids[len(ids)-1] || !e.still(a, ids, branch) {
			continue
		}
		out.State, out.Ask = a.State, false
		out.Evidence = append(out.Evidence, Evidence{Kind: Answered, Commit: a.Head, Weight: 1})
	}
}

func (e *engine) still(a Answer, ids Series, branch int) bool {
	then, ok := e.x.at[a.Head]
	if !ok || !e.behind[branch].has(then) {
		return false // the branch was rewritten
	}
	old := e.x.behind(then)
	for _, id := range ids {
		for _, f := range e.x.Get(id).Files {
			for _, n := range e.x.files[f] {
				if e.behind[branch].has(n) && !old.has(n) {
					return false
				}
			}
		}
	}
	return true
}

// maxMissing is how many likely prerequisites of one file are named.
const maxMissing = 5

// prerequisites finds commits that the branch does not have and that made the lines
// around the fix's changes in a file that conflicts.
func (e *engine) prerequisites(ctx context.Context, c *Conflict, ids Series, branch int) error {
	type scored struct {
		n, score int32
	}
	var list []scored
	on := e.behind[branch]
	for _, id := range ids {
		fix, err := e.change(ctx, e.x.at[id])
		if err != nil {
			return err
		}
		mine := e.past(fix.at)
		want := map[uint64]int{}
		for _, f := range fix.code {
			if f.Path() != c.Path && f.Old != c.Path {
				continue
			}
			for _, h := range f.Hunks {
				for _, l := range h.Lines {
					if l.Op != '+' && patch.Telling([]byte(look.Squeeze(l.Text))) {
						want[e.hash.line('+', l.Text)]++
					}
				}
			}
		}
		near := e.x.files[c.Path]
		for _, n := range near[max(0, len(near)-maxOthers):] {
			if n == fix.at || on.has(n) || !mine.has(n) || e.x.commits[n].Merge() {
				continue
			}
			o, err := e.change(ctx, n)
			if err != nil {
				return err
			}
			if s := overlap(want, o.every); s > 0 {
				list = append(list, scored{n, int32(s)})
			}
		}
	}
	slices.SortFunc(list, func(a, b scored) int {
		if a.score != b.score {
			return int(b.score - a.score)
		}
		return int(e.x.depth[b.n] - e.x.depth[a.n])
	})
	for _, s := range list[:min(len(list), maxMissing)] {
		c.Missing = append(c.Missing, e.x.commits[s.n].ID)
	}
	return nil
}
