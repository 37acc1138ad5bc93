package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

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
