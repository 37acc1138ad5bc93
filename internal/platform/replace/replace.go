// Package replace writes a file in place of an older one, so that whoever reads it finds one
// of the two, whole. It is for what can be made again: nothing waits for the disk, so after
// a power cut the file may be damaged, and its reader has to see that.
package replace

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// File writes the content beside the path, for its owner alone, and puts it there. On a
// failure the old file stays and nothing is left beside it.
func File(path string, content io.WriterTo) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = content.WriteTo(f)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
