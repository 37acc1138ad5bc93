package checkrun_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/cli/checkrun"
	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/test/schema"
	"github.com/tocsin-sec/tocsin/test/shared"
)

const record = `{"schema_version":"1.7.0","id":"x_EX-%d","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":["1"]}]}`

// run checks arguments and returns the results and their count.
func run(t *testing.T, args ...string) ([]*checkrun.Result, checkrun.Tally) {
	t.Helper()
	s := &checkrun.Source{In: strings.NewReader("{}"), MaxBytes: 1 << 20, Named: http.DefaultClient, Listed: http.DefaultClient, Follow: true}
	r := &checkrun.Run{Checker: &check.Checker{}, Jobs: 3, Lines: check.Info}
	var out []*checkrun.Result
	tally, err := r.Each(t.Context(), func(yield func(checkrun.Document) bool) { s.Each(t.Context(), args, yield) },
		func(r *checkrun.Result) error { out = append(out, r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out, tally
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// archive is a ZIP file with the files, and what change makes of its bytes.
func archive(t *testing.T, files map[string]string, change func([]byte) []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	if change != nil {
		raw = change(raw)
	}
	return write(t, filepath.Join(t.TempDir(), "all.zip"), string(raw))
}

func TestResultsComeInTheOrderOfTheDocuments(t *testing.T) {
	dir := t.TempDir()
	for i := range 500 {
		write(t, filepath.Join(dir, fmt.Sprintf("%d/%03d.json", i/100, i)), fmt.Sprintf(record, i))
	}
	got, tally := run(t, dir)
	if tally.Documents != 500 || tally.Valid != 500 || tally.Worst != 0 {
		t.Fatalf("%+v", tally)
	}
	if !slices.IsSortedFunc(got, func(a, b *checkrun.Result) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not in the order of their names")
	}
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		arg  func() string
		docs int
		says string // of the one that could not be read, or the first finding
	}{
		"a folder without documents": {func() string { write(t, dir+"/a/x.txt", ""); return dir + "/a" }, 0, "no file below this folder"},
		"the .git of a repository is left out": {func() string {
			write(t, dir+"/b/.git/x.json", "x")
			write(t, dir+"/b/.well-known/csaf/y.json", fmt.Sprintf(record, 1))
			return dir + "/b"
		}, 1, ""},
		"a link that leads to itself": {func() string {
			write(t, dir+"/c/y.json", fmt.Sprintf(record, 1))
			_ = os.Symlink(".", dir+"/c/loop")
			return dir + "/c"
		}, 1, ""},
		"a link to nothing": {func() string {
			write(t, dir+"/d/y.json", fmt.Sprintf(record, 1))
			_ = os.Symlink("nowhere", dir+"/d/x.json")
			return dir + "/d"
		}, 1, "no such file"},
		"a folder called like a document":      {func() string { write(t, dir+"/e/x.json/y.json", fmt.Sprintf(record, 1)); return dir + "/e" }, 1, ""},
		"a file larger than a document may be": {func() string { return write(t, dir+"/large.json", `{"id":"`+strings.Repeat("x", 2<<20)) }, 1, ""},
		"an archive": {func() string {
			return archive(t, map[string]string{"A.json": fmt.Sprintf(record, 1), "B.json": fmt.Sprintf(record, 2), "c.txt": ""}, nil)
		}, 2, ""},
		"an archive without documents": {func() string { return archive(t, map[string]string{"c.txt": ""}, nil) }, 0, "no file in this archive"},
		"an empty archive":             {func() string { return archive(t, nil, nil) }, 0, "no file in this archive"},
		"half an archive": {func() string {
			return archive(t, map[string]string{"A.json": fmt.Sprintf(record, 1)}, func(b []byte) []byte { return b[:len(b)/2] })
		}, 0, "no ZIP archive"},
		"an archive with a name that climbs": {func() string { return archive(t, map[string]string{"../../A.json": fmt.Sprintf(record, 1)}, nil) }, 1, ""},
		"a bomb in an archive":               {func() string { return archive(t, map[string]string{"A.json": strings.Repeat(" ", 100<<20)}, nil) }, 1, ""},
		"an archive whose bytes are broken": {func() string {
			return archive(t, map[string]string{"A.json": strings.Repeat(fmt.Sprintf(record, 1), 5)}, func(b []byte) []byte { b[60] ^= 0xff; b[61] ^= 0xff; return b })
		}, 0, "read"},
	} {
		t.Run(name, func(t *testing.T) {
			got, tally := run(t, c.arg())
			if tally.Documents != c.docs {
				t.Errorf("%+v", tally)
			}
			if c.says != "" && !slices.ContainsFunc(got, func(r *checkrun.Result) bool { return r.Err != nil && strings.Contains(r.Err.Error(), c.says) }) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestARunThatIsStoppedEnds(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		write(t, filepath.Join(dir, fmt.Sprintf("%03d.json", i)), fmt.Sprintf(record, i))
	}
	ctx, stop := context.WithCancel(t.Context())
	s := &checkrun.Source{MaxBytes: 1 << 20}
	r := &checkrun.Run{Checker: &check.Checker{}, Jobs: 2}
	n := 0
	_, err := r.Each(ctx, func(yield func(checkrun.Document) bool) { s.Each(ctx, []string{dir}, yield) }, func(*checkrun.Result) error {
		if n++; n == 10 {
			stop()
		}
		return nil
	})
	if err != context.Canceled || n > 100 {
		t.Errorf("%v after %d", err, n)
	}
	if _, err := r.Each(t.Context(), func(yield func(checkrun.Document) bool) { s.Each(t.Context(), []string{dir}, yield) }, func(*checkrun.Result) error { return io.ErrClosedPipe }); err != io.ErrClosedPipe {
		t.Errorf("a pipe that nobody reads: %v", err)
	}
}

// TestAStopDoesNotWaitForAPipe: a pipe that nobody writes to, and a standard input
// that says nothing, keep nobody at the terminal.
func TestAStopDoesNotWaitForAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal("no named pipes here:", err)
	}
	silent, said := io.Pipe()
	defer said.Close()
	for _, arg := range []string{pipe, "-"} {
		ctx, stop := context.WithCancel(t.Context())
		source := &checkrun.Source{In: silent, MaxBytes: 1 << 20}
		reading := make(chan struct{})
		run := &checkrun.Run{Checker: &check.Checker{}, Jobs: 2}
		go func() { <-reading; stop() }()
		_, err := run.Each(ctx, func(yield func(checkrun.Document) bool) {
			source.Each(ctx, []string{arg}, func(d checkrun.Document) bool {
				read := d.Read
				d.Read = func(ctx context.Context) ([]byte, error) { close(reading); return read(ctx) }
				return yield(d)
			})
		}, func(*checkrun.Result) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", arg, err)
		}
	}
	// Somebody opens the pipe at last, so that the reader does not stay.
	if f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		f.Close()
	}
}

func TestAnArchiveAtAnURL(t *testing.T) {
	raw, err := os.ReadFile(archive(t, map[string]string{"A.json": fmt.Sprintf(record, 1)}, nil))
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(raw) }))
	defer site.Close()
	if got, tally := run(t, site.URL+"/all.zip"); tally.Valid != 1 || got[0].Name != site.URL+"/all.zip/A.json" {
		t.Errorf("%+v", got)
	}
}

// hostile are documents whose texts want to break what is written about them.
func hostile(t *testing.T) []*checkrun.Result {
	dir := t.TempDir()
	write(t, dir+"/a b%\u202e<&>]]>.json", `{"schema_version":"\u001b[31m]]>\u0000<b>&\"\u202e\u2028","id":"x_\u001b]0;owned\u0007","modified":"2026-01-01T00:00:00Z","\u001b[2J</failure>":1,"aliases":["a","a"]}`)
	write(t, dir+"/b.json", "{\"id\":\"\x1b[31m\",\xff")
	write(t, dir+"/c.json", strings.Repeat("\u202ex", 30))
	got, _ := run(t, dir, dir+"/nothing\x1b[1m")
	return got
}

func TestTextHidesNothingFromATerminal(t *testing.T) {
	var b bytes.Buffer
	out := &checkrun.Text{Out: &b, Show: check.Info}
	for _, r := range hostile(t) {
		if err := out.Result(r); err != nil {
			t.Fatal(err)
		}
	}
	if i := strings.IndexFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == '\u202e' || r == '\u2028' || r == 0x7f }); i >= 0 {
		t.Errorf("%q", b.String()[max(0, i-80):i+10])
	}
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	tools := os.Getenv("TOCSIN_TOOLS")
	if tools == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		tools = filepath.Join(cache, "tocsin-tools")
	}
	file := filepath.Join(tools, "sarif-schema-2.1.0.json")
	if _, err := os.Stat(file); err != nil {
		shared.Missing(t, "the JSON schema of SARIF (scripts/tools): %v", err)
	}
	const id = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	s := schema.Compile(t, id, map[string]string{id: file})
	for name, results := range map[string][]*checkrun.Result{"nothing": nil, "hostile texts": hostile(t)} {
		var b bytes.Buffer
		out := &checkrun.SARIF{Out: &b, Version: "1.0"}
		var tally checkrun.Tally
		for _, r := range results {
			tally.Add(r)
			if err := out.Result(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Summary(tally); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(schema.Decode(t, b.Bytes())); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b.Bytes())
		}
		var log struct {
			Runs []struct {
				Tool struct {
					Driver struct{ Rules []struct{ ID string } }
				}
				Results []struct {
					RuleID    string
					RuleIndex int
				}
			}
		}
		if err := json.Unmarshal(b.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		for _, r := range log.Runs[0].Results {
			if log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("%s: the index of %s is another rule's", name, r.RuleID)
			}
		}
	}
}

func TestJUnitAndJSONCanBeReadBack(t *testing.T) {
	var asXML, asJSON bytes.Buffer
	outs := []interface {
		Result(*checkrun.Result) error
		Summary(checkrun.Tally) error
	}{&checkrun.JUnit{Out: &asXML, FailOn: check.Error}, &checkrun.JSON{Out: &asJSON}}
	results := hostile(t)
	for _, out := range outs {
		var tally checkrun.Tally
		for _, r := range results {
			tally.Add(r)
			if err := out.Result(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Summary(tally); err != nil {
			t.Fatal(err)
		}
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Failure string `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(asXML.Bytes(), &suites); err != nil || suites.Tests != 4 || suites.Failures != 3 || suites.Errors != 1 || len(suites.Cases) != 4 || !strings.Contains(suites.Cases[0].Failure, "REC:002") {
		t.Errorf("%v %+v", err, suites)
	}
	var doc struct {
		Documents []struct{ Name, Format, Error string }
		Summary   checkrun.Tally
	}
	if err := json.Unmarshal(asJSON.Bytes(), &doc); err != nil || len(doc.Documents) != 4 || doc.Summary.NotRead != 1 || doc.Documents[0].Format != "osv" {
		t.Errorf("%v %+v", err, doc)
	}
}
