package pgp

import (
	"context"
	"errors"
	"io"
	"time"
)

// VerifyDetached verifies an armored or binary detached signature over signed,
// which it reads as a stream. Bad signatures are not errors but verdicts.
func VerifyDetached(ctx context.Context, signed io.Reader, signature []byte, known []Key, now time.Time) (Verdict, error) {
	return Verdict{}, errors.New("pgp: not yet")
}

// VerifyClearsigned verifies the first clearsigned text in text and returns what
// was signed, dash-escapes removed. Verdict.WholeBody is false when there is
// anything but white space before or after the block. It fails with fault.Invalid
// (pgp.not_clearsigned) when there is none.
func VerifyClearsigned(ctx context.Context, text []byte, known []Key, now time.Time) (signed []byte, v Verdict, err error) {
	return nil, Verdict{}, errors.New("pgp: not yet")
}
