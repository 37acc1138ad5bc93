package pgp

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"
)

// clock is the time of the tests without gpg.
var clock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// now is the real time, since gpg's clock cannot be set.
func now() time.Time { return time.Now() }

func mustDecrypt(t *testing.T, d Decrypter, msg []byte) ([]byte, Verdict) {
	t.Helper()
	plain, v, err := decryptAll(t, d, msg)
	if err != nil {
		t.Fatal(err)
	}
	return plain, v
}

func decryptAll(t testing.TB, d Decrypter, msg []byte) ([]byte, Verdict, error) {
	t.Helper()
	p, err := d.Decrypt(t.Context(), bytes.NewReader(msg))
	if err != nil {
		return nil, Verdict{}, err
	}
	plain, err := io.ReadAll(p)
	if err != nil {
		if _, ok := p.Verdict(); ok {
			t.Error("there is a verdict though reading failed")
		}
		return plain, Verdict{}, err
	}
	v, ok := p.Verdict()
	if !ok {
		return plain, v, fmt.Errorf("no verdict at the end")
	}
	return plain, v, nil
}
