package pubtree

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"time"
)

// Member is a document's record in the project's OSV source, compressed once: all.zip
// is put together without compressing anything again.
type Member struct {
	ID       string // "" for a document without one
	Modified time.Time
	Deflated []byte
	CRC      uint32
	Size     int
}

// deflaters are compressors to use again: making one takes longer than a record does.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.DefaultCompression)
	if err != nil {
		panic(err) // only for a level that there is not
	}
	return w
}}

// NewMember compresses an OSV record.
func NewMember(id string, modified time.Time, raw []byte) (Member, error) {
	var b bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	if _, err := w.Write(raw); err != nil {
		return Member{}, err
	}
	if err := w.Close(); err != nil {
		return Member{}, err
	}
	return Member{ID: id, Modified: modified, Deflated: b.Bytes(), CRC: crc32.ChecksumIEEE(raw), Size: len(raw)}, nil
}

// osvFile names the lists of an OSV source, as osv.dev's documentation of data sources
// asks: all.json for the REST kind, modified_id.csv and all.zip as its bucket has them.
func osvFile(k Kind) string {
	return map[Kind]string{OSVAll: "all.json", OSVChanges: "modified_id.csv", OSVZip: "all.zip"}[k]
}

func assembleOSV(k Kind, lines []Line) ([]byte, error) {
	if k == OSVZip {
		return assembleZip(lines)
	}
	var b bytes.Buffer
	if k == OSVAll {
		b.WriteString("[")
	}
	for i, l := range lines {
		at := l.Member.Modified.UTC().Format(time.RFC3339)
		if k == OSVChanges {
			fmt.Fprintf(&b, "%s,%s\n", at, l.Member.ID)
			continue
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n{\"id\":%s,\"modified\":%s}", jsonLine(l.Member.ID), jsonLine(at))
	}
	if k == OSVAll {
		b.WriteString("\n]\n")
	}
	return b.Bytes(), nil
}

func assembleZip(lines []Line) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, l := range lines {
		date, clock := dos(l.Member.Modified)
		// CreateRaw writes the two old fields as they are and does not look at Modified.
		//lint:ignore SA1019 see above
		h := &zip.FileHeader{Name: l.Member.ID + ".json", Method: zip.Deflate, ModifiedDate: date, ModifiedTime: clock, CRC32: l.Member.CRC,
			CompressedSize64: uint64(len(l.Member.Deflated)), UncompressedSize64: uint64(l.Member.Size)}
		to, err := w.CreateRaw(h)
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(l.Member.Deflated); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// dos is a time as ZIP files have it: two bytes each, in steps of two seconds.
func dos(t time.Time) (date, clock uint16) {
	t = t.UTC()
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9), uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

// Safe reports whether an id can be the name of a file.
func Safe(id string) bool {
	return id != "" && len(id) <= 200 && id[0] != '.' && !strings.ContainsFunc(id, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-", r)
	})
}
