// Package seal encrypts what lies in the store: a data key per confidence
// ("case:"+id, "report:"+id), wrapped by the site key, which never lies in the
// data folder or a backup. A sealed value names its key and is bound to its
// table, row and column, so that it opens nowhere else. The package also makes
// HMACs for exact look-ups (MAC) and keeps the program's own keys (Ring).
//
// Primitives: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), HMAC-SHA-256 and
// HKDF (RFC 5869), all from the standard library and x/crypto.
//
// What is not here: OpenPGP (platform/pgp), passwords (people), sealed files in
// chunks (platform/blob) and the choice of the site key's source by flags (cli);
// reading such a source is LoadSiteKey.
package seal

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the tables of this package.
func Migrations() sqldb.Source { return sqldb.Embedded("seal", files) }

// At is the place of a sealed value. Row must be the row's stable id.
type At struct{ Table, Row, Column string }

// A sealed value is: version (1 byte), key id (ident.Len bytes), nonce (24),
// ciphertext with tag (16 more than the plain text).
const (
	version  = 1
	overhead = 1 + ident.Len + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// Overhead is how many bytes longer a sealed value is than its plain text.
const Overhead = overhead

// Sealer seals and opens. It is made by New and may be used by many goroutines.
type Sealer struct {
	work  unit.Work
	site  SiteKey
	old   []SiteKey
	root  []byte // of the MAC keys
	cache *cache
	macs  sync.Map // purpose -> derived key
}

// Box is one data key, held for as long as a transaction or a file is written.
type Box struct {
	id   string
	aead cipher.AEAD
}

// Seal encrypts plain for its place with the key of the confidence, which is
// made on first use. It fails with the store's faults only.
func (s *Sealer) Seal(ctx context.Context, tx unit.Tx, confidence string, at At, plain []byte) ([]byte, error) {
	b, err := s.Box(ctx, tx, confidence)
	if err != nil {
		return nil, err
	}
	return b.Seal(at, plain), nil
}

// Open decrypts what Seal made for the same place. A destroyed key is
// fault.NotFound "seal.destroyed"; bytes that are not what was sealed here are
// fault.Unavailable "seal.damaged", since a person has to look.
func (s *Sealer) Open(ctx context.Context, v unit.View, at At, sealed []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version {
		return nil, damaged(at, nil)
	}
	b, err := s.boxByID(ctx, v, string(sealed[1:1+ident.Len]))
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", at.Table, at.Column, err)
	}
	return b.Open(at, sealed)
}

// Seal encrypts plain for its place.
func (b *Box) Seal(at At, plain []byte) []byte {
	out := make([]byte, 1+ident.Len+chacha20poly1305.NonceSizeX, overhead+len(plain))
	out[0] = version
	copy(out[1:], b.id)
	nonce := out[1+ident.Len:]
	rand.Read(nonce)
	return b.aead.Seal(out, nonce, plain, aad(at, b.id))
}

// Open decrypts what Seal made with the same key; see Sealer.Open for the faults.
func (b *Box) Open(at At, sealed []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version || string(sealed[1:1+ident.Len]) != b.id {
		return nil, damaged(at, nil)
	}
	nonce := sealed[1+ident.Len : 1+ident.Len+chacha20poly1305.NonceSizeX]
	plain, err := b.aead.Open(nil, nonce, sealed[1+ident.Len+chacha20poly1305.NonceSizeX:], aad(at, b.id))
	if err != nil {
		return nil, damaged(at, err)
	}
	return plain, nil
}

func damaged(at At, cause error) error {
	return fault.New(fault.Unavailable, "seal.damaged", at.Table, at.Column).Because(cause)
}

// aad joins the parts with their lengths, so that no two places look alike.
func aad(at At, key string) []byte {
	out := make([]byte, 0, 16+len(at.Table)+len(at.Row)+len(at.Column)+len(key))
	for _, part := range [...]string{at.Table, at.Row, at.Column, key} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}

// MAC returns a keyed hash of value in hex, equal for equal values of one
// purpose, for columns that are looked up exactly (an address, a Message-ID, a
// token). Without the site key it cannot be computed or tried.
func (s *Sealer) MAC(purpose, value string) string {
	key, ok := s.macs.Load(purpose)
	if !ok {
		derived, err := hkdf.Key(sha256.New, s.root, nil, "tocsin mac "+purpose, 32)
		if err != nil {
			panic(err) // only for absurd lengths
		}
		key, _ = s.macs.LoadOrStore(purpose, derived)
	}
	h := hmac.New(sha256.New, key.([]byte))
	h.Write([]byte(value))
	return hex.EncodeToString(h.Sum(nil))
}
