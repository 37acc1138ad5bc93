package replace_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/platform/replace"
)

type half struct{}

var errHalf = errors.New("the second half is missing")

func (half) WriteTo(w io.Writer) (int64, error) {
	n, _ := w.Write([]byte("first half"))
	return int64(n), errHalf
}

func TestAFileIsTheOldOneOrTheNewOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "index")
	want := func(text string) {
		t.Helper()
		raw, err := os.ReadFile(path)
		if err != nil || string(raw) != text {
			t.Errorf("the file is %q, %v; want %q", raw, err, text)
		}
		if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
			t.Errorf("beside it lies %v, %v", list, err)
		}
	}
	for _, text := range []string{"old", "new"} {
		if err := replace.File(path, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		want(text)
	}
	if err := replace.File(path, half{}); !errors.Is(err, errHalf) {
		t.Errorf("a write that fails: %v", err)
	}
	want("new")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if err := replace.File(filepath.Join(dir, "nowhere", "index"), strings.NewReader("x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
