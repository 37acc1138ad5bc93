package webui

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// maxParts is how many parts a multipart form may have, files and fields.
const maxParts = 1000

// Form returns what the form sent (not the address's parameters). It is empty
// when the body cannot be read or is too large; FormErr says so.
func (c *Ctx) Form() url.Values {
	if !c.parsed {
		c.parse(nil)
	}
	if c.formErr != nil {
		return url.Values{}
	}
	return c.form
}

// FormErr returns fault.TooLarge or fault.Invalid when the form could not be read.
func (c *Ctx) FormErr() error {
	c.Form()
	return c.formErr
}

// Stream reads the form and hands each file to f as it arrives, so that a large
// one is never held in memory; Form has the fields afterwards, Files is empty. It
// must be called before anything else reads the form. What f returns ends the
// reading and is returned.
func (c *Ctx) Stream(f func(field string, u Upload, r io.Reader) error) error {
	if c.parsed {
		return errors.New("webui: Stream after the form was read")
	}
	c.parse(f)
	return c.formErr
}

func (c *Ctx) parse(file func(string, Upload, io.Reader) error) {
	c.parsed = true
	c.form, c.files = url.Values{}, map[string][]Upload{}
	var err error
	if t, _, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type")); t == "multipart/form-data" {
		err = c.parseParts(file)
	} else if err = c.R.ParseForm(); err == nil {
		c.form = c.R.PostForm
	}
	c.formErr = formFault(err)
}

func formFault(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return fault.New(fault.TooLarge, "fault.too_large").Because(err)
	}
	return fault.New(fault.Invalid, "fault.malformed").Because(err)
}

// parseParts reads a multipart form part by part. net/http's own reader would put
// large files into temporary files, where they would lie unsealed.
func (c *Ctx) parseParts(file func(string, Upload, io.Reader) error) error {
	reader, err := c.R.MultipartReader()
	if err != nil {
		return err
	}
	for range maxParts {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.part(part, file); err != nil {
			return err
		}
	}
	return fault.New(fault.TooLarge, "fault.too_large")
}

func (c *Ctx) part(part *multipart.Part, file func(string, Upload, io.Reader) error) error {
	name := part.FormName()
	if part.FileName() == "" {
		raw, err := io.ReadAll(part) // bounded by the route's MaxBody
		if err == nil && part.Header.Get("Content-Type") != "application/octet-stream" {
			c.form.Add(name, string(raw)) // an octet stream without a name is an empty choice of files
		}
		return err
	}
	u := Upload{Name: cleanName(part.FileName()), Type: part.Header.Get("Content-Type")}
	if file != nil {
		return file(name, u, part)
	}
	raw, err := io.ReadAll(part)
	u.raw, u.Size = raw, int64(len(raw))
	c.files[name] = append(c.files[name], u)
	return err
}

// Value returns a field of the form without surrounding space, with line ends as \n.
func (c *Ctx) Value(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(c.Form().Get(name), "\r\n", "\n"))
}

// Checked reports whether a check box was ticked.
func (c *Ctx) Checked(name string) bool { return c.Form().Get(name) != "" }

// Int reads a whole number; an empty field is 0. What is no number is noted in checks.
func (c *Ctx) Int(checks *fault.Checks, name string) int {
	v := c.Value(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	checks.Require(err == nil, name, "fault.field.number")
	return n
}

// Time reads a date and an hour in the reader's zone, as the when field sends
// it; an empty field is the zero time. What is no time is noted in checks.
func (c *Ctx) Time(checks *fault.Checks, name string) time.Time {
	v := c.Value(name)
	if v == "" {
		return time.Time{}
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, v, c.printer.Zone()); err == nil {
			return t.UTC()
		}
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t.UTC()
	}
	checks.Add(name, "fault.field.time")
	return time.Time{}
}

// Upload is a file that came with a form.
type Upload struct {
	Name string // cleaned of folders and control characters
	Type string // as the browser said; not to be trusted
	Size int64  // 0 in Stream, which does not know it yet
	raw  []byte
}

// Open opens the upload for reading. It never fails; inside of Stream it is empty.
func (u Upload) Open() (multipart.File, error) { return upload{bytes.NewReader(u.raw)}, nil }

type upload struct{ *bytes.Reader }

// Close does nothing: the upload lives as long as the request.
func (upload) Close() error { return nil }

// File returns the first file of a field, or false.
func (c *Ctx) File(name string) (Upload, bool) {
	if all := c.Files(name); len(all) > 0 {
		return all[0], true
	}
	return Upload{}, false
}

// Files returns all files of a field. They are held in memory, within the route's
// MaxBody; see Stream for large ones.
func (c *Ctx) Files(name string) []Upload {
	if c.Form(); c.formErr != nil {
		return nil
	}
	return c.files[name]
}
