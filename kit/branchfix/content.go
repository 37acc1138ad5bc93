package branchfix

import (
	"hash/maphash"

	"github.com/tocsin-sec/tocsin/kit/branchfix/look"
	"github.com/tocsin-sec/tocsin/kit/patch"
)

// hasher hashes squeezed lines. The seed is the process's own: nobody outside can make
// two lines of one hash.
type hasher struct{ seed maphash.Seed }

func (h hasher) line(op byte, text string) uint64 {
	var m maphash.Hash
	m.SetSeed(h.seed)
	m.WriteByte(op)
	m.WriteString(look.Squeeze(text))
	return m.Sum64()
}

// changed counts the telling lines that a patch takes away or brings, wherever.
func (h hasher) changed(files []patch.FilePatch) map[uint64]int {
	out := map[uint64]int{}
	for _, f := range files {
		for _, hunk := range f.Hunks {
			for _, l := range hunk.Lines {
				if l.Op != ' ' && patch.Telling([]byte(look.Squeeze(l.Text))) {
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
