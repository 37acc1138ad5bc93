package mailer

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// chunkFrame is the framing of BDAT (RFC 3030): chunks of a stated size, each
// but the last answered with 250 before the next command is read. It speaks that
// part of the protocol itself, so that a mail in chunks is one stream to Accept.
type chunkFrame struct {
	ss   *session
	left int64 // of this chunk
	last bool
	over bool // the mail is refused: its end is that of this chunk
}

func (f *chunkFrame) refused() { f.over = true }

func (f *chunkFrame) waiting() bool { return f.left > 0 && f.ss.in.Buffered() > 0 }

func (f *chunkFrame) next() ([]byte, error) {
	for f.left == 0 {
		if f.last || f.over {
			return nil, io.EOF
		}
		f.ss.reply(refuse(250, "2.0.0", "Chunk received"))
		if err := f.command(); err != nil {
			return nil, err
		}
	}
	if _, err := f.ss.in.Peek(1); errors.Is(err, io.EOF) {
		return nil, errAborted // a chunk that is cut off is no end of the mail
	} else if err != nil {
		return nil, err
	}
	n := min(int64(f.ss.in.Buffered()), f.left)
	p, _ := f.ss.in.Peek(int(n))
	_, _ = f.ss.in.Discard(int(n))
	f.left -= n
	return p, nil
}

// command reads the next BDAT. Anything else ends the mail without accepting it
// and is left for the session to run.
func (f *chunkFrame) command() error {
	line, err := f.ss.readLine()
	if errors.Is(err, io.EOF) {
		return errAborted
	}
	if err != nil {
		return err
	}
	verb, arg := split(line)
	if verb == "NOOP" {
		return nil // the loop answers 250 and reads on
	}
	if verb != "BDAT" {
		f.ss.pending = &line
		return errAborted
	}
	f.left, f.last, err = parseChunk(arg)
	if err != nil {
		return errChunk()
	}
	return nil
}

// errChunk hangs up: without the size a chunk cannot be told from commands.
func errChunk() *reply {
	return &reply{501, "5.5.4", "BDAT needs a size and may have LAST", true}
}

// parseChunk reads BDAT's arguments: chunk-size [SP LAST].
func parseChunk(arg string) (size int64, last bool, err error) {
	n, end, more := strings.Cut(arg, " ")
	if more && !strings.EqualFold(end, "LAST") {
		return 0, false, strconv.ErrSyntax
	}
	u, err := strconv.ParseUint(n, 10, 62)
	return int64(u), more, err
}
