package branchfix

import (
	"hash/maphash"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// hasher hashes squeezed lines. The seed is the process's own: nobody outside can make
// two lines of one hash.
type hasher struct{ seed maphash.Seed }

func (h hasher) line(op byte, text string) uint64 {
	var m maphash.Hash
	m.SetSeed(h.seed)
	m.WriteByte(op)
	m.WriteString(strip(text))
	return m.Sum64()
}

// strip is squeeze for strings.
func strip(text string) string { return string(patch.Squeeze(nil, []byte(text))) }

// code returns the files of a patch that count: the program's, or all if it changes
// nothing else.
func code(p patch.Patch) []patch.FilePatch {
	var out []patch.FilePatch
	for _, f := range p.Files {
		if !aside(f.Path()) {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return p.Files
	}
	return out
}

// changed counts the telling lines that a patch takes away or brings, wherever.
func (h hasher) changed(files []patch.FilePatch) map[uint64]int {
	out := map[uint64]int{}
	for _, f := range files {
		for _, hunk := range f.Hunks {
			for _, l := range hunk.Lines {
				if l.Op != ' ' && patch.Telling([]byte(strip(l.Text))) {
					out[h.line(l.Op, l.Text)]++
				}
			}
		}
	}
	return out
}

// covers returns the share of the lines of fix that the others change in the same way,
// from 0 to 1; 0 for a fix without telling lines.
func covers(fix map[uint64]int, others ...map[uint64]int) float64 {
	all, there := 0, 0
	for line, n := range fix {
		all += n
		sum := 0
		for _, o := range others {
			sum += o[line]
		}
		there += min(n, sum)
	}
	if all == 0 {
		return 0
	}
	return float64(there) / float64(all)
}

// look is how one place of a fix stands in a branch's tree.
type look uint8

const (
	_       look = iota
	neither      // neither as before nor as after: the code is another
	both         // as before in one place and as after in another
	before       // as it was before the fix
	after        // as the fix leaves it
	missing      // the file is not there
)

// place is one run of changed lines with up to three lines around it. The texts are
// squeezed and not empty.
type place struct {
	file         int // of code(patch)
	above, below []string
	gone, come   []string
	lines        []uint64 // of its changed lines, as changed has them
	look         look
	near         int // lines around it that were needed to tell
}

// places takes a patch apart. Runs whose lines say nothing (blank lines, lone braces)
// are left out, unless the fix has no others.
func (h hasher) places(files []patch.FilePatch) []place {
	var out, weak []place
	for i, f := range files {
		for _, hunk := range f.Hunks {
			for _, p := range h.runs(hunk) {
				p.file = i
				if len(p.lines) > 0 {
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

// around is how many lines of its surroundings belong to a place: those of a diff.
const around = 3

func (h hasher) runs(hunk patch.Hunk) []place {
	var out []place
	lines := hunk.Lines
	for i := 0; i < len(lines); {
		if lines[i].Op == ' ' {
			i++
			continue
		}
		end := i
		for end < len(lines) && lines[end].Op != ' ' {
			end++
		}
		var p place
		for _, l := range lines[i:end] {
			text := strip(l.Text)
			if text == "" {
				continue
			}
			if l.Op == '-' {
				p.gone = append(p.gone, text)
			} else {
				p.come = append(p.come, text)
			}
			if patch.Telling([]byte(text)) {
				p.lines = append(p.lines, h.line(l.Op, l.Text))
			}
		}
		p.above, p.below = surroundings(lines, i, end)
		out = append(out, p)
		i = end
	}
	return out
}

// surroundings are the lines next to a run that are on both sides of the change.
func surroundings(lines []patch.Line, from, to int) (above, below []string) {
	for j := from - 1; j >= 0 && len(above) < around && lines[j].Op == ' '; j-- {
		if t := strip(lines[j].Text); t != "" {
			above = append([]string{t}, above...)
		}
	}
	for j := to; j < len(lines) && len(below) < around && lines[j].Op == ' '; j++ {
		if t := strip(lines[j].Text); t != "" {
			below = append(below, t)
		}
	}
	return above, below
}

// text is a file of a branch as places are looked for in it: squeezed lines without the
// empty ones, and where each occurs.
type text struct {
	lines []string
	at    map[string][]int32
}

// maxOccurrences of one line are looked at: a file of a million equal lines must not cost
// more than others.
const maxOccurrences = 2000

func newText(content []byte) *text {
	t := &text{at: map[string][]int32{}}
	for line := range strings.SplitSeq(string(content), "\n") {
		if line = strip(line); line != "" {
			if n := int32(len(t.lines)); len(t.at[line]) < maxOccurrences {
				t.at[line] = append(t.at[line], n)
			}
			t.lines = append(t.lines, line)
		}
	}
	return t
}

// has counts where the parts stand, one after the other without anything between.
func (t *text) has(parts ...[]string) int {
	var want []string
	for _, p := range parts {
		want = append(want, p...)
	}
	if len(want) == 0 {
		return 0
	}
	// Begin with the line that occurs least.
	rare := 0
	for i, w := range want {
		if len(t.at[w]) < len(t.at[want[rare]]) {
			rare = i
		}
	}
	n := 0
	for _, at := range t.at[want[rare]] {
		from := int(at) - rare
		if from < 0 || from+len(want) > len(t.lines) {
			continue
		}
		same := true
		for i, w := range want {
			if t.lines[from+i] != w {
				same = false
				break
			}
		}
		if same {
			n++
		}
	}
	return n
}

// see says how the place looks in the file: with all of its surroundings first, then with
// fewer, and at last the changed lines alone.
func (p *place) see(t *text) {
	p.look, p.near = neither, 0
	for near := around; near >= 0; near-- {
		above, below := p.above[max(0, len(p.above)-near):], p.below[:min(near, len(p.below))]
		if near < around && len(p.above) <= near && len(p.below) <= near {
			continue // the same as before
		}
		var was, is int
		if len(p.gone) > 0 || len(above) > 0 && len(below) > 0 {
			was = t.has(above, p.gone, below)
		}
		if len(p.come) > 0 || len(above) > 0 && len(below) > 0 {
			is = t.has(above, p.come, below)
		}
		if near == 0 && len(p.gone) > 0 && len(p.come) > 0 && was > 0 && is > 0 {
			return // the lines alone occur for many reasons
		}
		p.near = near
		switch {
		case was > 0 && is > 0:
			p.look = both
			return
		case is > 0 && p.enough(p.come, near):
			p.look = after
			return
		case was > 0 && p.enough(p.gone, near):
			p.look = before
			return
		}
	}
}

// enough reports whether the lines found say where they stand: with hardly anything
// around them they have to say something themselves.
func (p *place) enough(found []string, near int) bool {
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
	return n >= 2
}
