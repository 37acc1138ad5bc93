package pgp

import (
	"bytes"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
)

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// The number: 50 MB in one mail costs at most 64 MB above idle.
func TestFiftyMegabytesAreDecryptedAsAStream(t *testing.T) {
	me, ann := newKey(t, "me", clock, 0), newKey(t, "ann", clock, 0)
	msg := seal(t, me, &ann, clock, noise(50<<20))
	runtime.GC()
	var before, m runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := Decrypter{Keys: []Key{me}, Known: []Key{ann}, Now: clock}.Decrypt(t.Context(), bytes.NewReader(msg))
	if err != nil {
		t.Fatal(err)
	}
	var peak uint64
	buf := make([]byte, 1<<20)
	var total int
	for {
		n, err := io.ReadFull(p, buf)
		total += n
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Read(buf); err != io.EOF {
		t.Fatal(err)
	}
	v, ok := p.Verdict()
	if above := int64(peak) - int64(before.HeapAlloc); above > 16<<20 || total != 50<<20 || !ok || !v.Valid {
		t.Errorf("%d MiB above idle, %d bytes, %+v", above>>20, total, v)
	} else {
		t.Logf("%d KiB above idle", above>>10)
	}
	runtime.KeepAlive(msg)
}

// BenchmarkDecrypt reads a signed and encrypted message of 20 kB, Ed25519 keys.
func BenchmarkDecrypt(b *testing.B) {
	me, ann := newKey(b, "me", clock, 0), newKey(b, "ann", clock, 0)
	for _, size := range []struct {
		name string
		n    int
	}{{"20kB", 20 << 10}, {"5MB", 5 << 20}} {
		msg := seal(b, me, &ann, clock, noise(size.n))
		b.Run(size.name, func(b *testing.B) {
			b.SetBytes(int64(size.n))
			d := Decrypter{Keys: []Key{me}, Known: []Key{ann}, Now: clock}
			for b.Loop() {
				p, err := d.Decrypt(b.Context(), bytes.NewReader(msg))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
