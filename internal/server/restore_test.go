package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/embargo/embargodb"
	"github.com/tocsin-sec/tocsin/internal/platform/gate"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
)

// TestARestoredSiteEndsNoEmbargo: a date may have been moved after the backup, so that
// only a person lets the ends come.
func TestARestoredSiteEndsNoEmbargo(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "site.key")
	if _, err := seal.LoadOrMake(key); err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	load := func(name string) config.Config {
		cfg, err := config.Load("", nil, map[string]string{"data": filepath.Join(dir, name), "site-key-file": key, "smtp": ""})
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	old, err := Open(t.Context(), load("old"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := old.fillDemo(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if _, err := Backup(t.Context(), load("old"), &copied, []age.Recipient{id.Recipient()}, func(string, int64) {}); err != nil {
		t.Fatal(err)
	}
	_, list, err := Restore(t.Context(), load("new"), &copied, []age.Identity{id})
	if err != nil {
		t.Fatal(err)
	}
	if n := standing(list, "restore.running"); n == 0 {
		t.Errorf("the embargoes are not listed: %v", list)
	}
	if standing(list, "restore.numbers") != 1 {
		t.Errorf("the series is not listed: %v", list)
	}
	restored, err := Open(t.Context(), load("new"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	restored.store.Work.Clock = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	running := func() (n int) {
		err := restored.store.Work.View(t.Context(), func(ctx context.Context, v unit.View) (err error) {
			n, err = (&embargodb.Store{}).CountRunning(ctx, v, Operator())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := running()
	if err := restored.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := running(); n != before {
		t.Fatalf("%d of %d embargoes ended by themselves", before-n, before)
	}
	if _, err := Resume(t.Context(), restored.store, restored.Services, ResumeGate{Name: gate.Publishing, Disarm: true}); err != nil {
		t.Fatal(err)
	}
	if err := restored.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := running(); n != 0 {
		t.Errorf("%d embargoes run a year after their dates", n)
	}
}

func standing(list []Revival, key string) int {
	n := 0
	for _, r := range list {
		if r.Key == key {
			n += r.Count
		}
	}
	return n
}

// A backup that was made within a rotation of the site key could be restored with neither key,
// and the message named one as if it were the whole truth.
func TestABackupWithinARotationIsRestoredWithBothKeys(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"old": filepath.Join(dir, "old.key"), "new": filepath.Join(dir, "new.key"), "else": filepath.Join(dir, "else.key")}
	keys := map[string]seal.SiteKey{}
	for name, file := range files {
		k, err := seal.LoadOrMake(file)
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = k.Key
	}
	quiet := slog.New(slog.DiscardHandler)
	load := func(folder, key string) config.Config {
		cfg, err := config.Load("", nil, map[string]string{"data": filepath.Join(dir, folder), "site-key-file": files[key], "smtp": ""})
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	store, err := OpenStore(t.Context(), load("site", "old"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	at := seal.At{Table: "x", Row: "y", Column: "z"}
	var sealed []byte
	put := func(ctx context.Context, tx unit.Tx) (err error) {
		sealed, err = store.Seal.Seal(ctx, tx, "case:x", at, []byte("the secret"))
		return err
	}
	if err := store.Work.Do(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	// The rotation has begun and was interrupted: the store knows both keys.
	if _, err := seal.New(t.Context(), store.Work, keys["new"], keys["old"]); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if _, err := Backup(t.Context(), load("site", "old"), &copied, []age.Recipient{id.Recipient()}, nil); err != nil {
		t.Fatal(err)
	}
	restore := func(folder, key string, others ...string) error {
		_, _, err := Restore(t.Context(), load(folder, key), bytes.NewReader(copied.Bytes()), []age.Identity{id}, others...)
		return err
	}
	for fact, c := range map[string]struct {
		key  string
		want string
	}{
		"the old key alone":    {"old", "seal.rotation_key"},
		"the new key alone":    {"new", "seal.rotation_key"},
		"another key of a lot": {"else", "seal.wrong_site_key"},
	} {
		var why *fault.Error
		if err := restore("refused", c.key); !errors.As(err, &why) || why.Key != c.want {
			t.Errorf("%s: %v", fact, err)
		}
	}
	if err := restore("refused", "new", files["old"]); err != nil {
		t.Fatal("both keys, into the store into which nothing was written before:", err)
	}
	back, err := OpenStore(t.Context(), load("refused", "new"), quiet)
	if err != nil {
		t.Fatal("the rotation has ended on the key of the settings:", err)
	}
	defer back.Close()
	err = back.Work.View(t.Context(), func(ctx context.Context, v unit.View) error {
		got, err := back.Seal.Open(ctx, v, at, sealed)
		if string(got) != "the secret" {
			t.Errorf("what was sealed is %q", got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
