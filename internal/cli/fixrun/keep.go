package fixrun

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/git"
	"github.com/tocsin-sec/tocsin/internal/platform/replace"
	"github.com/tocsin-sec/tocsin/kit/branchfix"
	"github.com/tocsin-sec/tocsin/kit/branchfix/kept"
)

// keep is where what was learnt of a repository lies: its commits, and the answers. It is
// a convenience; what is damaged or cannot be read is made anew.
type keep struct {
	path  string // without the ending; empty when there is no such place
	begun int    // commits of the index that was read
}

// maxKept bounds how many files of all repositories are kept.
const maxKept = 128

func newKeep(r *git.Repo) keep {
	cache, err := os.UserCacheDir()
	if err != nil {
		return keep{}
	}
	// A shallow clone that was deepened has other parents and diffs.
	raw, err := json.Marshal([]any{r.Folder(), r.Edges()})
	if err != nil {
		return keep{}
	}
	name := sha256.Sum256(raw)
	return keep{path: filepath.Join(cache, "tocsin", "fix", hex.EncodeToString(name[:12]))}
}

func (k *keep) index() *branchfix.Index {
	if data, err := k.read(".index"); err == nil {
		if x, err := branchfix.ReadIndex(data); err == nil {
			k.begun = x.Len()
			return x
		}
	}
	return branchfix.NewIndex()
}

func (k *keep) answers() *kept.Store {
	if data, err := k.read(".answers"); err == nil {
		if s, err := kept.Read(data); err == nil {
			return s
		}
	}
	return kept.New()
}

func (k *keep) read(ending string) ([]byte, error) {
	if k.path == "" {
		return nil, os.ErrNotExist
	}
	return os.ReadFile(k.path + ending)
}

// save keeps what has grown. Either may be nil.
func (k *keep) save(x *branchfix.Index, s *kept.Store) error {
	var err error
	if x != nil && x.Len() > k.begun {
		err = k.write(".index", x)
	}
	if s != nil && s.Grown() {
		err = errors.Join(err, k.write(".answers", s))
	}
	return err
}

// write puts a file in place of the old one.
func (k *keep) write(ending string, content io.WriterTo) error {
	if k.path == "" {
		return nil
	}
	dir := filepath.Dir(k.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := replace.File(k.path+ending, content); err != nil {
		return err
	}
	return k.prune(dir)
}

// prune removes what was written longest ago, and what a run that was ended left.
func (k *keep) prune(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil || len(list) <= maxKept {
		return err
	}
	type file struct {
		name string
		at   time.Time
	}
	var files []file
	for _, e := range list {
		if info, err := e.Info(); err == nil {
			files = append(files, file{filepath.Join(dir, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	for _, f := range files[:max(0, len(files)-maxKept)] {
		if e := os.Remove(f.name); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
