package casework

import (
	"context"
	"io"
	"strings"
	"unicode"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// MaxFile bounds one file of a case, in bytes.
const MaxFile = 50 << 20

// Upload stores the bytes of a file for a message that is not written yet. Until
// PostMessage names them they belong to nothing and are removed after a day. Who may
// write to the case may upload; for others it does not exist. Too large a file
// is fault.TooLarge.
func (s *Service) Upload(ctx context.Context, sc people.Scope, id CaseID, name, contentType string, r io.Reader) (File, error) {
	err := s.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		_, role, err := s.Get(ctx, v, sc, id)
		if err == nil && (role == people.Observer || !sc.MayWrite()) {
			err = fault.New(fault.Denied, "casework.fault.denied")
		}
		return err
	})
	if err != nil {
		return File{}, err
	}
	blob, size, err := s.Bytes.Write(ctx, id.Confidence(), r, MaxFile)
	if err != nil {
		return File{}, err
	}
	return File{Case: id, Blob: blob, Size: size, Name: fileName(name), Type: cut(contentType, 100)}, nil
}

// Download opens a file whose item the scope may see. The access is recorded
// before the first byte leaves: one entry in the ledger for each copy.
func (s *Service) Download(ctx context.Context, sc people.Scope, id FileID) (File, io.ReadSeekCloser, error) {
	var f File
	err := s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) (err error) {
		if f, err = s.Files.File(ctx, tx, sc, id); err != nil {
			return err
		}
		if _, ok := sc.Bearer(); ok {
			i, err := s.Items.Item(ctx, tx, sc, f.Item)
			if err != nil {
				return err
			}
			if i.Content.Cipher {
				return fault.Missing() // what came encrypted is not behind a link
			}
		}
		tx.Record(Case{ID: f.Case}.entry(sc, "casework.ledger.file_read", map[string]string{"file": string(f.ID), "item": string(f.Item)}))
		return nil
	})
	if err != nil {
		return File{}, nil, err
	}
	r, err := s.Bytes.Open(ctx, f.Blob)
	return f, r, err
}

// FilesOf lists the files that the scope may see.
func (s *Service) FilesOf(ctx context.Context, v unit.View, sc people.Scope, id CaseID) ([]File, error) {
	return s.Files.Files(ctx, v, sc, id)
}

// fileName keeps the last part of a foreign file name without what could hide its
// end or leave its folder.
func fileName(s string) string {
	s = strings.ToValidUTF8(s[strings.LastIndexAny(s, `/\`)+1:], "")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 150 {
		s = string(r[len(r)-150:])
	}
	if strings.Trim(s, ". ") == "" {
		return "file"
	}
	return s
}
