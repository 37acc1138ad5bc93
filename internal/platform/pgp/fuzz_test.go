package pgp

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// fuzzKey is made once: fuzzing wants many rounds.
func fuzzKey(f *testing.F) Key { return newKey(f, "fuzz", clock, 0) }

// FuzzParseKeys holds that no bytes make ParseKeys panic, and that what it reads
// it can write and read again.
func FuzzParseKeys(f *testing.F) {
	k := fuzzKey(f)
	armored, err := k.Armored()
	if err != nil {
		f.Fatal(err)
	}
	public, err := k.PublicBytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(armored))
	f.Add(public)
	f.Add(k.raw)
	f.Add([]byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n=aaaa\n-----END PGP PUBLIC KEY BLOCK-----"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := ParseKeys(data, clock)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys and %v", len(keys), err)
		}
		for _, k := range keys {
			b, err := k.PublicBytes()
			if err != nil {
				continue
			}
			again, err := ParseKeys(b, clock)
			if err == nil && again[0].Fingerprint != k.Fingerprint {
				t.Fatalf("%s became %s", k, again[0])
			}
		}
	})
}

// FuzzDecrypt holds that no bytes make Decrypt panic, give more than the limit or a verdict
// without an end, or a valid signature.
func FuzzDecrypt(f *testing.F) {
	me := fuzzKey(f)
	ann := newKey(f, "ann", clock, 0)
	f.Add(seal(f, me, &ann, clock, []byte("hello")))
	f.Add(sealRaw(f, me, deflated(literal([]byte("hello")))))
	f.Add(literal([]byte("plain")))
	f.Add(deflated(literal([]byte("plain"))))
	f.Add([]byte("-----BEGIN PGP MESSAGE-----\n\naaaa\n-----END PGP MESSAGE-----"))
	known := newKey(f, "known", clock, 0)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decrypter{Keys: []Key{me}, Known: []Key{known}, Now: clock, Limits: Limits{Size: 1 << 20}}.Decrypt(t.Context(), bytes.NewReader(data))
		if err != nil {
			return
		}
		n, err := io.Copy(io.Discard, p)
		v, ok := p.Verdict()
		if n > 1<<20 || ok != (err == nil) || v.Valid {
			t.Fatalf("%d bytes, %v, %v %+v", n, err, ok, v)
		}
	})
}

// FuzzInner holds the same for the packets inside of a good encryption, which
// random changes of the outside never reach.
func FuzzInner(f *testing.F) {
	me := fuzzKey(f)
	f.Add(literal([]byte("hello")))
	f.Add(deflated(literal([]byte("hello"))))
	f.Add(append(pkt(4, []byte{3, 0, 10, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1}), literal([]byte("x"))...))
	f.Add([]byte{0xa3, 1, 0x4b, 0xac})
	f.Fuzz(func(t *testing.T, packets []byte) {
		p, err := Decrypter{Keys: []Key{me}, Known: []Key{me}, Now: clock, Limits: Limits{Size: 1 << 20}}.Decrypt(t.Context(), bytes.NewReader(sealRaw(t, me, packets)))
		if err != nil {
			return
		}
		n, err := io.Copy(io.Discard, p)
		if v, ok := p.Verdict(); n > 1<<20 || ok != (err == nil) || v.Valid {
			t.Fatalf("%d bytes, %v, %+v", n, err, v)
		}
	})
}

// FuzzSignatures holds that no bytes verify, as detached or as clearsigned.
func FuzzSignatures(f *testing.F) {
	ann := newKey(f, "ann", clock, 0)
	sig, err := Signer{Key: ann, Now: clock}.Sign(strings.NewReader("signed"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sig)
	clear, err := Signer{Key: ann, Now: clock}.Clearsign([]byte("signed\n- x\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(clear)
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, err := VerifyDetached(t.Context(), strings.NewReader("other"), data, []Key{ann}, clock); err == nil && v.Valid {
			t.Fatalf("%+v", v)
		}
		got, v, err := VerifyClearsigned(t.Context(), data, []Key{ann}, clock)
		if err == nil && v.Valid && string(bytes.TrimRight(got, "\n")) != "signed\n- x" {
			t.Fatalf("%q %+v", got, v)
		}
	})
}
