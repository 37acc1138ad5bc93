package pubsite

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Keys gives the keys that sign a project's publications.
type Keys interface {
	// Signing returns the key in use, fault.NotFound when the project has none.
	// It is loaded within the view and used outside of any transaction.
	Signing(ctx context.Context, v unit.View, project people.ProjectID) (SigningKey, error)
	// Public returns the public keys that verify what is published, retired
	// ones too, the one in use first.
	Public(ctx context.Context, v unit.View, project people.ProjectID) ([]pubtree.Key, error)
}

// SigningKey signs with one private key (RFC 9580).
type SigningKey interface {
	Fingerprint() string
	// Sign returns the armored detached signature over data.
	Sign(data []byte) ([]byte, error)
	// Clearsign returns text in the cleartext signature framework.
	Clearsign(text []byte) ([]byte, error)
	// Verify fails when signature is not this key's good signature over data.
	Verify(data, signature []byte) error
}
