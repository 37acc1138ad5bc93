package desktest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
	"github.com/tocsin-sec/tocsin/internal/platform/pgp"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// keys is the key tables as a list, over real OpenPGP.
type keys struct {
	openpgp
	public  []people.Key
	private []people.PrivateKey
}

func (k *keys) KeysOf(_ context.Context, _ unit.View, _ people.Scope, project people.ProjectID, _ people.PersonID, address string) ([]people.Key, error) {
	var out []people.Key
	for _, x := range k.public {
		if x.Address == address && (x.Person != "" || x.Project == project) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (k *keys) KeysByHandle(_ context.Context, _ unit.View, _ people.Scope, projects []people.ProjectID, handles []string) ([]people.Key, error) {
	var out []people.Key
	for _, x := range k.public {
		for _, h := range handles {
			if strings.HasSuffix(x.Fingerprint, strings.ToUpper(h)) && (x.Person != "" || slices.Contains(projects, x.Project)) {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

func (k *keys) All(context.Context, unit.View, string, people.ProjectID) ([]people.PrivateKey, error) {
	return k.private, nil
}

func (k *keys) ParseKeys([]byte) ([]people.KeyInfo, error) {
	return []people.KeyInfo{{Fingerprint: "F00D", CanEncrypt: true}}, nil
}

// made are keys for all tests: the team's, Ada's, and one that nobody knows.
var made = sync.OnceValue(func() (m struct{ team, ada, stranger pgp.Key }) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		to          *pgp.Key
		name, email string
	}{{&m.team, "Team", "security@lanterna.example"}, {&m.ada, "Ada", "ada@mail.example"}, {&m.stranger, "Stranger", "ada@mail.example"}} {
		k, err := pgp.Generate(x.name, x.email, at, 0)
		if err != nil {
			panic(err)
		}
		*x.to = k
	}
	return m
})

// know gives the rig the team's private key and Ada's public one.
func (r *rig) know(person people.PersonID) {
	r.Helper()
	raw, err := made().team.PrivateBytes()
	if err != nil {
		r.Fatal(err)
	}
	r.Keys.private = []people.PrivateKey{{Secret: secret.New(string(raw))}}
	pub, err := made().ada.Armored()
	if err != nil {
		r.Fatal(err)
	}
	k := people.Key{Person: person, KeyInfo: people.KeyInfo{Fingerprint: made().ada.Fingerprint, UserIDs: made().ada.UserIDs, Public: []byte(pub)}}
	if person == "" {
		k.Address, k.Project = "ada@mail.example", lanterna
	}
	r.Keys.public = []people.Key{k}
}

// letter writes a mail with OpenPGP.
func letter(t testing.TB, n string, change func(*mailmsg.Draft)) string {
	t.Helper()
	d := &mailmsg.Draft{
		From: mailmsg.Address{Name: "Ada", Addr: "ada@mail.example"}, To: []mailmsg.Address{{Addr: "security@lanterna.example"}},
		Subject: "Overflow in lamp", Date: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Text: "The secret details.\n", MessageID: "<" + n + "@mail.example>",
		Files: []mailmsg.File{{Name: "poc.py", Type: "text/x-python", Body: strings.NewReader("print('boom')\n")},
			{Name: "core.bin", Body: bytes.NewReader(bytes.Repeat([]byte("0123456789abcdef"), 20_000))}},
	}
	change(d)
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func when() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

func encryptTo(signer *pgp.Key, to ...pgp.Key) func(*mailmsg.Draft) {
	return func(d *mailmsg.Draft) { d.Encrypt = pgp.Encrypter{To: to, Signer: signer, Now: when()} }
}

func signBy(k pgp.Key) func(*mailmsg.Draft) {
	return func(d *mailmsg.Draft) { d.Sign = pgp.Signer{Key: k, Now: when()} }
}
