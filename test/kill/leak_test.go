package kill

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/git/gittest"
	"github.com/tocsin-sec/tocsin/internal/server"
)

const hiddenInPatch = "CanaryThatNobodyMaySee"

// secretSeries is a mailbox of two patches: the lines of the first one have no canary, so
// that they can become public alone.
func secretSeries(t *testing.T, r *gittest.Repo) []byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "private")
	r.Git("clone", "-q", r.Dir, dir)
	clone := *r
	clone.Dir = dir
	clone.Edit("lamp.c", "\treturn n;\n", "\tif (n < 0)\n\t\treturn -1;\n\tif (n > 99)\n\t\treturn -2;\n\treturn n;\n")
	clone.Commit("lamp: " + hiddenInPatch + "\n\n" + hiddenInPatch + " is how it was found, by looking into the dark.")
	clone.Write("wick.c", "int "+hiddenInPatch+"(int n)\n{\n\treturn n / 2;\n}\n")
	clone.Commit("wick: " + hiddenInPatch)
	return []byte(clone.Git("format-patch", "--stdout", "-2") + "\n")
}

// watched is what the API says of a case's patches.
type watched struct {
	Watches []struct {
		Version int64      `json:"version"`
		Looked  *time.Time `json:"looked"`
		Problem string     `json:"problem"`
		Leaks   []struct {
			Commit string `json:"commit"`
			Ask    bool   `json:"ask"`
		} `json:"leaks"`
	} `json:"watches"`
}

// TestASecretPatchIsFoundNowhereInTheClear gives the patches of a hidden case to the shipped
// program, lets one become public, and looks for the other, and for what was said of both,
// wherever the program writes.
func TestASecretPatchIsFoundNowhereInTheClear(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Write("lamp.c", "int lamp(int n)\n{\n\treturn n;\n}\n")
	r.Commit("lamp: light")
	series := secretSeries(t, r)
	w := newWorld(t, shipped(t), "", 1)
	tmp := t.TempDir()
	o := &w.nodes[0].options
	o.Flags = append(o.Flags, "--git-protocols", "file", "--git-folders", filepath.Dir(r.Dir))
	o.Env = append(o.Env, "TMPDIR="+tmp)
	w.start()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var product, opened struct {
		ID string `json:"id"`
	}
	must(w.call("POST", "/api/products", map[string]any{"project": w.project, "name": "lanternd", "repository": "file://" + r.Dir}, &product))
	must(w.call("POST", "/api/cases", map[string]any{"project": w.project, "title": "A lamp too bright", "reason": "Found in review.", "text": "x"}, &opened))
	path := "/api/cases/" + opened.ID + "/fixes/patches"
	must(w.call("PUT", path, map[string]any{"product": product.ID, "patches": []map[string]any{{"name": "0001.patch", "text": series}}}, nil))
	var got watched
	until := func(what string, done func() bool) {
		t.Helper()
		w.until(what, time.Minute, func() string {
			must(w.call("GET", path, nil, &got))
			if len(got.Watches) == 1 && got.Watches[0].Problem == "" && done() {
				return ""
			}
			return fmt.Sprintf("%+v", got)
		})
	}
	until("the first look", func() bool { return got.Watches[0].Looked != nil })
	if n := len(got.Watches[0].Leaks); n != 0 {
		t.Fatalf("%d leaks before there is one", n)
	}
	r.Edit("lamp.c", "\treturn n;\n", "\tif (n < 0)\n\t\treturn -1;\n\tif (n > 99)\n\t\treturn -2;\n\treturn n;\n")
	public := r.Commit("Some work")
	must(w.call("POST", "/api/products/"+product.ID+"/mirror", map[string]any{}, nil))
	until("the leak", func() bool { return len(got.Watches[0].Leaks) > 0 })
	if l := got.Watches[0].Leaks; len(l) != 1 || l[0].Commit != string(public) || l[0].Ask {
		t.Errorf("%+v", l)
	}
	w.notInTheClear(tmp)
	w.stop()
	w.notInTheClear(tmp)
	if list, err := os.ReadDir(tmp); err != nil || len(list) > 0 {
		t.Errorf("left behind for a time: %v, %v", list, err)
	}
	look(t, "the backup", w.plainBackup())
}

// look fails when the canary is in the text, or in it as Base64.
func look(t *testing.T, where string, raw []byte) {
	t.Helper()
	for skip := range 3 {
		word := []byte(hiddenInPatch)[skip:]
		coded := base64.StdEncoding.EncodeToString(word[:len(word)/3*3])
		if bytes.Contains(raw, []byte(coded)) {
			t.Errorf("%s has the canary in Base64", where)
		}
	}
	if bytes.Contains(raw, []byte(hiddenInPatch)) {
		t.Errorf("%s has the canary", where)
	}
}

// notInTheClear looks into every file that the program writes, the mails that it sends and
// what it says; in the mirror into every object, unpacked.
func (w *world) notInTheClear(tmp string) {
	w.t.Helper()
	files, mirrors := 0, 0
	for _, dir := range []string{filepath.Join(w.dir, "data"), w.sink, tmp} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // it may go away meanwhile
			}
			if d.IsDir() {
				if strings.HasSuffix(path, "repository.git") {
					mirrors++
					look(w.t, path, objects(w.t, path))
				}
				return nil
			}
			files++
			raw, err := os.ReadFile(path)
			if err == nil {
				look(w.t, path, raw)
			}
			return nil
		})
		if err != nil {
			w.t.Error(err)
		}
	}
	if files == 0 || mirrors != 1 {
		w.t.Errorf("%d files and %d mirrors were looked at", files, mirrors)
	}
	look(w.t, "the log", []byte(w.nodes[0].server().Output()))
}

// objects are those of a repository, unpacked.
func objects(t *testing.T, dir string) []byte {
	t.Helper()
	r := gittest.New(t)
	r.Dir = dir
	return []byte(r.Git("cat-file", "--batch-all-objects", "--batch"))
}

// plainBackup is what a backup holds within its encryption.
func (w *world) plainBackup() []byte {
	w.t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		w.t.Fatal(err)
	}
	cfg, err := config.Load("", nil, w.settings)
	if err != nil {
		w.t.Fatal(err)
	}
	var copied bytes.Buffer
	if _, err := server.Backup(w.t.Context(), cfg, &copied, []age.Recipient{id.Recipient()}, func(string, int64) {}); err != nil {
		w.t.Fatal(err)
	}
	opened, err := age.Decrypt(&copied, id)
	if err != nil {
		w.t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(opened)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := io.ReadAll(unpacked)
	if err != nil || !bytes.Contains(raw, []byte("remedy_leak")) {
		w.t.Fatalf("the backup has no patches: %v", err)
	}
	return raw
}
