package credential

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
)

func cheap() Params { return Params{Memory: 64, Passes: 1, Threads: 1} }

func TestPasswordHashes(t *testing.T) {
	h := NewHasher(cheap(), 1, 4)
	ctx := context.Background()
	phc, err := h.Hash(ctx, secret.New("correct horse"))
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("hash is %q, %v", phc, err)
	}
	for _, c := range []struct {
		fact, phc, password string
		want                bool
	}{
		{"the right password fits", phc, "correct horse", true},
		{"another does not", phc, "Correct horse", false},
		{"an unknown account has no password", "", "correct horse", false},
		{"not even the decoy's", "", "nobody's password", false},
	} {
		got, err := h.Verify(ctx, c.phc, secret.New(c.password))
		if err != nil || got != c.want {
			t.Errorf("%s: got %v, %v", c.fact, got, err)
		}
	}
	if h.Stale(phc) || !NewHasher(Params{Memory: 128, Passes: 1, Threads: 1}, 1, 1).Stale(phc) {
		t.Error("a hash is stale exactly when its cost differs")
	}
}

func TestAFullQueueIsRefused(t *testing.T) {
	h := NewHasher(cheap(), 1, 1)
	h.slots <- struct{}{} // somebody is at work
	h.places <- struct{}{}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := h.Hash(ctx, secret.New("x")); err == nil {
			t.Error("a cancelled wait gave a hash")
		}
	})
	for len(h.places) < 2 { // until the second has its place
		runtime.Gosched()
	}
	if _, err := h.Hash(context.Background(), secret.New("x")); !fault.Is(err, fault.TooMany) {
		t.Errorf("the third gets %v, want TooMany", err)
	}
	cancel()
	wg.Wait()
	h.leave()
	if _, err := h.Hash(context.Background(), secret.New("x")); err != nil {
		t.Errorf("after the rush: %v", err)
	}
}

// TestVectors are those of RFC 6238 appendix B (SHA-1), cut to six digits.
func TestVectors(t *testing.T) {
	key := secret.New("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		if step, ok := (Codes{}).Match(key, code, time.Unix(at, 0)); !ok || step != at/30 {
			t.Errorf("at %d code %s: step %d, %v", at, code, step, ok)
		}
		if _, ok := (Codes{}).Match(key, code, time.Unix(at+90, 0)); ok {
			t.Errorf("code %s still fits 90 seconds later", code)
		}
	}
}

func TestQRHasAQuietZoneAndATitle(t *testing.T) {
	_, url, err := Codes{Issuer: "Tocsin"}.New("a@b.example")
	if err != nil {
		t.Fatal(err)
	}
	svg, err := QR(url.Reveal(), `scan "me" <b>`)
	if err != nil || !strings.Contains(svg, "<title>scan &quot;me&quot; &lt;b&gt;</title>") || strings.Contains(svg, "M0 0") {
		t.Errorf("svg is %.200s, %v", svg, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, sum, err := parse(s)
		if err == nil && (p.Memory > maxMemory || p.Passes > maxPasses || len(salt) > 256 || len(sum) > 256) {
			t.Errorf("%q asks for too much", s)
		}
	})
}
