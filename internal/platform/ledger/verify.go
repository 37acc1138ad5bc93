package ledger

import (
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Against is what the verifier knows from elsewhere.
type Against struct {
	Keys    []string // public keys, from Keys; not from the same place as the export
	Earlier [][]byte // checkpoints kept elsewhere: mails, files, a witness
}

// Verify reads an export and says what was done to it, if anything: it follows
// every chain, computes the log's root, checks the signature and holds the
// record against earlier checkpoints. Without an earlier checkpoint a rewrite
// signed by the true key cannot be seen. It uses every processor, and memory for
// the streams, the leaves and the longest stream's hashes. The error is for a
// reader that fails and for keys or checkpoints that are no such thing; damage
// of the record is in the report.
func Verify(ctx context.Context, r io.Reader, a Against) (Report, error) {
	v := &verifier{heads: map[string]head{}, streams: map[string]*summary{}}
	var earlier []Checkpoint
	for i, text := range a.Earlier {
		c, err := ParseCheckpoint(text, a.Keys)
		if err != nil {
			return Report{}, fmt.Errorf("earlier checkpoint %d: %w", i+1, err)
		}
		earlier = append(earlier, c)
	}
	if err := v.read(ctx, r); err != nil {
		return Report{}, fmt.Errorf("verify the ledger: %w", err)
	}
	v.finishChains()
	v.checkLog(a.Keys)
	for _, c := range earlier {
		v.checkEarlier(c)
	}
	v.count()
	return v.report, nil
}

// summary is what is left of a stream once its entries are read.
type summary struct {
	count, last int64
	hash        [32]byte
	found       bool // damage was named already
	removed     bool
	proofs      []proof // in the order of the entries
}

// proof says that an entry was its stream's head in a leaf.
type proof struct {
	leaf, seq int64
	hash      [32]byte
}

type verifier struct {
	report  Report
	leaves  []leaf
	note    string
	heads   map[string]head
	streams map[string]*summary
	chain   chain
	lines   int64
	ended   bool
	said    int64       // entries, as the last line says
	unread  bool        // the line before was malformed
	roots   []tlog.Hash // of the leaves, as hashed into the log
}

// damaged reports whether any entry was found damaged, which explains that a
// root does not fit.
func (v *verifier) damaged() bool { return v.report.Found > 0 }

// headsAt returns every stream's head as the leaf must have seen it.
func (v *verifier) headsAt(n int64) []head {
	out := make([]head, 0, len(v.streams))
	for name, s := range v.streams {
		for i := len(s.proofs) - 1; i >= 0; i-- {
			if p := s.proofs[i]; p.leaf <= n {
				out = append(out, head{name, p.seq, p.hash})
				break
			}
		}
	}
	return out
}

// checkLog checks leaves, signature and that the newest leaf covers the chains.
func (v *verifier) checkLog(keys []string) {
	v.roots = make([]tlog.Hash, len(v.leaves))
	gap := false
	for i, l := range v.leaves {
		v.roots[i] = l.hash()
		if l.n != int64(i) && !gap {
			gap = true
			if i+1 < len(v.leaves) && v.leaves[i+1].n < l.n {
				v.report.add(Reordered, "", l.n)
			} else {
				v.report.add(Removed, "", int64(i))
			}
		}
		if l.mark == markRestored {
			v.report.Restores = append(v.report.Restores, Restore{Leaf: l.n, At: time.UnixMicro(l.at).UTC()})
		}
	}
	if v.note == "" {
		if v.report.Entries > 0 || len(v.leaves) > 0 {
			v.report.add(NoCheckpoint, "", 0)
		}
		return
	}
	c, err := ParseCheckpoint([]byte(v.note), keys)
	if err != nil {
		v.report.add(BadSignature, "", 0)
		return
	}
	v.report.Checkpoint = c
	if gap {
		return
	}
	if c.Size > int64(len(v.leaves)) {
		v.report.add(CutOff, "", int64(len(v.leaves)))
		return
	}
	v.report.At = time.UnixMicro(v.leaves[c.Size-1].at).UTC()
	if merkle(v.roots[:c.Size]) != c.Root {
		v.report.add(Changed, "", c.Size-1)
		return
	}
	v.checkCover(c.Size - 1)
}

// checkCover compares the chains with the root in a leaf that is known to be
// genuine. Chains that are whole in themselves and do not fit were rewritten or,
// if they fit an earlier leaf to the last entry, cut back to that one.
func (v *verifier) checkCover(n int64) {
	if v.damaged() || rootOf(v.headsAt(n)) == v.leaves[n].root {
		return
	}
	newest := int64(-1)
	for _, s := range v.streams {
		if len(s.proofs) > 0 {
			newest = max(newest, s.proofs[len(s.proofs)-1].leaf)
		}
	}
	for back := n - 1; back >= max(newest, n-1-maxBack); back-- {
		if rootOf(v.headsAt(back)) == v.leaves[back].root {
			v.report.add(CutOff, "", back+1)
			return
		}
	}
	v.report.add(Rewritten, "", n)
}

// maxBack bounds the search for the leaf that a record was cut back to.
const maxBack = 200

// checkEarlier holds the record against a checkpoint that was kept elsewhere.
func (v *verifier) checkEarlier(c Checkpoint) {
	if len(v.roots) > 0 && c.Size <= int64(len(v.roots)) && merkle(v.roots[:c.Size]) == c.Root {
		v.checkCover(c.Size - 1)
		for i, r := range v.report.Restores {
			if r.Leaf >= c.Size {
				v.report.Restores[i].Vouched = true
			}
		}
		return
	}
	// The log is not the one that was signed then. A restore declared at a leaf that
	// the checkpoint should cover is the harmless explanation.
	for i, r := range v.report.Restores {
		if r.Leaf < c.Size {
			v.report.Restores[i].Lost = true
			return
		}
	}
	if v.damaged() {
		return // named already
	}
	if c.Size > int64(len(v.roots)) {
		v.report.add(CutOff, "", int64(len(v.roots)))
		return
	}
	v.report.add(Rewritten, "", c.Size-1)
}

// count fills in how much is proven.
func (v *verifier) count() {
	v.report.Streams = int64(len(v.streams))
	for _, s := range v.streams {
		for i := len(s.proofs) - 1; i >= 0; i-- {
			if s.proofs[i].leaf < v.report.Checkpoint.Size {
				v.report.Proven += s.proofs[i].seq
				break
			}
		}
	}
	v.report.Unproven = max(0, v.report.Entries-v.report.Proven)
}
