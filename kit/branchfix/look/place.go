package look

import (
	"slices"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// Look is how a place stands in a version of its file.
type Look uint8

// The looks.
const (
	_       Look = iota
	Neither      // neither as before nor as after: the code is another
	Both         // as before in one place and as after in another
	Before       // as it was before the change
	After        // as the change leaves it
	Lacking      // the file is there, the function is not
	Missing      // the file is not there
)

// Place is one run of changed lines with up to three lines around it. The texts are
// squeezed and not empty.
type Place struct {
	File  int          // of those that Places was given
	Lines []patch.Line // the changed lines that say something
	Look  Look
	Near  int  // lines around it that were needed to tell
	Loose bool // single lines told, not a stretch of them

	above, below []string
	gone, come   []string
	key          string // its function
	nth          int
	vague        [around + 1]bool // with so many lines around it, before and after look alike
	counted      [2]int           // how often its lines stand in the function before and after, if that tells
	brings       []string         // lines that the function did not have before
	takes        []string         // and that it does not have after
	body         []string         // lines that no other function of the file has
}

// around is how many lines of its surroundings belong to a place: those of a diff.
const around = 3

// Sides are the two versions of a changed file; each may be nil, as of a new file or one
// that cannot be read.
type Sides struct{ Old, New *Text }

// Places takes a change apart. Runs whose lines say nothing (blank lines, lone braces)
// are left out, unless there are no others. sides has the versions of each file.
func Places(files []patch.FilePatch, sides []Sides) []Place {
	var out, weak []Place
	for i, f := range files {
		for _, hunk := range f.Hunks {
			for _, p := range runs(hunk, sides[i]) {
				p.File = i
				if len(p.Lines) > 0 {
					out = append(out, p)
				} else if len(p.gone)+len(p.come) > 0 {
					weak = append(weak, p)
				}
			}
		}
	}
	if len(out) == 0 {
		return weak
	}
	return out
}

func runs(hunk patch.Hunk, sides Sides) []Place {
	var out []Place
	lines := hunk.Lines
	old := hunk.Old
	for i := 0; i < len(lines); {
		if lines[i].Op == ' ' {
			i++
			old++
			continue
		}
		begin, end := old, i
		for end < len(lines) && lines[end].Op != ' ' {
			if lines[end].Op == '-' {
				old++
			}
			end++
		}
		var p Place
		for _, l := range lines[i:end] {
			text := Squeeze(l.Text)
			if text == "" {
				continue
			}
			if l.Op == '-' {
				p.gone = append(p.gone, text)
			} else {
				p.come = append(p.come, text)
			}
			if patch.Telling([]byte(text)) {
				p.Lines = append(p.Lines, l)
			}
		}
		p.above, p.below = surroundings(lines, i, end)
		p.settle(begin, sides)
		out = append(out, p)
		i = end
	}
	return out
}

// surroundings are the lines next to a run that are on both sides of the change.
func surroundings(lines []patch.Line, from, to int) (above, below []string) {
	for j := from - 1; j >= 0 && len(above) < around && lines[j].Op == ' '; j-- {
		if t := Squeeze(lines[j].Text); t != "" {
			above = append([]string{t}, above...)
		}
	}
	for j := to; j < len(lines) && len(below) < around && lines[j].Op == ' '; j++ {
		if t := Squeeze(lines[j].Text); t != "" {
			below = append(below, t)
		}
	}
	return above, below
}

// maxBody is how many lines of a function are kept to know it by under another name.
const maxBody = 200

// fewLines that two functions have in common say nothing.
const fewLines = 4

// least is how many lines a function has to have: what begins at the left margin and is
// shorter is rather a line of a script.
const least = 3

// settle finds the function that the place is in, and what tells before from after there.
// A change that makes a function or takes one away is looked for in the whole file.
func (p *Place) settle(line int, sides Sides) {
	if sides.Old == nil || sides.New == nil {
		return
	}
	o, n := sides.Old.whole(), sides.New.whole()
	at := sides.Old.index(line)
	if len(p.gone) == 0 {
		at-- // what comes stands behind this line
	}
	key, nth := sides.Old.scope(at)
	inOld, ok1 := sides.Old.find(key, nth)
	inNew, ok2 := sides.New.find(key, nth)
	if key != "" && ok1 && ok2 && inOld.to-inOld.from >= least && !p.makesHead() {
		o, n, p.key, p.nth = inOld, inNew, key, nth
		for _, l := range sides.Old.lines[o.from+1 : o.to] {
			if len(p.body) < maxBody && len(sides.Old.at[l]) == 1 && patch.Telling([]byte(l)) {
				p.body = append(p.body, l)
			}
		}
	}
	for near := range p.vague {
		_, is := p.counts(sides.Old, o, near)
		was, _ := p.counts(sides.New, n, near)
		p.vague[near] = is > 0 || was > 0
	}
	if lines, key := p.come, p.key; key != "" {
		if len(lines) == 0 {
			lines = p.gone
		}
		p.counted = [2]int{sides.Old.has(o, 0, lines), sides.New.has(n, 0, lines)}
	}
	for _, l := range p.Lines {
		switch text := Squeeze(l.Text); {
		case l.Op == '+' && sides.Old.count(text, o) == 0:
			p.brings = append(p.brings, text)
		case l.Op == '-' && sides.New.count(text, n) == 0:
			p.takes = append(p.takes, text)
		}
	}
}

func (p *Place) makesHead() bool {
	for _, l := range p.Lines {
		if headKey(l.Text) != "" {
			return true
		}
	}
	return false
}

// near are the lines around the place, so many on each side.
func (p *Place) near(n int) (above, below []string) {
	return p.above[max(0, len(p.above)-n):], p.below[:min(n, len(p.below))]
}

// counts is how often the place stands in a stretch as before and as after, with so many
// lines around it. A change without lines on one side is seen by those around it alone.
func (p *Place) counts(t *Text, in span, near int) (was, is int) {
	above, below := p.near(near)
	if len(p.gone) > 0 || len(above) > 0 && len(below) > 0 {
		was = t.has(in, near, above, p.gone, below)
	}
	if len(p.come) > 0 || len(above) > 0 && len(below) > 0 {
		is = t.has(in, near, above, p.come, below)
	}
	return was, is
}

// See says how the place looks in the file: with all of its surroundings first, then with
// fewer, with the changed lines alone, and at last by single lines.
func (p *Place) See(t *Text) {
	p.Look, p.Near, p.Loose = Neither, 0, false
	in, known := t.whole(), false
	if len(t.lines) == 0 {
		return // one that is too large has no lines here
	}
	if p.key != "" {
		if in, known = t.find(p.key, p.nth); !known {
			if in, known = p.elsewhere(t); !known {
				p.Look = Lacking
				return
			}
		}
	}
	for near := around; near >= 0; near-- {
		if p.vague[near] || near < around && len(p.above) <= near && len(p.below) <= near {
			continue // before and after are alike, or it is the same as before
		}
		was, is := p.counts(t, in, near)
		if near == 0 && len(p.gone) > 0 && len(p.come) > 0 && was > 0 && is > 0 {
			return // the lines alone occur for many reasons
		}
		p.Near = near
		switch {
		case was > 0 && is > 0:
			p.Look = Both
			return
		case is > 0 && p.enough(p.come, near, known):
			p.Look, p.Loose = After, near < 2 && len(p.come) == 0
			return
		case was > 0 && p.enough(p.gone, near, known):
			p.Look, p.Loose = Before, near < 2 && len(p.gone) == 0
			return
		}
	}
	if known {
		p.byLines(t, in)
	}
}

// elsewhere finds the place's function under another name: one that has half of the lines
// that no other function of its file had.
func (p *Place) elsewhere(t *Text) (span, bool) {
	best, most := span{}, 0
	for i, h := range t.heads {
		s := span{int(h.at), len(t.lines)}
		if i+1 < len(t.heads) {
			s.to = int(t.heads[i+1].at)
		}
		if n := here(p.body, t, s); n > most {
			best, most = s, n
		}
	}
	return best, most >= fewLines && 2*most >= len(p.body)
}

// Tell are the lines that tell the change from others: what comes, or where nothing does
// what goes. The same line is taken away in many places.
func (p *Place) Tell() []patch.Line {
	comes := func(l patch.Line) bool { return l.Op == '+' }
	if !slices.ContainsFunc(p.Lines, comes) {
		return p.Lines
	}
	return slices.DeleteFunc(slices.Clone(p.Lines), func(l patch.Line) bool { return !comes(l) })
}

// Lives reports whether the file has the place's function, by its name and half of the
// lines that no other function of its own file had.
func (p *Place) Lives(t *Text) bool {
	in, ok := t.find(p.key, p.nth)
	return p.key != "" && ok && len(p.body) > 0 && 2*here(p.body, t, in) >= len(p.body)
}

// byLines looks for single lines of the change in its function.
func (p *Place) byLines(t *Text, in span) {
	come, gone := here(p.brings, t, in), here(p.takes, t, in)
	if len(p.brings)+len(p.takes) == 0 && p.counted[0] != p.counted[1] {
		lines := p.come
		if len(lines) == 0 {
			lines = p.gone
		}
		switch t.has(in, 0, lines) {
		case p.counted[0]:
			p.Look = Before
		case p.counted[1]:
			p.Look = After
		}
		return
	}
	switch {
	case len(p.brings) > 0 && come == len(p.brings) && gone == 0:
		p.Look = After
	case come > 0:
	case len(p.takes) > 0 && gone == len(p.takes):
		p.Look = Before
	case len(p.takes) == 0 && len(p.brings) > 0 && p.anchored(t, in):
		p.Look, p.Loose = Before, true
	case len(p.brings) == 0 && len(p.takes) > 0 && gone == 0 && p.anchored(t, in):
		p.Look, p.Loose = After, true
	}
}

func here(lines []string, t *Text, in span) int {
	n := 0
	for _, l := range lines {
		if t.count(l, in) > 0 {
			n++
		}
	}
	return n
}

// anchored reports whether what stands around the place is there: most of it, and
// something that says something.
func (p *Place) anchored(t *Text, in span) bool {
	there, telling, all := 0, 0, 0
	for _, side := range [][]string{p.above, p.below} {
		for _, l := range side {
			all++
			if t.count(l, span{in.from - around, in.to + around}) > 0 {
				if there++; patch.Telling([]byte(l)) {
					telling++
				}
			}
		}
	}
	return telling > 0 && 2*there >= all
}

// enough reports whether the lines found say where they stand: with hardly anything
// around them they have to say something themselves.
func (p *Place) enough(found []string, near int, known bool) bool {
	if near >= 2 {
		return true
	}
	n := 0
	for _, f := range found {
		if patch.Telling([]byte(f)) {
			n++
		}
	}
	if near == 1 {
		return n > 0 || len(p.above) > 0 && len(p.below) > 0
	}
	return n >= 2 || n == 1 && known
}

// Adapts reports whether a commit that leaves its file from one text to the other brings
// lines into the place's function that are not among known: somebody wrote the change
// anew there.
func (p *Place) Adapts(from, to *Text, known map[string]bool) bool {
	return p.differs(from, to, known)
}

// Touches reports whether a commit that leaves its file from one text to the other changes
// the place's function.
func (p *Place) Touches(from, to *Text) bool {
	return p.differs(from, to, nil) || p.differs(to, from, nil)
}

// differs reports whether the function has more of some line in to, known ones left out.
func (p *Place) differs(from, to *Text, known map[string]bool) bool {
	was, is := from.whole(), to.whole()
	if p.key != "" {
		var ok1, ok2 bool
		was, ok1 = from.find(p.key, p.nth)
		is, ok2 = to.find(p.key, p.nth)
		if !ok1 || !ok2 {
			return false
		}
	}
	for _, l := range to.lines[is.from:is.to] {
		if patch.Telling([]byte(l)) && !known[l] && to.count(l, is) > from.count(l, was) {
			return true
		}
	}
	return false
}
