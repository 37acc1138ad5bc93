package patch

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// Mail is one patch from a file, as git format-patch or git diff write it.
type Mail struct {
	Author  string // "Name <address>"; empty for a diff without a head
	When    int64  // the author's date, in seconds since 1970; 0 if none is given
	Message string // subject, without "[PATCH 1/2]", and body
	Base    string // the commit that format-patch --base names, or ""
	Patch   Patch
	Diff    []byte // the diff as it was written, for git apply
}

// maxMails bounds the patches of one file.
const maxMails = 500

var (
	// The first line of a mail in a mailbox: format-patch's has a commit's name.
	mailStart = regexp.MustCompile(`^From \S+ .*\d{4}\s*$`)
	patchTag  = regexp.MustCompile(`^(?:\s*\[[^\]]{0,60}\])+\s*`)
	baseLine  = regexp.MustCompile(`(?m)^base-commit: ([0-9a-f]{40,64})\s*$`)
)

// ReadMails reads the patches of a file in their order: a mailbox, one mail, or a diff
// alone (git diff, diff -u). It fails for a file without a diff, for one whose diff
// contradicts itself, and for one that is longer than MaxSize. No error quotes the file.
func ReadMails(r io.Reader) ([]Mail, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("the patch is longer than %d MiB", MaxSize>>20)
	}
	var out []Mail
	for _, part := range splitMails(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))) {
		m, err := readMail(part)
		if err != nil {
			return nil, fmt.Errorf("patch %d: %w", len(out)+1, err)
		}
		if len(m.Patch.Files) == 0 {
			continue // a cover letter
		}
		if out = append(out, m); len(out) > maxMails {
			return nil, fmt.Errorf("more than %d patches", maxMails)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there is no diff in it, as git format-patch, git diff or diff -u write one")
	}
	return out, nil
}

// splitMails cuts a mailbox where a mail begins: behind an empty line, or at the start.
func splitMails(raw []byte) [][]byte {
	var out [][]byte
	begun, at, empty := 0, 0, true
	for line := range bytes.Lines(raw) {
		if empty && at > begun && mailStart.Match(bytes.TrimSuffix(line, []byte("\n"))) {
			out = append(out, raw[begun:at])
			begun = at
		}
		empty = len(line) == 1
		at += len(line)
	}
	return append(out, raw[begun:])
}

func readMail(raw []byte) (Mail, error) {
	var m Mail
	body := bytes.TrimLeft(raw, "\n")
	if first, rest, _ := bytes.Cut(body, []byte("\n")); mailStart.Match(first) {
		body = rest
	}
	if head, err := mail.ReadMessage(bytes.NewReader(body)); err == nil && head.Header.Get("Subject") != "" {
		if body, err = io.ReadAll(decoded(head)); err != nil {
			return m, errors.New("the mail's body cannot be decoded")
		}
		m.Author, m.Message = text(head.Header.Get("From")), patchTag.ReplaceAllString(text(head.Header.Get("Subject")), "")
		if at, err := head.Header.Date(); err == nil {
			m.When = at.Unix()
		}
		at := diffStart(body)
		words, _, _ := bytes.Cut(append([]byte("\n"), body[:at]...), []byte("\n---\n"))
		if words = bytes.TrimSpace(words); len(words) > 0 {
			m.Message += "\n\n" + string(words)
		}
	}
	if b := baseLine.FindSubmatch(body); b != nil {
		m.Base = string(b[1])
	}
	m.Diff = withHeads(body[diffStart(body):])
	var err error
	m.Patch, err = Parse(bytes.NewReader(m.Diff))
	if err != nil {
		// Its words quote the patch, which may be secret.
		at, _, _ := strings.Cut(err.Error(), ":")
		err = fmt.Errorf("the diff contradicts itself at its %s", at)
	} else if m.Patch.Cut {
		err = fmt.Errorf("a line is longer than %d KiB, or there are too many files", MaxLine>>10)
	}
	return m, err
}

// text undoes the encoding of a mail's head.
func text(v string) string {
	if d, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
		v = d
	}
	return strings.Join(strings.Fields(v), " ")
}

func decoded(m *mail.Message) io.Reader {
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		return quotedprintable.NewReader(m.Body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, m.Body)
	}
	return m.Body
}

// diffStart is where the first file of a diff begins, or the end.
func diffStart(body []byte) int {
	at := 0
	var before []byte
	for line := range bytes.Lines(body) {
		switch {
		case bytes.HasPrefix(line, []byte("diff --git ")):
			return at
		case bytes.HasPrefix(line, []byte("+++ ")) && bytes.HasPrefix(before, []byte("--- ")):
			return at - len(before)
		}
		before = line
		at += len(line)
	}
	return at
}

// withHeads gives the files of a diff that git did not write the line with which git
// begins one.
func withHeads(diff []byte) []byte {
	if len(diff) == 0 || bytes.HasPrefix(diff, []byte("diff --git ")) {
		return diff
	}
	var out []byte
	lines := bufio.NewReader(bytes.NewReader(diff))
	olds, news := 0, 0
	for {
		line, err := lines.ReadBytes('\n')
		next, _ := lines.Peek(4)
		switch {
		case olds > 0 || news > 0:
			switch {
			case len(line) > 0 && line[0] == '-':
				olds--
			case len(line) > 0 && line[0] == '+':
				news--
			case len(line) > 0 && line[0] != '\\':
				olds, news = olds-1, news-1
			}
		case bytes.HasPrefix(line, []byte("@@ ")):
			if _, o, _, n, ok := hunkHead(line); ok {
				olds, news = o, n
			}
		case bytes.HasPrefix(line, []byte("--- ")) && string(next) == "+++ ":
			name, _, _ := strings.Cut(strings.TrimSpace(string(line[4:])), "\t")
			out = append(out, "diff --git "+name+" "+name+"\n"...)
		}
		out = append(out, line...)
		if err != nil {
			return out
		}
	}
}
