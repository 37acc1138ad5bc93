package pubsite

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Keys gives the keys that sign a project's publications.
type Keys interface {
	// Signing returns the keys in use as one signer: fault.NotFound when the project has
	// none, fault.Invalid (advisory.fault.key_expired) when all have ended. It is loaded
	// within the view and used outside of any transaction.
	Signing(ctx context.Context, v unit.View, project people.ProjectID) (SigningKey, error)
	// Public returns the public keys that verify what is published, retired
	// ones too, those in use first.
	Public(ctx context.Context, v unit.View, project people.ProjectID) ([]pubtree.Key, error)
}

// SigningKey signs with one or more private keys (RFC 9580): everything that it signs
// carries a signature by each of them.
type SigningKey interface {
	// Fingerprints are those of the keys, the newest first.
	Fingerprints() []string
	// Sign returns the armored detached signatures over data, one block for all.
	Sign(ctx context.Context, data []byte) ([]byte, error)
	// Clearsign returns text in the cleartext signature framework, signed by one key.
	Clearsign(ctx context.Context, text []byte) ([]byte, error)
	// Verify fails unless signature holds a good signature over data by a key of the
	// project, one in use or one from before, and none that is bad.
	Verify(data, signature []byte) error
}
