package deskdb_test

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// keys stands for OpenPGP and the key tables.
type keys struct {
	public  []people.Key
	private []people.PrivateKey
}

func (k *keys) KeysOf(_ context.Context, _ unit.View, _ people.Scope, _ people.PersonID, address string) ([]people.Key, error) {
	var out []people.Key
	for _, x := range k.public {
		if x.Address == address {
			out = append(out, x)
		}
	}
	return out, nil
}

func (k *keys) KeysByHandle(_ context.Context, _ unit.View, _ people.Scope, handles []string) ([]people.Key, error) {
	return nil, nil
}

func (k *keys) All(context.Context, unit.View, string, people.ProjectID) ([]people.PrivateKey, error) {
	return k.private, nil
}

func (k *keys) ParseKeys(raw []byte) ([]people.KeyInfo, error) {
	return []people.KeyInfo{{Fingerprint: "F00D", CanEncrypt: true}}, nil
}

func (k *keys) Decrypt(ctx context.Context, _ []people.PrivateKey, known []people.Key, now time.Time, r io.Reader, w io.Writer) (desk.Verdict, error) {
	return desk.Verdict{}, errors.New("not yet")
}

func (k *keys) VerifyDetached(ctx context.Context, signed io.Reader, signature []byte, known []people.Key, now time.Time) (desk.Verdict, error) {
	return desk.Verdict{}, errors.New("not yet")
}

func (k *keys) VerifyClearsigned(ctx context.Context, text []byte, known []people.Key, now time.Time) ([]byte, desk.Verdict, error) {
	return nil, desk.Verdict{}, errors.New("not yet")
}
