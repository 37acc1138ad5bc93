package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

const wrappedLen = chacha20poly1305.NonceSizeX + chacha20poly1305.KeySize + chacha20poly1305.Overhead

// SiteKey wraps every data key of a site. It prints as its id, which tells two
// keys apart and says nothing of the key.
type SiteKey struct {
	id  string
	raw []byte
}

// ID names the key in faults and in doctor's report.
func (k SiteKey) ID() string { return k.id }

// String returns the id, never the key.
func (k SiteKey) String() string { return "site key " + k.id }

// GoString returns the id, never the key.
func (k SiteKey) GoString() string { return k.String() }

// Text returns the key as it stands in a site key file, for the one place that
// writes such a file.
func (k SiteKey) Text() string { return base64.StdEncoding.EncodeToString(k.raw) + "\n" }

// NewSiteKey makes a fresh random site key.
func NewSiteKey() SiteKey {
	raw := make([]byte, chacha20poly1305.KeySize)
	rand.Read(raw)
	return siteKeyOf(raw)
}

// ParseSiteKey reads 32 bytes written as base64 or as 64 hex digits, as
// `openssl rand -base64 32` and `openssl rand -hex 32` print them. All else is
// fault.Invalid "seal.bad_site_key"; the text is never repeated.
func ParseSiteKey(text string) (SiteKey, error) {
	text = strings.TrimSpace(text)
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != chacha20poly1305.KeySize {
		raw, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil || len(raw) != chacha20poly1305.KeySize {
		return SiteKey{}, fault.New(fault.Invalid, "seal.bad_site_key")
	}
	return siteKeyOf(raw), nil
}

func siteKeyOf(raw []byte) SiteKey {
	id, err := hkdf.Key(sha256.New, raw, nil, "tocsin site key id", 6)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return SiteKey{id: hex.EncodeToString(id), raw: raw}
}

func (k SiteKey) wrap(id, confidence string, raw []byte) []byte {
	aead, err := chacha20poly1305.NewX(k.raw)
	if err != nil {
		panic(err) // the length is checked when the key is read
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, wrappedLen)
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, raw, k.aad(id, confidence))
}

func (k SiteKey) unwrap(id, confidence string, wrapped []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(k.raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	if len(wrapped) < chacha20poly1305.NonceSizeX {
		return nil, fault.New(fault.Unavailable, "seal.damaged", "seal_key", "wrapped")
	}
	nonce, box := wrapped[:chacha20poly1305.NonceSizeX], wrapped[chacha20poly1305.NonceSizeX:]
	raw, err := aead.Open(nil, nonce, box, k.aad(id, confidence))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "seal.damaged", "seal_key", "wrapped").Because(err)
	}
	return raw, nil
}

func (k SiteKey) aad(id, confidence string) []byte {
	return aad(At{"seal_key", id, confidence}, k.id)
}
