package patch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Patch is what a commit changes against its first parent, as a unified diff says it.
type Patch struct {
	Files []FilePatch
	// Cut says that the diff was longer than it may be, or had a line that is, and that
	// what stands in Files is its beginning.
	Cut bool
}

// FilePatch is the change of one file. Old is empty for a file that is made, New for one
// that is deleted; they differ for one that is renamed. The blobs are the object names of
// the index line, as far as the diff has them.
type FilePatch struct {
	Old, New         string
	OldBlob, NewBlob string
	Binary           bool
	Hunks            []Hunk
}

// Path is the file's name after the change, or before it if it is deleted.
func (f FilePatch) Path() string {
	if f.New != "" {
		return f.New
	}
	return f.Old
}

// Hunk is one place of a change. Old and New are its first lines, counted from 1.
type Hunk struct {
	Old, New int
	Lines    []Line
}

// Line is a line of a hunk without its end: Op is ' ' for one that stays, '-' for one
// that goes and '+' for one that comes.
type Line struct {
	Op   byte
	Text string
}

// Limits of a diff. A longer one is cut, which its reader is told.
const (
	MaxSize  = 16 << 20 // bytes of one commit's diff
	MaxLine  = 64 << 10 // bytes of one line
	maxFiles = 20_000   // files of one commit
)

// Parse reads the diff of one commit, as git diff, git format-patch and git show
// write it; what stands before the first file is passed over. It fails for a diff that
// contradicts itself (a hunk that ends before its count, a file name that cannot be
// read), and names the line.
func Parse(r io.Reader) (Patch, error) {
	var c collector
	s := newScanner(r)
	for {
		line, err := s.next()
		if err == nil && !bytes.HasPrefix(line, []byte("diff --git ")) {
			continue
		}
		if err == nil {
			err = s.diff(&c)
		}
		if errors.Is(err, io.EOF) {
			return c.patch, nil
		}
		if err != nil {
			return Patch{}, fmt.Errorf("line %d: %w", s.n, err)
		}
	}
}

// sink takes a diff while it is read: file begins one, hunk and line follow, end closes
// it. The bytes of line are the reader's and change with the next.
type sink interface {
	file()
	head(FilePatch) // names, blobs and kind; before the first hunk, or at the end
	hunk(old, new int)
	line(op byte, text []byte)
	cut()
	end()
}

// collector is the sink that keeps everything.
type collector struct {
	patch Patch
}

func (c *collector) file()            { c.patch.Files = append(c.patch.Files, FilePatch{}) }
func (c *collector) cut()             { c.patch.Cut = true }
func (c *collector) end()             {}
func (c *collector) last() *FilePatch { return &c.patch.Files[len(c.patch.Files)-1] }

func (c *collector) head(f FilePatch) {
	f.Hunks = c.last().Hunks
	*c.last() = f
}

func (c *collector) hunk(old, new int) {
	f := c.last()
	f.Hunks = append(f.Hunks, Hunk{Old: old, New: new})
}

func (c *collector) line(op byte, text []byte) {
	h := &c.last().Hunks[len(c.last().Hunks)-1]
	h.Lines = append(h.Lines, Line{op, string(text)})
}

// scanner reads unified diffs line by line, one after the other, from a stream that
// may have other lines between them. Inside a hunk the counts of its head say which line
// belongs to it, so that no text of a file can pass for a head.
type scanner struct {
	r     *bufio.Reader
	n     int    // lines read
	kept  []byte // a line that was read too far
	back  bool
	spent int  // bytes of this commit's diff
	over  bool // the diff goes on, but nobody listens any more
	long  []byte
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, MaxLine)}
}

// next returns the next line without its end. A longer line than MaxLine comes cut, and
// with over set.
func (s *scanner) next() ([]byte, error) {
	if s.back {
		s.back = false
		return s.kept, nil
	}
	line, err := s.r.ReadSlice('\n')
	s.spent += len(line)
	if errors.Is(err, bufio.ErrBufferFull) {
		s.long = append(s.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			var rest []byte
			rest, err = s.r.ReadSlice('\n')
			s.spent += len(rest)
		}
		s.over, line = true, s.long
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, err
	}
	s.n++
	return bytes.TrimSuffix(line, []byte("\n")), nil
}

// unread gives the line to the next next.
func (s *scanner) unread(line []byte) { s.kept, s.back = line, true }

// diff reads the file whose "diff --git" line was just read, and all files that follow
// it, up to a line that is not a diff's. The caller gets that line by next.
func (s *scanner) diff(to sink) error {
	s.spent = 0
	for files := 0; ; files++ {
		s.check(to)
		if files >= maxFiles {
			s.over = true
		}
		if !s.over {
			to.file()
		}
		err := s.oneFile(to)
		if err != nil {
			return err
		}
		line, err := s.next()
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(line, []byte("diff --git ")) {
			s.unread(line)
			return nil
		}
	}
}

// check stops the listening once there is too much.
func (s *scanner) check(to sink) {
	if !s.over && s.spent > MaxSize {
		s.over = true
	}
	if s.over {
		to.cut()
	}
}

// oneFile reads heads and hunks of one file.
func (s *scanner) oneFile(to sink) error {
	var f FilePatch
	told, begun, packed := false, !s.over, false
	tell := func() {
		if !told && begun {
			to.head(f)
		}
		told = true
	}
	finish := func(err error) error {
		tell()
		if begun {
			to.end()
		}
		return err
	}
	for {
		line, err := s.next()
		if err != nil {
			return finish(err)
		}
		switch {
		case bytes.HasPrefix(line, []byte("@@ ")):
			tell()
			if err := s.hunk(line, to); err != nil {
				return finish(err)
			}
		case bytes.HasPrefix(line, []byte("\\ ")): // "\ No newline at end of file"
		case told && bytes.HasPrefix(line, []byte("diff --git ")):
			s.unread(line)
			return finish(nil)
		default:
			ok, err := headLine(&f, line)
			if err != nil {
				return finish(err)
			}
			// The lines of a binary patch, a length and base 85, stand behind its head
			// alone: what follows "Binary files differ" is somebody else's.
			packed = packed || bytes.Equal(line, []byte("GIT binary patch"))
			ok = ok || packed && (len(line) == 0 || len(line) > 1 && bytes.IndexByte(line, ' ') < 0)
			if !ok {
				s.unread(line)
				return finish(nil)
			}
		}
	}
}

// headLine reads one line of a file's head, and reports whether it is one.
func headLine(f *FilePatch, line []byte) (bool, error) {
	word := func(prefix string) (string, bool) {
		rest, ok := bytes.CutPrefix(line, []byte(prefix))
		return string(rest), ok
	}
	if v, ok := word("index "); ok {
		v, _, _ = strings.Cut(v, " ")
		f.OldBlob, f.NewBlob, _ = strings.Cut(v, "..")
		return true, nil
	}
	if v, ok := word("--- "); ok {
		return true, fileName(&f.Old, v, "a/")
	}
	if v, ok := word("+++ "); ok {
		return true, fileName(&f.New, v, "b/")
	}
	for _, p := range []string{"rename from ", "copy from "} {
		if v, ok := word(p); ok {
			return true, fileName(&f.Old, v, "")
		}
	}
	for _, p := range []string{"rename to ", "copy to "} {
		if v, ok := word(p); ok {
			return true, fileName(&f.New, v, "")
		}
	}
	if v, ok := word("Binary files "); ok {
		f.Binary = true
		return true, binaryNames(f, strings.TrimSuffix(v, " differ"))
	}
	if bytes.Equal(line, []byte("GIT binary patch")) {
		f.Binary = true
		return true, nil
	}
	for _, p := range []string{"old mode ", "new mode ", "deleted file mode ", "new file mode ", "similarity index ", "dissimilarity index ", "literal ", "delta "} {
		if _, ok := word(p); ok {
			return true, nil
		}
	}
	return false, nil
}

// fileName reads the name of a head's line; /dev/null is none.
func fileName(to *string, v, prefix string) error {
	v, _, _ = strings.Cut(v, "\t")
	name, err := unquote(v)
	if err != nil {
		return err
	}
	if name == "/dev/null" {
		*to = ""
		return nil
	}
	*to = strings.TrimPrefix(name, prefix)
	return nil
}

// binaryNames reads "a/x and b/x".
func binaryNames(f *FilePatch, v string) error {
	old, now, ok := strings.Cut(v, " and b/")
	if ok {
		now = "b/" + now
	} else if old, ok = strings.CutSuffix(v, " and /dev/null"); ok {
		now = "/dev/null"
	} else if old, now, ok = strings.Cut(v, " and \"b/"); ok {
		now = "\"b/" + now
	} else {
		return fmt.Errorf("names of a binary file are not understood: %.100q", v)
	}
	return errors.Join(fileName(&f.Old, old, "a/"), fileName(&f.New, now, "b/"))
}

// unquote undoes git's quoting of a name with control characters or bytes that are not
// ASCII: C's, with octal escapes.
func unquote(v string) (string, error) {
	if !strings.HasPrefix(v, `"`) {
		return v, nil
	}
	name, err := strconv.Unquote(v)
	if err != nil {
		return "", fmt.Errorf("a file name is not understood: %.100q", v)
	}
	return name, nil
}

// hunk reads the lines that its head promises.
func (s *scanner) hunk(head []byte, to sink) error {
	oldAt, olds, newAt, news, ok := hunkHead(head)
	if !ok {
		return fmt.Errorf("head of a hunk is not understood: %.100q", head)
	}
	if !s.over {
		to.hunk(oldAt, newAt)
	}
	for olds > 0 || news > 0 {
		line, err := s.next()
		if errors.Is(err, io.EOF) {
			return errors.New("the diff ends within a hunk")
		}
		if err != nil {
			return err
		}
		op := byte(' ')
		if len(line) > 0 { // some mailers strip the space of an empty line
			op = line[0]
			line = line[1:]
		}
		switch op {
		case ' ':
			olds, news = olds-1, news-1
		case '-':
			olds--
		case '+':
			news--
		case '\\':
			continue
		default:
			return fmt.Errorf("a hunk has a line that begins with %q", op)
		}
		if olds < 0 || news < 0 {
			return errors.New("a hunk has more lines than its head says")
		}
		s.check(to)
		if !s.over {
			to.line(op, line)
		}
	}
	return nil
}

// hunkHead reads "@@ -12,7 +12,9 @@"; a missing count is 1.
func hunkHead(head []byte) (oldAt, olds, newAt, news int, ok bool) {
	v := string(head[min(len(head), 3):])
	v, _, found := strings.Cut(v, " @@")
	old, now, split := strings.Cut(v, " ")
	if !found || !split || !strings.HasPrefix(old, "-") || !strings.HasPrefix(now, "+") {
		return 0, 0, 0, 0, false
	}
	pair := func(v string) (int, int, bool) {
		at, count, some := strings.Cut(v, ",")
		a, err := strconv.ParseUint(at, 10, 31)
		n := uint64(1)
		if err == nil && some {
			n, err = strconv.ParseUint(count, 10, 31)
		}
		return int(a), int(n), err == nil
	}
	oldAt, olds, ok1 := pair(old[1:])
	newAt, news, ok2 := pair(now[1:])
	return oldAt, olds, newAt, news, ok1 && ok2
}
