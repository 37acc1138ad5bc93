package casework

import (
	"context"
	"io"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
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
	return File{Case: id, Blob: blob, Size: size, Name: typed.FileName(name), Type: typed.Cut(contentType, 100)}, nil
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
			one := []Item{i}
			if err := s.forBearer(ctx, tx, sc, f.Case, one); err != nil {
				return err
			}
			if i.Content.Cipher || one[0].Closed {
				return fault.Missing() // what came or went encrypted is not behind a link
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
