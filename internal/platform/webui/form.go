package webui

import (
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// memory of a multipart form; larger files go to temporary files that net/http
// removes with the request.
const formMemory = 256 << 10

// Form returns what the form sent (not the address's parameters). It is empty
// when the body cannot be read or is too large; FormErr says so, and RenderForm
// and the getters that report problems include it.
func (c *Ctx) Form() url.Values {
	if !c.parsed {
		c.parsed = true
		c.formErr = c.parseForm()
	}
	if c.formErr != nil {
		return url.Values{}
	}
	if c.R.MultipartForm != nil {
		return url.Values(c.R.MultipartForm.Value)
	}
	return c.R.PostForm
}

// FormErr returns fault.TooLarge or fault.Invalid when the form could not be read.
func (c *Ctx) FormErr() error {
	c.Form()
	return c.formErr
}

func (c *Ctx) parseForm() error {
	var err error
	if strings.HasPrefix(c.R.Header.Get("Content-Type"), "multipart/form-data") {
		err = c.R.ParseMultipartForm(formMemory)
	} else {
		err = c.R.ParseForm()
	}
	if err == nil {
		return nil
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return fault.New(fault.TooLarge, "fault.too_large").Because(err)
	}
	return fault.New(fault.Invalid, "fault.malformed").Because(err)
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
	Size int64
	file *multipart.FileHeader
}

// Open opens the upload for reading.
func (u Upload) Open() (multipart.File, error) { return u.file.Open() }

// File returns the first file of a field, or false.
func (c *Ctx) File(name string) (Upload, bool) {
	if all := c.Files(name); len(all) > 0 {
		return all[0], true
	}
	return Upload{}, false
}

// Files returns all files of a field; the empty choice of a browser counts as none.
func (c *Ctx) Files(name string) []Upload {
	c.Form()
	if c.R.MultipartForm == nil {
		return nil
	}
	var out []Upload
	for _, f := range c.R.MultipartForm.File[name] {
		if f.Filename == "" && f.Size == 0 {
			continue
		}
		out = append(out, Upload{Name: cleanName(f.Filename), Type: f.Header.Get("Content-Type"), Size: f.Size, file: f})
	}
	return out
}
