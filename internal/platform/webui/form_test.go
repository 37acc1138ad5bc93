package webui

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

func memFS(body string) fs.FS { return fstest.MapFS{"page.html": {Data: []byte(body)}} }

// send posts a multipart form to a handler and returns the status.
func send(t *testing.T, body io.Reader, contentType string, h func(*Ctx) error, opts ...RouteOption) int {
	t.Helper()
	a := newTestApp(t)
	a.Page("POST /upload", Public, h, opts...)
	r := httptest.NewRequest("POST", "/upload", body)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Code
}

func multipartForm(t *testing.T, files int, size int) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("title", " a\r\nb "); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		f, err := w.CreateFormFile("files", fmt.Sprintf("../dir/f%d.txt", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(bytes.Repeat([]byte("x"), size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

func TestUploads(t *testing.T) {
	body, ct := multipartForm(t, 2, 100)
	code := send(t, body, ct, func(c *Ctx) error {
		if got := c.Value("title"); got != "a\nb" {
			t.Errorf("title %q", got)
		}
		files := c.Files("files")
		if len(files) != 2 || files[1].Name != "f1.txt" || files[1].Size != 100 {
			t.Errorf("files %+v", files)
		}
		f, err := files[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if raw, _ := io.ReadAll(f); len(raw) != 100 {
			t.Errorf("%d bytes", len(raw))
		}
		return c.FormErr()
	})
	if code != 200 {
		t.Errorf("status %d", code)
	}
}

func TestStreamedUploadsAreNotHeld(t *testing.T) {
	body, ct := multipartForm(t, 3, 1000)
	var sizes []int64
	code := send(t, body, ct, func(c *Ctx) error {
		err := c.Stream(func(field string, u Upload, r io.Reader) error {
			n, err := io.Copy(io.Discard, r)
			sizes = append(sizes, n)
			return err
		})
		if c.Value("title") == "" || len(c.Files("files")) != 0 {
			t.Error("the fields are not there, or the files are held")
		}
		return err
	})
	if code != 200 || len(sizes) != 3 || sizes[2] != 1000 {
		t.Errorf("status %d, sizes %v", code, sizes)
	}
}

func TestFormsThatCannotBeRead(t *testing.T) {
	large, largeType := multipartForm(t, 1, 5000)
	many, manyType := multipartForm(t, maxParts+1, 1)
	cut, cutType := multipartForm(t, 1, 100)
	raw, _ := io.ReadAll(cut)
	for _, tt := range []struct {
		fact string
		body io.Reader
		ct   string
		want int
	}{
		{"too large a file", large, largeType, 413},
		{"too many parts", many, manyType, 413},
		{"a body that breaks off", bytes.NewReader(raw[:len(raw)-40]), cutType, 422},
		{"no boundary", strings.NewReader("x"), "multipart/form-data", 422},
		{"broken escapes", strings.NewReader("title=%zz"), "application/x-www-form-urlencoded", 422},
		{"too large a text", strings.NewReader("title=" + strings.Repeat("x", 5000)), "application/x-www-form-urlencoded", 413},
	} {
		limit := int64(4096)
		if tt.want == 413 && tt.fact == "too many parts" {
			limit = 1 << 20
		}
		code := send(t, tt.body, tt.ct, func(c *Ctx) error {
			if got := c.Value("title"); got != "" && tt.want != 413 {
				t.Errorf("%s: title %q", tt.fact, got)
			}
			return c.FormErr()
		}, MaxBody(limit))
		if code != tt.want {
			t.Errorf("%s: %d, want %d", tt.fact, code, tt.want)
		}
	}
}

func TestTimesAreReadInTheReadersZone(t *testing.T) {
	send(t, strings.NewReader("a=2026-12-04T14:00&b=tomorrow&c=&n=12&m=x"), "application/x-www-form-urlencoded", func(c *Ctx) error {
		var checks fault.Checks
		if got := c.Time(&checks, "a"); got.Format("2006-01-02 15:04 MST") != "2026-12-04 14:00 UTC" {
			t.Errorf("a is %s", got)
		}
		c.Time(&checks, "b")
		if !c.Time(&checks, "c").IsZero() || c.Int(&checks, "n") != 12 {
			t.Error("c or n")
		}
		c.Int(&checks, "m")
		if err := checks.Err(); err == nil || err.Error() != "fault.invalid; b: fault.field.time; m: fault.field.number" {
			t.Errorf("%v", err)
		}
		return nil
	})
}

func TestMarkdownIsHarmless(t *testing.T) {
	for in, bad := range map[string]string{
		"<script>alert(1)</script>":         "<script",
		"[x](javascript:alert(1))":          "javascript:",
		"![x](https://evil.example/p.png)":  "<img",
		"<a href=x onclick=y>z</a>":         "onclick",
		"[x](data:text/html,y)":             "data:",
		strings.Repeat("[", 60_000):         "<script",
		strings.Repeat("> ", 2000) + "deep": "<script",
	} {
		if got := string(markdown(markdownPolicy(), in)); strings.Contains(got, bad) {
			t.Errorf("%.40q gives %.200q", in, got)
		}
	}
	if got := string(markdown(markdownPolicy(), "**a** [b](https://example.org/)")); !strings.Contains(got, "<strong>a</strong>") || !strings.Contains(got, `href="https://example.org/"`) {
		t.Error(got)
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("**a** [b](https://example.org/) <script>")
	f.Fuzz(func(t *testing.T, s string) {
		if got := strings.ToLower(string(markdown(markdownPolicy(), s))); strings.Contains(got, "<script") || strings.Contains(got, "<img") || strings.Contains(got, `"javascript:`) {
			t.Errorf("%q gives %q", s, got)
		}
	})
}
