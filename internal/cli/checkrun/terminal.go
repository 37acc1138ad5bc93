package checkrun

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/egress"
)

// The bounds of what is read: a document, and the answer of an URL.
const (
	MaxDocument    = 64 << 20
	DefaultTimeout = 30 * time.Second
)

// NewSource returns the source of a command. URLs that the user named may be anywhere he
// can reach; those that a document names lead to no private address.
func NewSource(in io.Reader, timeout time.Duration, follow bool) *Source {
	c := egress.Config{Timeout: timeout, MaxBytes: MaxDocument + 1, UserAgent: "tocsin-check"}
	anywhere := c
	anywhere.Allow = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	return &Source{In: in, MaxBytes: MaxDocument, Named: egress.Client(anywhere), Listed: egress.Client(c), Follow: follow}
}

// One reads the one document of an argument. It fails when there are several, when the
// document is larger than one may be, and at once when ctx ends: what still waits for a
// pipe is left behind.
func (s *Source) One(ctx context.Context, arg string) ([]byte, error) {
	if Several([]string{arg}) {
		return nil, fmt.Errorf("one document is wanted, not a folder or an archive")
	}
	type answer struct {
		data []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		var a answer
		s.Each(ctx, []string{arg}, func(d Document) bool {
			a.data, a.err = d.Read(ctx)
			return false
		})
		if int64(len(a.data)) > s.MaxBytes {
			a = answer{err: fmt.Errorf("larger than %d MiB, which no document may be", s.MaxBytes>>20)}
		}
		read <- a
	}()
	select {
	case a := <-read:
		return a.data, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Several reports whether the arguments may be more than one document.
func Several(args []string) bool {
	if len(args) > 1 {
		return true
	}
	info, err := os.Stat(args[0])
	return err == nil && info.IsDir() || strings.HasSuffix(args[0], ".zip") || strings.HasSuffix(args[0], "/provider-metadata.json")
}

// Terminal reports whether what is written there is read on a terminal.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

// SafeLines is Safe for a text of several lines.
func SafeLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Safe(lines[i])
	}
	return strings.Join(lines, "\n")
}
