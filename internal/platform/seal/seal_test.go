package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

func at() seal.At { return seal.At{Table: "t", Row: "r", Column: "c"} }

func put(t testing.TB, e *sqldbtest.Env, confidence, plain string) (sealed []byte) {
	t.Helper()
	e.Do(t, func(ctx context.Context, tx unit.Tx) (err error) {
		sealed, err = e.Seal.Seal(ctx, tx, confidence, at(), []byte(plain))
		return err
	})
	return sealed
}

func open(e *sqldbtest.Env, a seal.At, sealed []byte) (plain []byte, err error) {
	err = e.Work.View(context.Background(), func(ctx context.Context, v unit.View) (err error) {
		plain, err = e.Seal.Open(ctx, v, a, sealed)
		return err
	})
	return plain, err
}

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
}

func TestASealedValueOpensInItsPlaceOnly(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		sealed := put(t, e, "case:1", "the flaw")
		if bytes.Contains(sealed, []byte("flaw")) || len(sealed) != len("the flaw")+seal.Overhead {
			t.Errorf("sealed %q", sealed)
		}
		if plain, err := open(e, at(), sealed); string(plain) != "the flaw" || err != nil {
			t.Errorf("%q %v", plain, err)
		}
		for _, a := range []seal.At{{Table: "t", Row: "r", Column: "d"}, {Table: "t", Row: "s", Column: "c"},
			{Table: "u", Row: "r", Column: "c"}, {Table: "tr", Row: "", Column: "c"}} {
			_, err := open(e, a, sealed)
			wantKey(t, err, "seal.damaged")
		}
		for i := range sealed {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1
			if _, err := open(e, at(), changed); err == nil {
				t.Errorf("byte %d may change", i)
			}
		}
		for n := range sealed {
			if _, err := open(e, at(), sealed[:n]); err == nil {
				t.Errorf("%d bytes suffice", n)
			}
		}
	})
}

func TestAKeyOfAnUndoneTransactionIsNotUsedAgain(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		_ = e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			sealed, err := e.Seal.Seal(ctx, tx, "case:1", at(), []byte("x"))
			if err != nil {
				t.Error(err)
			}
			if _, err := e.Seal.Open(ctx, tx, at(), sealed); err != nil {
				t.Errorf("within its transaction: %v", err)
			}
			return errors.New("undone")
		})
		sealed := put(t, e, "case:1", "y")
		other := e.Second(t) // has nothing in memory
		if plain, err := open(other, at(), sealed); string(plain) != "y" || err != nil {
			t.Errorf("%q %v", plain, err)
		}
	})
}

func TestTwoTransactionsMakeOneKey(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := e.Work.Do(context.Background(), func(ctx context.Context, tx unit.Tx) error {
					_, err := e.Seal.Seal(ctx, tx, fmt.Sprintf("case:%d", i%2), at(), nil)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		e.View(t, func(ctx context.Context, v unit.View) error {
			n, err := sqldb.One(ctx, v, sqldb.Value[int], `select count(*) from seal_key where confidence like 'case:%'`)
			if n != 2 {
				t.Errorf("%d keys", n)
			}
			return err
		})
	})
}

func TestADestroyedKeyIsGone(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		gone, kept := put(t, e, "case:1", "x"), put(t, e, "case:2", "y")
		_ = e.Work.Do(t.Context(), func(ctx context.Context, tx unit.Tx) error {
			return errors.Join(e.Seal.Destroy(ctx, tx, "case:1"), errors.New("undone"))
		})
		if _, err := open(e, at(), gone); err != nil {
			t.Errorf("an undone Destroy destroyed: %v", err)
		}
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return e.Seal.Destroy(ctx, tx, "case:1") })
		_, err := open(e, at(), gone)
		wantKey(t, err, "seal.destroyed")
		if _, err := open(e, at(), kept); err != nil {
			t.Error(err)
		}
		if _, err := open(e, at(), put(t, e, "case:1", "new")); err != nil {
			t.Errorf("a new key for the same confidence: %v", err)
		}
	})
}

func TestAWrongSiteKeyIsSaidPlainly(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		wrong := seal.NewSiteKey()
		_, err := seal.New(t.Context(), e.Work, wrong)
		wantKey(t, err, "seal.wrong_site_key")
		if !strings.Contains(err.Error(), wrong.ID()) || !strings.Contains(err.Error(), e.Site.ID()) {
			t.Errorf("the ids are not named: %v", err)
		}
	})
}

func TestRotationOfTheSiteKey(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		var sealed [][]byte
		for i := range 450 { // more than two batches
			sealed = append(sealed, put(t, e, fmt.Sprintf("case:%d", i), fmt.Sprint(i)))
		}
		mac := e.Seal.MAC("address", "a@example.org")
		next := seal.NewSiteKey()
		s, err := seal.New(t.Context(), e.Work, next, e.Site)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := s.Rewrap(t.Context())
		if err != nil || moved != 451 { // and the root of the MACs
			t.Fatalf("moved %d: %v", moved, err)
		}
		if _, err := seal.New(t.Context(), e.Work, e.Site); err == nil {
			t.Error("the old key still opens")
		}
		alone, err := seal.New(t.Context(), e.Work, next)
		if err != nil {
			t.Fatal(err)
		}
		if alone.MAC("address", "a@example.org") != mac {
			t.Error("the MACs changed")
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			for i, b := range sealed {
				if plain, err := alone.Open(ctx, v, at(), b); string(plain) != fmt.Sprint(i) || err != nil {
					t.Fatalf("%d: %q %v", i, plain, err)
				}
			}
			return nil
		})
	})
}

func TestMACsDifferByPurposeAndSite(t *testing.T) {
	a, b := sqldbtest.SQLite(t, nil), sqldbtest.SQLite(t, nil)
	seen := map[string]string{}
	for name, mac := range map[string]string{"address": a.Seal.MAC("address", "x"), "token": a.Seal.MAC("token", "x"),
		"another value": a.Seal.MAC("token", "y"), "another site": b.Seal.MAC("address", "x")} {
		if len(mac) != 64 || seen[mac] != "" {
			t.Errorf("%s: %s as for %s", name, mac, seen[mac])
		}
		seen[mac] = name
	}
	if a.Seal.MAC("address", "x") != a.Second(t).Seal.MAC("address", "x") {
		t.Error("the same differs on a second server")
	}
}

func TestTheRingRotates(t *testing.T) {
	sqldbtest.Each(t, nil, func(t *testing.T, e *sqldbtest.Env) {
		expires := e.Clock.Now().AddDate(1, 0, 0)
		for _, secret := range []string{"one", "two"} {
			e.Do(t, func(ctx context.Context, tx unit.Tx) error {
				_, err := e.Ring.Put(ctx, tx, "signing", "p1", []byte(secret), expires)
				return err
			})
		}
		e.View(t, func(ctx context.Context, v unit.View) error {
			k, err := e.Ring.Current(ctx, v, "signing", "p1")
			if err != nil || string(k.Secret) != "two" || !k.Expires.Equal(expires) || !k.Retired.IsZero() {
				t.Errorf("%v %v", k, err)
			}
			if text := fmt.Sprintf("%v %+v %#v", k, k, k); strings.Contains(text, "two") || strings.Contains(text, "116") {
				t.Errorf("the key prints: %s", text)
			}
			all, err := e.Ring.All(ctx, v, "signing", "p1")
			if err != nil || len(all) != 2 || string(all[1].Secret) != "one" || all[1].Retired.IsZero() {
				t.Errorf("%v %v", all, err)
			}
			if _, err := e.Ring.Current(ctx, v, "signing", "p2"); !fault.Is(err, fault.NotFound) {
				t.Errorf("another owner: %v", err)
			}
			return nil
		})
		e.Do(t, func(ctx context.Context, tx unit.Tx) error { return e.Ring.Retire(ctx, tx, "signing", "p1") })
		e.View(t, func(ctx context.Context, v unit.View) error {
			if _, err := e.Ring.Current(ctx, v, "signing", "p1"); !fault.Is(err, fault.NotFound) {
				t.Errorf("after Retire: %v", err)
			}
			return nil
		})
	})
}

func TestSourcesOfTheSiteKey(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	key := seal.NewSiteKey()
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, []byte(key.Text()), 0o400); err != nil {
		t.Fatal(err)
	}
	t.Run("a file", func(t *testing.T) {
		l, err := seal.LoadSiteKey(ctx, seal.Source{File: file, Command: "exit 1"})
		if err != nil || l.Key.ID() != key.ID() || len(l.Warnings) != 0 {
			t.Errorf("%+v %v", l, err)
		}
	})
	t.Run("a file that all may read is warned of", func(t *testing.T) {
		open := filepath.Join(dir, "open")
		if err := os.WriteFile(open, []byte(key.Text()), 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := seal.LoadSiteKey(ctx, seal.Source{File: open})
		if err != nil || len(l.Warnings) != 1 || l.Warnings[0] != "seal.key_readable" {
			t.Errorf("%+v %v", l, err)
		}
	})
	t.Run("a command", func(t *testing.T) {
		l, err := seal.LoadSiteKey(ctx, seal.Source{Command: "cat '" + file + "'"})
		if err != nil || l.Key.ID() != key.ID() || l.From != "command" {
			t.Errorf("%+v %v", l, err)
		}
		_, err = seal.LoadSiteKey(ctx, seal.Source{Command: "echo hush; exit 3"})
		wantKey(t, err, "seal.site_key_command")
		_, err = seal.LoadSiteKey(ctx, seal.Source{Command: "yes hush"})
		wantKey(t, err, "seal.site_key_command")
		_, err = seal.LoadSiteKey(ctx, seal.Source{Command: "echo hush"})
		wantKey(t, err, "seal.bad_site_key")
		if strings.Contains(err.Error(), "hush") {
			t.Error("the output is in the fault")
		}
	})
	t.Run("the user's folder, made once, warned of each time", func(t *testing.T) {
		home := filepath.Join(dir, "home")
		_, err := seal.LoadSiteKey(ctx, seal.Source{Home: home})
		wantKey(t, err, "seal.site_key_file")
		first, err := seal.LoadSiteKey(ctx, seal.Source{Home: home, Make: true})
		if err != nil || !first.Made || len(first.Warnings) != 1 {
			t.Fatalf("%+v %v", first, err)
		}
		info, err := os.Stat(filepath.Join(home, "tocsin", "site.key"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		again, err := seal.LoadSiteKey(ctx, seal.Source{Home: home, Make: true})
		if err != nil || again.Made || again.Key.ID() != first.Key.ID() || len(again.Warnings) != 1 {
			t.Errorf("%+v %v", again, err)
		}
	})
	t.Run("none", func(t *testing.T) {
		_, err := seal.LoadSiteKey(ctx, seal.Source{})
		wantKey(t, err, "seal.no_site_key")
	})
	t.Run("a key does not print", func(t *testing.T) {
		if text := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(text, strings.TrimSpace(key.Text())) {
			t.Error(text)
		}
	})
}

func FuzzParseSiteKey(f *testing.F) {
	f.Add(seal.NewSiteKey().Text())
	f.Add(strings.Repeat("a0", 32) + "\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := seal.ParseSiteKey(text)
		if err != nil {
			return
		}
		again, err := seal.ParseSiteKey(k.Text())
		if err != nil || again.ID() != k.ID() {
			t.Errorf("%q is not read again: %v", text, err)
		}
	})
}
