package checkrun

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
)

// The bounds of an archive: OSV's largest all.zip has some 300,000 records and unpacks
// to less than 2 GiB.
const (
	maxEntries  = 2_000_000
	maxUnpacked = 16 << 30
)

// isZIP reports whether a file begins as a ZIP archive does.
func isZIP(f *os.File) bool {
	head := make([]byte, 4)
	_, err := f.ReadAt(head, 0)
	return err == nil && beginsZIP(head)
}

func beginsZIP(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06"))
}

// archive reads a ZIP file as a folder of JSON files. The file stays open until the
// program ends: its documents are read later.
func (s *Source) archive(path string, yield func(Document) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		return yield(failed(path, plainError(err)))
	}
	info, err := f.Stat()
	if err != nil {
		return yield(failed(path, plainError(err)))
	}
	return s.entries(path, f, info.Size(), yield)
}

func (s *Source) entries(name string, from io.ReaderAt, size int64, yield func(Document) bool) bool {
	z, err := zip.NewReader(from, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is written anywhere
		return yield(failed(name, fmt.Errorf("no ZIP archive that can be read: %w", err)))
	}
	if len(z.File) > maxEntries {
		return yield(failed(name, fmt.Errorf("an archive of more than %d files", maxEntries)))
	}
	found := 0
	unpacked := new(atomic.Int64)
	for _, f := range z.File {
		if f.FileInfo().IsDir() || !strings.HasSuffix(strings.ToLower(f.Name), ".json") {
			continue
		}
		found++
		if !yield(Document{Name: name + "/" + f.Name, Found: true, Read: func(context.Context) ([]byte, error) {
			if unpacked.Load() > maxUnpacked {
				return nil, fmt.Errorf("the archive unpacks to more than %d GiB", maxUnpacked>>30)
			}
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			defer r.Close()
			data, err := s.sized(r, int64(min(f.UncompressedSize64, 1<<20))) // the archive may lie about it
			unpacked.Add(int64(len(data)))
			return data, err
		}}) {
			return false
		}
	}
	if found == 0 {
		return yield(failed(name, errors.New("no file in this archive ends in .json")))
	}
	return true
}
