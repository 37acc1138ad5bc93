package pgp

import (
	"bufio"
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// ParseKeys reads one or more keys, armored (several blocks too) or binary, up
// to 1 MiB and 100 keys. Refused, expired and revoked keys are returned too and
// say so. It fails with fault.Invalid (pgp.key_unreadable) when there is no
// readable key, with fault.TooLarge (pgp.keys_too_large) above the limits.
func ParseKeys(data []byte, now time.Time) (keys []Key, err error) {
	defer func() {
		if r := recover(); r != nil { // the library has had panics on malformed keys
			keys, err = nil, noKeys(fmt.Errorf("panic: %v", r))
		}
	}()
	if len(data) > maxKeyBytes {
		return nil, fault.New(fault.TooLarge, "pgp.keys_too_large")
	}
	entities, err := readEntities(data)
	if len(entities) == 0 {
		return nil, noKeys(err)
	}
	if len(entities) > maxKeys {
		return nil, fault.New(fault.TooLarge, "pgp.keys_too_large")
	}
	for _, e := range entities {
		k, err := describe(e, now)
		if err != nil {
			return nil, noKeys(err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func readEntities(data []byte) (openpgp.EntityList, error) {
	if len(data) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if data[0]&0x80 != 0 {
		return openpgp.ReadKeyRing(bytes.NewReader(data))
	}
	var all openpgp.EntityList
	var problem error
	br := bufio.NewReader(bytes.NewReader(data))
	for {
		kind, body, err := openArmor(br)
		if err != nil {
			if err != io.EOF {
				problem = err
			}
			break
		}
		if kind != armorPublic && kind != armorPrivate {
			continue
		}
		list, err := openpgp.ReadKeyRing(body)
		if err != nil {
			problem = err
		}
		all = append(all, list...)
	}
	return all, problem
}

// entity reads the key's packets, anew unless the key is Ready.
func (k Key) entity() (*openpgp.Entity, error) {
	if k.read != nil {
		return k.read, nil
	}
	return k.fresh()
}

// fresh reads the key's packets anew.
func (k Key) fresh() (*openpgp.Entity, error) {
	e, err := openpgp.ReadEntity(packet.NewReader(bytes.NewReader(k.raw)))
	if err != nil {
		return nil, fmt.Errorf("read the key %s again: %w", k.Fingerprint, err)
	}
	return e, nil
}

// describe turns an entity into a Key. Certifications by others are dropped:
// nobody here follows them, and they make some keys very large.
func describe(e *openpgp.Entity, now time.Time) (Key, error) {
	for _, id := range e.Identities {
		id.OtherCertifications = nil
	}
	k := Key{
		Fingerprint: strings.ToUpper(fmt.Sprintf("%x", e.PrimaryKey.Fingerprint)),
		Created:     e.PrimaryKey.CreationTime.UTC(),
		Algorithm:   algorithm(e.PrimaryKey),
		ids:         []uint64{e.PrimaryKey.KeyId},
	}
	k.Handles = handles(e.PrimaryKey)
	for _, s := range e.Subkeys {
		k.ids = append(k.ids, s.PublicKey.KeyId)
		k.Handles = append(k.Handles, handles(s.PublicKey)...)
	}
	cfg := policy(now)
	k.Refused = refused(e, cfg)
	k.describeUse(e, now, cfg)
	k.describeUsers(e, now, cfg)

	if e.PrivateKey != nil {
		k.Locked = e.PrivateKey.Encrypted
		for _, s := range e.Subkeys {
			k.Locked = k.Locked || s.PrivateKey != nil && s.PrivateKey.Encrypted
		}
		k.Private = !k.Locked && !e.PrivateKey.Dummy()
	}
	var out bytes.Buffer
	var err error
	if e.PrivateKey != nil {
		err = e.SerializePrivateWithoutSigning(&out, cfg)
	} else {
		err = e.Serialize(&out)
	}
	k.raw = out.Bytes()
	return k, err
}

// handles are the two names by which a signature or a message refers to a key.
func handles(k *packet.PublicKey) []string {
	return []string{fmt.Sprintf("%X", k.Fingerprint), fmt.Sprintf("%016X", k.KeyId)}
}

// describeUse fills in validity and what the key can do now. The first look is
// without a date, so that an expired self-signature is still known to be genuine.
func (k *Key) describeUse(e *openpgp.Entity, now time.Time, cfg *packet.Config) {
	if self, err := e.PrimarySelfSignature(time.Time{}, cfg); err == nil && self.KeyLifetimeSecs != nil && *self.KeyLifetimeSecs != 0 {
		k.Expires = k.Created.Add(time.Duration(*self.KeyLifetimeSecs) * time.Second)
	}
	k.Revoked = e.Revoked(now)
	k.Expired = !k.Expires.IsZero() && !now.Before(k.Expires)
	if k.Refused != "" || k.Revoked || k.Expired {
		return
	}
	_, err := e.EncryptionKeyWithError(now, cfg)
	k.CanEncrypt = err == nil
	_, k.CanSign = e.SigningKey(now, cfg)
}

func (k *Key) describeUsers(e *openpgp.Entity, now time.Time, cfg *packet.Config) {
	_, primary := e.PrimaryIdentity(now, cfg)
	for name, id := range e.Identities {
		if _, err := id.Verify(time.Time{}, cfg); err == nil && len(k.UserIDs) < 50 {
			k.UserIDs = append(k.UserIDs, name)
		}
	}
	slices.SortFunc(k.UserIDs, func(a, b string) int {
		switch {
		case primary != nil && a == primary.Name:
			return -1
		case primary != nil && b == primary.Name:
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, u := range k.UserIDs {
		addr := u
		if a, err := mail.ParseAddress(u); err == nil {
			addr = a.Address
		} else if i := strings.LastIndexByte(u, '<'); i >= 0 {
			addr, _, _ = strings.Cut(u[i+1:], ">")
		}
		if addr = strings.ToLower(addr); strings.Contains(addr, "@") && !strings.ContainsAny(addr, " <>") && !slices.Contains(k.Emails, addr) {
			k.Emails = append(k.Emails, addr)
		}
	}
}

// refused says why a key must not be used at all.
func refused(e *openpgp.Entity, cfg *packet.Config) string {
	switch pk := e.PrimaryKey; pk.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly:
		if n, err := pk.BitLength(); err != nil || n < cfg.MinRSABits {
			return "pgp.refused.short"
		}
	case packet.PubKeyAlgoDSA:
		return "pgp.refused.dsa"
	case packet.PubKeyAlgoECDSA, packet.PubKeyAlgoEdDSA:
		if curve, err := pk.Curve(); err != nil || cfg.RejectCurve(curve) {
			return "pgp.refused.algorithm"
		}
	}
	if _, err := e.PrimarySelfSignature(time.Time{}, cfg); err == nil {
		return ""
	}
	for _, id := range e.Identities {
		for _, s := range id.SelfCertifications {
			if weakHashes()[s.Packet.Hash] {
				return "pgp.refused.hash"
			}
		}
	}
	return "pgp.refused.self_signature"
}

// algorithm names the primary key's algorithm and size.
func algorithm(pk *packet.PublicKey) string {
	bits, _ := pk.BitLength()
	switch pk.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoRSAEncryptOnly:
		return fmt.Sprintf("RSA-%d", bits)
	case packet.PubKeyAlgoDSA:
		return fmt.Sprintf("DSA-%d", bits)
	case packet.PubKeyAlgoEd25519:
		return "Ed25519"
	case packet.PubKeyAlgoEd448:
		return "Ed448"
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoECDSA:
		curve, err := pk.Curve()
		switch {
		case err != nil:
			return "unknown"
		case pk.PubKeyAlgo == packet.PubKeyAlgoEdDSA && curve == packet.Curve25519:
			return "Ed25519"
		}
		return string(curve)
	}
	return fmt.Sprintf("algorithm %d", pk.PubKeyAlgo)
}

// isWeak reports an error of the library about a weak algorithm or hash.
func isWeak(h crypto.Hash, err error) bool {
	return weakHashes()[h] || errors.As(err, new(weakAlgorithm))
}
