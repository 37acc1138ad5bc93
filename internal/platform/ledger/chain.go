package ledger

// chain follows one stream while its entries pass. Only their hashes are kept,
// to name what happened when a link does not hold.
type chain struct {
	stream string
	sum    *summary
	hashes [][32]byte
	breaks []broken
	bodies []int64 // entries whose body is not the one that was hashed
	wasBad bool    // the entry before is damaged itself, which explains a broken link
}

// broken is an entry that is whole in itself and does not follow the one before.
type broken struct {
	seq, want int64
	prev      [32]byte
	first     bool
}

// entry takes the next line of the export that is an entry.
func (v *verifier) entry(r *record) {
	v.report.Entries++
	if r.erased {
		v.report.Erased++
	}
	if v.chain.sum == nil || v.chain.stream != r.stream {
		v.endChain()
		s := v.streams[r.stream]
		if s == nil {
			s = &summary{}
			v.streams[r.stream] = s
		} else if !s.found {
			// A stream that comes in two pieces was taken apart.
			v.report.add(Reordered, r.stream, r.seq)
			s.found = true
		}
		v.chain = chain{stream: r.stream, sum: s, hashes: v.chain.hashes[:0], wasBad: v.unread}
	}
	v.unread = false
	c := &v.chain
	s := c.sum
	want := s.last + 1
	switch {
	case r.bad:
		v.report.add(Changed, r.stream, r.seq)
		s.found = true
	case c.wasBad:
	case r.prev != s.hash:
		c.breaks = append(c.breaks, broken{r.seq, want, r.prev, s.count == 0})
	case r.seq != want:
		// The chain says where it stands; only its number was changed.
		v.report.add(Changed, r.stream, want)
		s.found = true
		r.seq = want
	}
	c.wasBad = r.bad
	s.count++
	s.last, s.hash = r.seq, r.hash
	c.hashes = append(c.hashes, r.hash)
	if r.badBody {
		c.bodies = append(c.bodies, r.seq)
		s.found = true
	}
	if r.leaf > v.newest() && !r.bad {
		v.report.add(Changed, r.stream, r.seq) // proven by a leaf that there is not
	}
	if r.leaf >= 0 {
		s.proofs = append(s.proofs, proof{r.leaf, r.seq, r.hash})
	}
}

// lost takes a line among the entries that cannot be read. It stands for one
// entry, of this stream or the next one.
func (v *verifier) lost() {
	if v.chain.sum == nil {
		return
	}
	v.unread = true
	v.chain.wasBad = true
	v.chain.sum.found = true
	v.chain.sum.count++
	v.chain.sum.last++
}

// newest returns the number of the last leaf, -1 without one.
func (v *verifier) newest() int64 {
	if len(v.leaves) == 0 {
		return -1
	}
	return v.leaves[len(v.leaves)-1].n
}

// endChain names the broken links of the stream that just ended.
func (v *verifier) endChain() {
	c := &v.chain
	// After the links: where rows were moved without their bodies, both are found,
	// and the move says more.
	defer func() {
		for _, seq := range c.bodies {
			v.report.add(Changed, c.stream, seq)
		}
	}()
	if len(c.breaks) == 0 {
		return
	}
	known := make(map[[32]byte]bool, len(c.hashes))
	for _, h := range c.hashes {
		known[h] = true
	}
	reordered := false
	for _, b := range c.breaks {
		// The link names an entry that stands elsewhere, or the beginning.
		elsewhere := known[b.prev] || b.prev == [32]byte{} && !b.first
		switch {
		case elsewhere && reordered:
		case elsewhere:
			v.report.add(Reordered, c.stream, b.seq)
			reordered = true
		case b.seq > b.want || v.heads[c.stream].seq > c.sum.count:
			v.report.add(Removed, c.stream, b.want)
			c.sum.removed = true
		case b.seq == b.want && !b.first:
			// Nothing is missing: the one before was replaced by another whole entry.
			v.report.add(Changed, c.stream, b.want-1)
		default:
			v.report.add(Changed, c.stream, b.seq)
		}
		c.sum.found = true
	}
}

// finishChains holds the streams against the heads and the file against its end.
func (v *verifier) finishChains() {
	v.endChain()
	for name, s := range v.streams {
		h, ok := v.heads[name]
		switch {
		case s.removed:
		case !ok:
			v.report.add(Removed, name, 0)
		case h.seq > s.last:
			v.report.add(CutOff, name, s.last+1)
		case !s.found && (h.seq != s.last || h.hash != s.hash):
			v.report.add(Changed, name, h.seq)
		}
	}
	for name := range v.heads {
		if v.streams[name] == nil {
			v.report.add(CutOff, name, 1)
		}
	}
	switch {
	case v.damaged():
	case !v.ended || v.said > v.report.Entries:
		v.report.add(CutOff, "", v.lines) // the file itself ends early
	case v.said < v.report.Entries:
		v.report.add(Changed, "", v.lines)
	}
}
