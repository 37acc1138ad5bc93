// Package command runs an operator's program for one small task: without a shell, with
// bounded time and output, and with nothing of this program's environment beyond what
// programs need to find themselves, so that no secret of ours gets there.
//
// What is asked of which program is in internal/server (signer, purge); git has a
// package of its own.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Command is a program with its arguments and what it may cost.
type Command struct {
	Words     []string      // program and arguments; the first is looked up in PATH
	Env       []string      // NAME=value, beside those of Inherited
	Time      time.Duration // 0 means 30 seconds
	MaxOutput int           // bytes of standard output; 0 means 64 KiB
}

// Inherited are the variables that a program gets from our own environment: where it
// finds programs, its folders and its agents. GNUPGHOME and SSH_AUTH_SOCK name places,
// not secrets.
func Inherited() []string {
	return []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "GNUPGHOME", "SSH_AUTH_SOCK"}
}

// ErrOutput says that a program wrote more than it may.
var ErrOutput = errors.New("the program wrote more than it may")

// maxReason bounds what is kept of standard error: a reason, not a log.
const maxReason = 2048

// Split takes a command line apart at white space. Quotation marks, single or double,
// keep white space within a word; there is no other syntax, since there is no shell. It
// fails for a mark that is not closed and for an empty line.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	in := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, in = r, true
		case unicode.IsSpace(r):
			if in {
				words = append(words, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a %c is not closed", quote)
	}
	if in {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("names no program")
	}
	return words, nil
}

// Run gives the program in on its standard input and returns its standard output. The
// error holds the beginning of its standard error. Its whole group of processes ends
// with the time or with ctx.
func (c Command) Run(ctx context.Context, in []byte) ([]byte, error) {
	if c.Time <= 0 {
		c.Time = 30 * time.Second
	}
	if c.MaxOutput <= 0 {
		c.MaxOutput = 64 << 10
	}
	ctx, cancel := context.WithTimeout(ctx, c.Time)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Words[0], c.Words[1:]...)
	cmd.Env = slices.Clone(c.Env)
	for _, name := range Inherited() {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	cmd.Dir = "/"
	cmd.Stdin = bytes.NewReader(in)
	out := &bounded{left: c.MaxOutput, cancel: cancel}
	reason := &head{left: maxReason}
	cmd.Stdout, cmd.Stderr = out, reason
	cmd.WaitDelay = 2 * time.Second
	group(cmd)
	err := cmd.Run()
	switch {
	case out.over:
		return nil, ErrOutput
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("the program did not end within %s", c.Time)
	case err != nil && reason.b.Len() > 0:
		return nil, fmt.Errorf("%w: %q", err, strings.TrimSpace(reason.b.String()))
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return nil, err
	}
	return out.b.Bytes(), nil
}

// bounded ends the program that writes too much.
type bounded struct {
	b      bytes.Buffer
	left   int
	over   bool
	cancel context.CancelFunc
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.over = true
		b.cancel()
		return 0, ErrOutput
	}
	b.left -= len(p)
	return b.b.Write(p)
}

// head keeps the beginning and swallows the rest.
type head struct {
	b    bytes.Buffer
	left int
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	keep := p[:min(len(p), h.left)]
	h.left -= len(keep)
	h.b.Write(keep)
	return len(p), nil
}
