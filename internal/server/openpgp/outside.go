package openpgp

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/command"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
)

// signerTime is how long a signer may take: a person may have to touch a card.
const signerTime = 90 * time.Second

// outsideKey is a key whose secret part is elsewhere: the operator's signer command
// (--signer-command) is asked for its signatures.
type outsideKey struct {
	line string  // the command
	key  pgp.Key // public
}

// sign gives the command the bytes on standard input and takes an armored detached
// signature from standard output. The word {key} in the command line is the fingerprint,
// which is in TOCSIN_SIGN_KEY too. The signature is used only when it is exactly one and
// good, by this key, over these bytes.
func (k outsideKey) sign(ctx context.Context, data []byte) ([]byte, error) {
	fingerprint := k.key.Fingerprint
	if k.line == "" {
		return nil, signerFault(fingerprint, errors.New("none is configured"))
	}
	words, err := command.Split(k.line)
	if err != nil {
		return nil, signerFault(fingerprint, err)
	}
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "{key}", fingerprint)
	}
	c := command.Command{Words: words, Env: []string{"TOCSIN_SIGN_KEY=" + fingerprint}, Time: signerTime}
	signature, err := c.Run(ctx, data)
	if err != nil {
		return nil, signerFault(fingerprint, err)
	}
	v, err := pgp.VerifyDetached(ctx, bytes.NewReader(data), signature, []pgp.Key{k.key}, time.Now())
	switch {
	case err != nil:
		return nil, signerFault(fingerprint, err)
	case len(v.Signatures) != 1 || v.By != fingerprint:
		return nil, signerFault(fingerprint, errOtherKey)
	case !v.Valid:
		return nil, signerFault(fingerprint, errors.New(v.Problem))
	}
	out, err := pgp.JoinSignatures(signature) // armored alike, nothing around it
	if err != nil {
		return nil, signerFault(fingerprint, err)
	}
	return out, nil
}
