package ledger

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// synthetic builds an export of n entries in streams of 100, with a leaf for
// each thousand entries, as Export would write it; bodies have the size of usual
// sealed ones.
func synthetic(tb testing.TB, n int) (text []byte, keys []string) {
	tb.Helper()
	seed := make([]byte, 32)
	rand.Read(seed)
	key, public, err := newSigner("tocsin.bench", seed)
	if err != nil {
		tb.Fatal(err)
	}
	const per = 100
	leaves := max(1, n/1000)
	var entries, headLines []byte
	var heads []head
	body := make([]byte, 190)
	for s := 0; s < n/per; s++ {
		stream := fmt.Sprintf("case:%026d", s)
		var prev [32]byte
		for i := range per {
			rand.Read(body[:24])
			e := entry{stream: stream, seq: int64(i + 1), at: int64(1_772_000_000_000_000 + i), leaf: -1, prev: prev,
				sum: sha256.Sum256(body), body: body}
			e.hash = link(nil, prev[:], stream, e.at, e.sum[:])
			if i%10 == 9 {
				e.leaf = int64(i) * int64(leaves-1) / per
			}
			entries = appendEntry(entries, e)
			prev = e.hash
		}
		heads = append(heads, head{stream, per, prev})
		headLines = appendHead(headLines, head{stream, per, prev})
	}
	out := []byte(headerLine)
	hashes := make([]tlog.Hash, leaves)
	for i := range leaves {
		l := leaf{n: int64(i), at: int64(i), nonce: make([]byte, 16), root: rootOf(heads)}
		if i < leaves-1 {
			rand.Read(l.root[:]) // only the newest is opened
		}
		out = appendLeaf(out, l)
		hashes[i] = l.hash()
	}
	c := Checkpoint{Origin: "tocsin.bench", Size: int64(leaves), Root: merkle(hashes)}
	signed, err := note.Sign(&note.Note{Text: c.text()}, key)
	if err != nil {
		tb.Fatal(err)
	}
	out = append(out, fmt.Sprintf("{\"checkpoint\":%q}\n", signed)...)
	out = append(append(out, headLines...), entries...)
	return append(out, fmt.Sprintf("{\"end\":%d}\n", n/per*per)...), []string{public}
}

// BenchmarkVerify verifies a million entries and hashes the same bytes with
// plain SHA-256 on one core beside it, in the same run.
func BenchmarkVerify(b *testing.B) {
	const n = 1_000_000
	text, keys := synthetic(b, n)
	b.SetBytes(int64(len(text)))
	var verifying, hashing time.Duration
	for b.Loop() {
		begin := time.Now()
		r, err := Verify(b.Context(), bytes.NewReader(text), Against{Keys: keys})
		verifying += time.Since(begin)
		if err != nil || !r.OK() || r.Entries != n || r.Proven != n {
			b.Fatalf("%v %+v", err, r)
		}
		begin = time.Now()
		sha256.Sum256(text)
		hashing += time.Since(begin)
	}
	b.ReportMetric(n*float64(b.N)/verifying.Seconds(), "entries/s")
	b.ReportMetric(verifying.Seconds()/float64(b.N), "s/million")
	b.ReportMetric(verifying.Seconds()/hashing.Seconds(), "x-sha256")
}
