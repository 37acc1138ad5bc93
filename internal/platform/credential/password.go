package credential

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/secret"
)

// Params are the cost of one hash (RFC 9106 section 3.1).
type Params struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultParams are the first choice of the OWASP Password Storage Cheat Sheet
// (2023): argon2id with 19 MiB, two passes and one thread. RFC 9106's 64 MiB would let
// two concurrent logins take the whole memory that an idle Tocsin may use.
func DefaultParams() Params { return Params{Memory: 19 * 1024, Passes: 2, Threads: 1} }

const (
	saltLen = 16 // bytes; RFC 9106 section 3.1 recommends 16
	sumLen  = 32
	// maxMemory bounds what a stored hash may ask for, so that a forged row cannot take
	// the machine down.
	maxMemory = 256 * 1024
	maxPasses = 16
)

// Hasher makes and checks password hashes. At most Slots run at once and at most Queue
// wait; the next is refused with fault.TooMany, so that a flood of logins costs
// a bounded amount of memory. Make it with NewHasher.
type Hasher struct {
	params Params
	slots  chan struct{} // running
	places chan struct{} // running and waiting
	decoy  string
}

// NewHasher returns a hasher with the given cost. Slots and queue below 1 mean 2 and 32.
func NewHasher(p Params, slots, queue int) *Hasher {
	if slots < 1 {
		slots = 2
	}
	if queue < 1 {
		queue = 32
	}
	h := &Hasher{params: p, slots: make(chan struct{}, slots), places: make(chan struct{}, slots+queue)}
	// Nobody's hash: what it costs is in its parameters, and Verify says no to every password.
	h.decoy = p.phc(make([]byte, saltLen), make([]byte, sumLen))
	return h
}

// Hash returns the PHC string of a password. It fails with TooMany when the
// queue is full and with the context's error when that ends first.
func (h *Hasher) Hash(ctx context.Context, password secret.String) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, saltLen)
	rand.Read(salt)
	p := h.params
	return p.phc(salt, argon2.IDKey([]byte(password.Reveal()), salt, p.Passes, p.Memory, p.Threads, sumLen)), nil
}

// Verify reports whether the password has the hash. An empty hash (an unknown
// account) costs the same work and is false. It fails as Hash does, and with an
// internal error for a hash that it cannot read.
func (h *Hasher) Verify(ctx context.Context, phc string, password secret.String) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	known := phc != ""
	if !known {
		phc = h.decoy
	}
	p, salt, want, err := parse(phc)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(password.Reveal()), salt, p.Passes, p.Memory, p.Threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// Stale reports whether a hash was made with another cost than the present one
// and should be made anew at the next login.
func (h *Hasher) Stale(phc string) bool {
	p, _, _, err := parse(phc)
	return err != nil || p != h.params
}

func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.places <- struct{}{}:
	default:
		return fault.New(fault.TooMany, "people.sign_in.busy")
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-h.places
		return fmt.Errorf("wait for a free hash: %w", ctx.Err())
	}
}

func (h *Hasher) leave() { <-h.slots; <-h.places }

// phc is the PHC string of a sum that was made with these parameters.
func (p Params) phc(salt, sum []byte) string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Threads, enc(salt), enc(sum))
}

// parse reads a PHC string (the format of the PHC string specification).
func parse(phc string) (p Params, salt, sum []byte, err error) {
	bad := errors.New("credential: a stored hash is not argon2id in PHC form")
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || len(phc) > 256 {
		return p, nil, nil, bad
	}
	var version int
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return p, nil, nil, bad
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Threads); n != 3 || err != nil {
		return p, nil, nil, bad
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) < 16 || p.Memory < 8 || p.Memory > maxMemory || p.Passes < 1 || p.Passes > maxPasses || p.Threads < 1 {
		return p, nil, nil, bad
	}
	return p, salt, sum, nil
}
