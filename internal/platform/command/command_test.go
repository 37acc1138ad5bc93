package command

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		fact, line string
		want       []string
		bad        bool
	}{
		{"words", "gpg --batch -a", []string{"gpg", "--batch", "-a"}, false},
		{"quotation marks keep white space", `/opt/my signer' a b' "c  d"`, []string{"/opt/my", "signer a b", "c  d"}, false},
		{"an empty argument", `x '' y`, []string{"x", "", "y"}, false},
		{"no shell: signs are letters", `x $HOME;y|z`, []string{"x", "$HOME;y|z"}, false},
		{"a mark that is not closed", `x 'y`, nil, true},
		{"nothing", "  ", nil, true},
	} {
		got, err := Split(c.line)
		if (err != nil) != c.bad || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", c.fact, got, err)
		}
	}
}

func TestRun(t *testing.T) {
	sh := func(script string) Command { return Command{Words: []string{"/bin/sh", "-c", script}} }
	t.Run("bytes go in and come out", func(t *testing.T) {
		out, err := sh("cat").Run(t.Context(), []byte("a\x00b"))
		if err != nil || string(out) != "a\x00b" {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("no secret of ours is in its environment", func(t *testing.T) {
		t.Setenv("TOCSIN_DATABASE", "postgres://u:secret@h/d")
		t.Setenv("TOCSIN_SITE_KEY_FILE", "/x")
		c := sh("env")
		c.Env = []string{"TOCSIN_SIGN_KEY=AB"}
		out, err := c.Run(t.Context(), nil)
		if err != nil || strings.Contains(string(out), "secret") || strings.Contains(string(out), "SITE_KEY") || !strings.Contains(string(out), "TOCSIN_SIGN_KEY=AB") {
			t.Errorf("%s, %v", out, err)
		}
	})
	t.Run("its reason is told", func(t *testing.T) {
		_, err := sh("echo no card >&2; exit 3").Run(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "no card") || !strings.Contains(err.Error(), "exit status 3") {
			t.Error(err)
		}
	})
	t.Run("one that writes without end is ended", func(t *testing.T) {
		if _, err := sh("yes").Run(t.Context(), nil); !errors.Is(err, ErrOutput) {
			t.Error(err)
		}
	})
	t.Run("one that never ends is ended, with what it started", func(t *testing.T) {
		c := sh("sleep 1000 & sleep 1000")
		c.Time = 100 * time.Millisecond
		if _, err := c.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "did not end") {
			t.Error(err)
		}
	})
	t.Run("an end of ours is its end", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := sh("sleep 1000").Run(ctx, nil); err == nil {
			t.Error("it ran")
		}
	})
	t.Run("a program that is not there", func(t *testing.T) {
		if _, err := (Command{Words: []string{"/nowhere/at/all"}}).Run(t.Context(), nil); !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	})
	t.Run("one that does not read its input", func(t *testing.T) {
		if _, err := sh("exit 0").Run(t.Context(), make([]byte, 1<<20)); err != nil {
			t.Error(err)
		}
	})
}
