package pgp

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func newKey(t testing.TB, name string, at time.Time, life time.Duration) Key {
	t.Helper()
	k, err := Generate(name, name+"@example.org", at, life)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t testing.TB, to Key, signer *Key, at time.Time, text []byte) []byte {
	t.Helper()
	msg, err := Encrypter{To: []Key{to}, Signer: signer, Now: at}.Encrypt(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// sealRaw encrypts packets of our choice to k with integrity protection.
func sealRaw(t testing.TB, k Key, packets []byte) []byte {
	t.Helper()
	e, err := k.entity()
	if err != nil {
		t.Fatal(err)
	}
	enc, ok := e.EncryptionKey(clock, policy(clock))
	if !ok {
		t.Fatal("no encryption key")
	}
	session := bytes.Repeat([]byte{7}, 32)
	var out bytes.Buffer
	if err := packet.SerializeEncryptedKey(&out, enc.PublicKey, packet.CipherAES256, session, policy(clock)); err != nil {
		t.Fatal(err)
	}
	w, err := packet.SerializeSymmetricallyEncrypted(&out, packet.CipherAES256, false, packet.CipherSuite{}, session, policy(clock))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packets)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pkt(tag byte, body []byte) []byte {
	n := len(body)
	return append([]byte{0xc0 | tag, 255, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

func literal(text []byte) []byte { return pkt(11, append([]byte{'b', 0, 0, 0, 0, 0}, text...)) }

func deflated(body []byte) []byte {
	var z bytes.Buffer
	z.WriteByte(1)
	w, _ := flate.NewWriter(&z, 9)
	w.Write(body)
	w.Close()
	return pkt(8, z.Bytes())
}

func TestHostileMessages(t *testing.T) {
	me := newKey(t, "me", clock, 0)
	other := newKey(t, "other", clock, 0)
	good := sealRaw(t, me, literal([]byte("hello")))
	nested := literal([]byte("x"))
	for range 10 {
		nested = deflated(nested)
	}
	onePass := pkt(4, []byte{3, 0, 10, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1})
	flip := func(b []byte, at int) []byte { c := bytes.Clone(b); c[at] ^= 1; return c }
	for _, c := range []struct {
		name string
		msg  []byte
		kind fault.Kind
		key  string
	}{
		{"nothing is no message", nil, fault.Invalid, "pgp.not_message"},
		{"text is no message", []byte("hello\n"), fault.Invalid, "pgp.not_message"},
		{"armor that never begins its data is no message", []byte("-----BEGIN PGP MESSAGE-----\n" + strings.Repeat("A: b\n", 1000)), fault.Invalid, "pgp.not_message"},
		{"an endless armor header is no message", []byte("-----BEGIN PGP MESSAGE-----\nA: " + strings.Repeat("b", 8<<20)), fault.Invalid, "pgp.not_message"},
		{"a signature block is no message", []byte("-----BEGIN PGP SIGNATURE-----\n\naaaa\n-----END PGP SIGNATURE-----\n"), fault.Invalid, "pgp.not_message"},
		{"a message for another key", sealRaw(t, other, literal([]byte("x"))), fault.Invalid, "pgp.no_key"},
		{"a message without integrity protection is refused", pkt(9, bytes.Repeat([]byte{1}, 100)), fault.Invalid, "pgp.unauthenticated"},
		{"a flipped bit in the data", flip(good, len(good)-30), fault.Invalid, "pgp.damaged"},
		{"a flipped bit in the integrity code", flip(good, len(good)-1), fault.Invalid, "pgp.damaged"},
		{"a message that is cut off", good[:len(good)-5], fault.Invalid, "pgp.damaged"},
		{"a message cut off inside of its session key", good[:20], fault.Invalid, "pgp.not_message"},
		{"packets after the encrypted data", append(bytes.Clone(good), literal([]byte("more"))...), fault.Invalid, "pgp.damaged"},
		{"two literal packets", sealRaw(t, me, append(literal([]byte("a")), literal([]byte("b"))...)), fault.Invalid, "pgp.damaged"},
		{"an encrypted message inside of an encrypted one", sealRaw(t, me, good), fault.Invalid, "pgp.damaged"},
		{"a user id inside of a message", sealRaw(t, me, pkt(13, bytes.Repeat([]byte("x"), 1<<20))), fault.Invalid, "pgp.damaged"},
		{"compression nested ten deep", sealRaw(t, me, nested), fault.Invalid, "pgp.damaged"},
		{"compressed data that is not", sealRaw(t, me, pkt(8, []byte{1, 0xff, 0xff, 0xff})), fault.Invalid, "pgp.damaged"},
		{"a zip bomb", sealRaw(t, me, deflated(literal(make([]byte, 60<<20)))), fault.TooLarge, "pgp.bomb"},
		{"a zip bomb in a zip", sealRaw(t, me, deflated(deflated(literal(make([]byte, 60<<20))))), fault.TooLarge, "pgp.bomb"},
		{"more plain text than the limit", sealRaw(t, me, literal(make([]byte, 65<<20))), fault.TooLarge, "pgp.too_large"},
		{"a hundred thousand one-pass signatures", sealRaw(t, me, append(bytes.Repeat(onePass, 100000), literal([]byte("x"))...)), fault.Invalid, "pgp.damaged"},
		{"a one-pass signature without its end", sealRaw(t, me, append(bytes.Clone(onePass), literal([]byte("x"))...)), fault.Invalid, "pgp.damaged"},
		{"a hundred thousand markers", sealRaw(t, me, append(bytes.Repeat(pkt(10, []byte("PGP")), 100000), literal([]byte("x"))...)), fault.Invalid, "pgp.damaged"},
		{"ten thousand session keys", append(bytes.Repeat(good[:2+int(good[1])], 10000), good...), fault.Invalid, "pgp.not_message"},
		{"a session key packet of 4 GiB", []byte{0xc1, 255, 255, 255, 255, 255, 3}, fault.Invalid, "pgp.not_message"},
		{"a message with a passphrase only", append(pkt(3, append([]byte{4, 9, 3, 8}, []byte("saltsalt\xff")...)), good[2+int(good[1]):]...), fault.Invalid, "pgp.passphrase_only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			plain, _, err := decryptAll(t, Decrypter{Keys: []Key{me}, Now: clock}, c.msg)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != c.kind || f.Key != c.key {
				t.Errorf("error %v, want %s; %d bytes", err, c.key, len(plain))
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("took %s", d) // generous: quadratic work here takes minutes
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	day := 24 * time.Hour
	me := newKey(t, "me", clock.Add(-400*day), 0)
	ann := newKey(t, "ann", clock.Add(-400*day), 0)
	short := newKey(t, "short", clock.Add(-400*day), 100*day)
	bob := newKey(t, "bob", clock.Add(-400*day), 0)
	revoked := revoke(t, newKey(t, "revoked", clock.Add(-400*day), 0), packet.NoReason)
	retired := revoke(t, newKey(t, "retired", clock.Add(-400*day), 0), packet.KeyRetired)
	for _, c := range []struct {
		name   string
		signer Key
		at     time.Time
		known  []Key
		want   string
	}{
		{"a signature by a known key is valid", ann, clock, []Key{bob, ann}, "valid"},
		{"a signature by nobody known is unknown", ann, clock, []Key{bob}, "unknown pgp.problem.unknown_key"},
		{"a signature by an expired key is not valid", short, clock.Add(-350 * day), []Key{short}, "expired pgp.problem.key_expired"},
		{"a signature by a revoked key is not valid", revoked.before, clock.Add(-day), []Key{revoked.after}, "revoked pgp.problem.key_revoked"},
		{"a signature by a retired key is not valid", retired.before, clock.Add(-day), []Key{retired.after}, "revoked pgp.problem.key_revoked"},
		{"a signature from the future is not valid", ann, clock.Add(day), []Key{ann}, "pgp.problem.future"},
		{"a clock that is a minute ahead is forgiven", ann, clock.Add(time.Minute), []Key{ann}, "valid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(how string, v Verdict, err error) {
				t.Helper()
				got := strings.TrimSpace(fmt.Sprintf("%s%s", map[bool]string{true: "valid"}[v.Valid], v.Problem))
				for word, is := range map[string]bool{"expired ": v.Expired, "revoked ": v.Revoked, "unknown ": v.Unknown} {
					if is {
						got = word + got
					}
				}
				if err != nil || got != c.want || !v.Signed || !v.At.Equal(c.at) || v.Valid != (v.By == c.signer.Fingerprint && v.Problem == "") {
					t.Errorf("%s: %v %q %+v, want %q", how, err, got, v, c.want)
				}
			}
			_, v, err := decryptAll(t, Decrypter{Keys: []Key{me}, Known: c.known, Now: clock}, seal(t, me, &c.signer, c.at, []byte("text")))
			check("message", v, err)
			s := Signer{Key: c.signer, Now: c.at}
			sig, err := s.Sign(strings.NewReader("text"))
			if err != nil {
				t.Fatal(err)
			}
			v, err = VerifyDetached(t.Context(), strings.NewReader("text"), sig, c.known, clock)
			check("detached", v, err)
			msg, err := s.Clearsign([]byte("text\n"))
			if err != nil {
				t.Fatal(err)
			}
			_, v, err = VerifyClearsigned(t.Context(), msg, c.known, clock)
			check("clearsigned", v, err)
		})
	}
}

type pair struct{ before, after Key }

func revoke(t *testing.T, k Key, why packet.ReasonForRevocation) pair {
	t.Helper()
	e, err := k.entity()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Revoke(why, "", policy(clock.Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	after, err := describe(e, clock)
	if err != nil {
		t.Fatal(err)
	}
	if !after.Revoked || after.CanSign || after.CanEncrypt {
		t.Errorf("a revoked key is described as %v %v %v", after.Revoked, after.CanSign, after.CanEncrypt)
	}
	return pair{k, after}
}

func TestASignatureOverOtherTextIsBad(t *testing.T) {
	ann := newKey(t, "ann", clock, 0)
	sig, err := Signer{Key: ann, Now: clock}.Sign(strings.NewReader("text"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := VerifyDetached(t.Context(), strings.NewReader("texT"), sig, []Key{ann}, clock)
	if err != nil || v.Valid || v.Problem != "pgp.problem.bad" || !v.Signed {
		t.Errorf("%v %+v", err, v)
	}
}

func TestASignedTextThatWasEncryptedToSomebodyElseIsNotForUs(t *testing.T) {
	me, bob, ann := newKey(t, "me", clock, 0), newKey(t, "bob", clock, 0), newKey(t, "ann", clock, 0)
	// Bob takes Ann's signed text out of her message and encrypts it to us.
	e, err := ann.entity()
	if err != nil {
		t.Fatal(err)
	}
	var toBob bytes.Buffer
	bobs, err := bob.entity()
	if err != nil {
		t.Fatal(err)
	}
	w, err := openpgp.EncryptWithParams(&toBob, []*openpgp.Entity{bobs}, nil, &openpgp.EncryptParams{
		Signers: []*openpgp.Entity{e}, Config: policy(clock), SessionKey: bytes.Repeat([]byte{9}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("you are fired"))
	w.Close()
	inner := openWith(t, toBob.Bytes(), bytes.Repeat([]byte{9}, 32))
	_, v, err := decryptAll(t, Decrypter{Keys: []Key{me}, Known: []Key{ann}, Now: clock}, sealRaw(t, me, inner))
	if err != nil || v.Valid || v.Problem != "pgp.problem.other_recipient" {
		t.Errorf("%v %+v", err, v)
	}
}

// openWith decrypts with a known session key and returns the packets inside.
func openWith(t *testing.T, msg, session []byte) []byte {
	t.Helper()
	r := packet.NewReader(bytes.NewReader(msg))
	for {
		p, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if sealed, ok := p.(*packet.SymmetricallyEncrypted); ok {
			plain, err := sealed.Decrypt(packet.CipherAES256, session)
			if err != nil {
				t.Fatal(err)
			}
			all, err := io.ReadAll(plain)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
	}
}

func TestClearsignedTextsThatDeceive(t *testing.T) {
	ann := newKey(t, "ann", clock, 0)
	msg, err := Signer{Key: ann, Now: clock}.Clearsign([]byte("one\n-two\nFrom three\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := string(msg)
	for _, c := range []struct {
		name, text   string
		valid, whole bool
		key          string
	}{
		{"the block alone is the whole body", "\n" + s + "\n \n", true, true, ""},
		{"CRLF line ends do not matter", strings.ReplaceAll(s, "\n", "\r\n"), true, true, ""},
		{"text in front is not signed", "ignore this\n" + s, true, false, ""},
		{"text behind is not signed", s + "-- \nlist footer\n", true, false, ""},
		{"a changed text is bad", strings.Replace(s, "one", "two", 1), false, true, ""},
		{"a header that is not Hash would be read as signed", strings.Replace(s, "Hash: SHA512\n", "Hash: SHA512\nPay: now\n", 1), false, false, "pgp.not_clearsigned"},
		{"a block without end is none", strings.Replace(s, "-----END PGP SIGNATURE-----", "", 1), false, false, "pgp.not_clearsigned"},
		{"plain text is none", "hello", false, false, "pgp.not_clearsigned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, v, err := VerifyClearsigned(t.Context(), []byte(c.text), []Key{ann}, clock)
			var f *fault.Error
			if errors.As(err, &f) != (c.key != "") || c.key != "" && f.Key != c.key {
				t.Fatalf("error %v, want %q", err, c.key)
			}
			if v.Valid != c.valid || v.WholeBody != c.whole || c.valid && string(got) != "one\n-two\nFrom three" {
				t.Errorf("%+v %q", v, got)
			}
		})
	}
}

func TestKeysThatMustNotBeUsedSayWhy(t *testing.T) {
	short := rsaKey(t, 1024, crypto.SHA256)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"RSA below 2048 bits", short, "pgp.refused.short"},
		{"SHA-1 in its own signatures", rsaKey(t, 2048, crypto.SHA1), "pgp.refused.hash"},
		{"RSA of 2048 bits is taken", rsaKey(t, 2048, crypto.SHA256), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := ParseKeys(c.data, clock)
			if err != nil {
				t.Fatal(err)
			}
			if k := keys[0]; k.Refused != c.want || k.CanSign != (c.want == "") || k.CanEncrypt != (c.want == "") {
				t.Errorf("refused %q sign %v encrypt %v", k.Refused, k.CanSign, k.CanEncrypt)
			}
			if c.want != "" {
				if _, err := (Encrypter{To: keys, Now: clock}).EncryptTo(io.Discard); !fault.Is(err, fault.Invalid) {
					t.Errorf("encryption to it: %v", err)
				}
			}
		})
	}
}

// rsaKey makes a key that policy would not make.
func rsaKey(t *testing.T, bits int, h crypto.Hash) []byte {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	cfg := &packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: bits, Time: func() time.Time { return clock }, MinRSABits: 512, NonDeterministicSignaturesViaNotation: packet.BoolPointer(false)}
	e, err := openpgp.NewEntity("Old", "", "old@example.org", cfg)
	if err != nil {
		t.Fatal(err)
	}
	if h == crypto.SHA1 {
		for _, id := range e.Identities {
			s := id.SelfCertifications[0].Packet
			s.Hash = h
			if err := s.SignUserId(id.Name, e.PrimaryKey, e.PrivateKey, cfg); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := e.Serialize(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestKeyFilesWithNothingToRead(t *testing.T) {
	pub, err := newKey(t, "ann", clock, 0).Armored()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data string
		kind fault.Kind
	}{
		{"empty", "", fault.Invalid},
		{"text", "my key is on the key servers", fault.Invalid},
		{"a message instead of a key", "-----BEGIN PGP MESSAGE-----\n\naaaa\n-----END PGP MESSAGE-----\n", fault.Invalid},
		{"a key that is cut off", pub[:len(pub)/2], fault.Invalid},
		{"two MiB", strings.Repeat("x", 2<<20), fault.TooLarge},
		{"a hundred and one keys", strings.Repeat(pub, 101), fault.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			if keys, err := ParseKeys([]byte(c.data), clock); !fault.Is(err, c.kind) {
				t.Errorf("%d keys, %v", len(keys), err)
			}
		})
	}
	keys, err := ParseKeys([]byte("hello\n"+pub+"between\n"+pub), clock)
	if err != nil || len(keys) != 2 {
		t.Errorf("two blocks with text around: %d keys, %v", len(keys), err)
	}
}

func TestPrivatePartsDoNotPrint(t *testing.T) {
	k := newKey(t, "ann", clock, 0)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(format, k); got != k.Fingerprint {
			t.Errorf("%s prints %q", format, got)
		}
		if got := fmt.Sprintf(format, []Key{k}); strings.Contains(got, string(k.raw[:20])) || len(got) > 100 {
			t.Errorf("%s of a slice prints %q", format, got)
		}
	}
	public, err := k.Public(clock)
	if err != nil || public.Private || public.raw[0]&0x3f != 6 || len(public.raw) >= len(k.raw) {
		t.Errorf("the public key has private parts: %v", err)
	}
	if _, err := public.PrivateBytes(); !fault.Is(err, fault.Invalid) {
		t.Errorf("private bytes of a public key: %v", err)
	}
}

func TestAnExpiringKeyCanDoEverythingUntilItsEnd(t *testing.T) {
	k := newKey(t, "ann", clock, time.Hour)
	raw, err := k.PrivateBytes()
	if err != nil {
		t.Fatal(err)
	}
	before, err := ParseKeys(raw, clock.Add(59*time.Minute))
	if err != nil || !before[0].CanSign || !before[0].CanEncrypt || before[0].Expired || !before[0].Expires.Equal(clock.Add(time.Hour)) {
		t.Errorf("before: %v %v %v", err, before[0].CanSign, before[0].Expires)
	}
	after, err := ParseKeys(raw, clock.Add(time.Hour))
	if err != nil || after[0].CanSign || after[0].CanEncrypt || !after[0].Expired {
		t.Errorf("after: %v %v", err, after[0].Expired)
	}
	msg := seal(t, k, nil, clock, []byte("old mail"))
	if plain, _ := mustDecrypt(t, Decrypter{Keys: after, Now: clock.Add(48 * time.Hour)}, msg); string(plain) != "old mail" {
		t.Errorf("an expired key no longer reads old mail: %q", plain)
	}
}

func TestErrorsOfTheReaderAndTheContextComeAsTheyAre(t *testing.T) {
	k := newKey(t, "ann", clock, 0)
	msg := seal(t, k, nil, clock, bytes.Repeat([]byte("x"), 1<<20))
	broken := errors.New("disk")
	p, err := Decrypter{Keys: []Key{k}, Now: clock}.Decrypt(t.Context(), io.MultiReader(bytes.NewReader(msg[:len(msg)/2]), errReader{broken}))
	if err == nil {
		_, err = io.ReadAll(p)
	}
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p, err = Decrypter{Keys: []Key{k}, Now: clock}.Decrypt(ctx, bytes.NewReader(msg))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err = io.ReadAll(p); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

// The AEAD form of RFC 9580 section 5.13.2, which newer programs write.
func TestMessagesWithAEADAreReadAndTheirDamageIsSeen(t *testing.T) {
	me := newKey(t, "me", clock, 0)
	e, err := me.entity()
	if err != nil {
		t.Fatal(err)
	}
	enc, _ := e.EncryptionKey(clock, policy(clock))
	cfg := policy(clock)
	cfg.AEADConfig = &packet.AEADConfig{DefaultMode: packet.AEADModeOCB}
	session := bytes.Repeat([]byte{7}, 32)
	var out bytes.Buffer
	if err := packet.SerializeEncryptedKeyAEAD(&out, enc.PublicKey, packet.CipherAES256, true, session, cfg); err != nil {
		t.Fatal(err)
	}
	w, err := packet.SerializeSymmetricallyEncrypted(&out, packet.CipherAES256, true, packet.CipherSuite{Cipher: packet.CipherAES256, Mode: packet.AEADModeOCB}, session, cfg)
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("hello "), 100000)
	w.Write(literal(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d := Decrypter{Keys: []Key{me}, Now: clock}
	if plain, v := mustDecrypt(t, d, out.Bytes()); !bytes.Equal(plain, text) || !v.Encrypted {
		t.Errorf("%d bytes %+v", len(plain), v)
	}
	for _, at := range []int{300, out.Len() / 2, out.Len() - 20, out.Len() - 1} {
		bad := bytes.Clone(out.Bytes())
		bad[at] ^= 1
		if plain, _, err := decryptAll(t, d, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("a flipped bit at %d: %d bytes, %v", at, len(plain), err)
		}
	}
	if _, _, err := decryptAll(t, d, out.Bytes()[:out.Len()-16]); !fault.Is(err, fault.Invalid) {
		t.Errorf("without the last tag: %v", err)
	}
}
