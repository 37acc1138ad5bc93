package checkrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Document is one thing to check.
type Document struct {
	Name  string // as people name it: a path, an URL, "all.zip/ID.json", "-"
	Found bool   // it was found in a folder, an archive or a list, not named
	Read  func(ctx context.Context) ([]byte, error)
}

// Source finds documents.
type Source struct {
	In       io.Reader    // "-"
	MaxBytes int64        // of one document
	Named    *http.Client // for URLs that the user gave
	Listed   *http.Client // for URLs that a provider lists, when they are on another host
	Follow   bool         // check what a named provider-metadata.json lists
}

// maxListed bounds the documents that one provider may list.
const maxListed = 100_000

// Each calls yield for every document of the arguments, in their order and that of
// names within folders. What cannot be looked into is a Document whose Read fails, so
// that the others are checked all the same; Each itself ends early only when yield does.
func (s *Source) Each(ctx context.Context, args []string, yield func(Document) bool) {
	for _, arg := range args {
		if !s.one(ctx, arg, yield) {
			return
		}
	}
}

func (s *Source) one(ctx context.Context, arg string, yield func(Document) bool) bool {
	if arg == "-" {
		return yield(Document{Name: "-", Read: func(context.Context) ([]byte, error) { return s.limited(s.In) }})
	}
	if isURL(arg) {
		return s.web(ctx, arg, yield)
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		return yield(failed(arg, plainError(err)))
	case info.IsDir():
		return s.folder(arg, yield)
	case !info.Mode().IsRegular():
		return yield(s.file(arg))
	}
	f, err := os.Open(arg)
	if err != nil {
		return yield(failed(arg, plainError(err)))
	}
	// The file stays open until it is read, for to open it again costs as much as to read
	// it. Run.Each holds few documents at a time.
	if isZIP(f) {
		f.Close()
		return s.archive(arg, yield)
	}
	return yield(Document{Name: arg, Read: func(context.Context) ([]byte, error) {
		defer f.Close()
		return s.sized(f, info.Size())
	}})
}

// failed is a document that cannot be read.
func failed(name string, err error) Document {
	return Document{Name: name, Read: func(context.Context) ([]byte, error) { return nil, err }}
}

func (s *Source) file(path string) Document {
	return Document{Name: path, Read: func(context.Context) ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, plainError(err)
		}
		defer f.Close()
		size := int64(0)
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		return s.sized(f, size)
	}}
}

// sized is limited for what has a known size, which saves growing.
func (s *Source) sized(r io.Reader, size int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, min(size, s.MaxBytes)+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(r, s.MaxBytes+1)); err != nil {
		return nil, fmt.Errorf("read: %w", plainError(err))
	}
	return b.Bytes(), nil
}

// limited reads one byte more than a document may have, so that the reader says that it
// is too large.
func (s *Source) limited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, s.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w", plainError(err))
	}
	return data, nil
}

// folder finds the JSON files below a folder: regular ones and links to such. Links to
// folders are not followed, and .git is left out.
func (s *Source) folder(root string, yield func(Document) bool) bool {
	found, goOn := 0, true
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			goOn = yield(failed(path, plainError(err)))
			if d != nil && d.IsDir() {
				err = fs.SkipDir
			} else {
				err = nil
			}
			if !goOn {
				return fs.SkipAll
			}
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" && path != root {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.EqualFold(filepath.Ext(path), ".json") || !regular(path, d) {
			return nil
		}
		found++
		doc := s.file(path)
		doc.Found = true
		if goOn = yield(doc); !goOn {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil && goOn {
		return yield(failed(root, plainError(err)))
	}
	if found == 0 && goOn {
		return yield(failed(root, errors.New("no file below this folder ends in .json")))
	}
	return goOn
}

func regular(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular() // a broken link is told when it is read
}

// plainError is the reason without the path, which stands before it anyway.
func plainError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func isURL(arg string) bool {
	u, err := url.Parse(arg)
	return err == nil && slices.Contains([]string{"http", "https"}, u.Scheme) && u.Host != ""
}
