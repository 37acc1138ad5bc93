// Package gittest makes repositories for tests with the git binary itself, so that they
// are what people have: real picks, reverts, merges and renames.
package gittest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Repo is a repository with a working tree. Every commit is one minute younger than the
// one before, so that the same steps make the same commits.
type Repo struct {
	Dir    string
	Author string // "Name <address>" of the next commits
	t      testing.TB
	minute int
}

// New makes an empty repository whose branch is main.
func New(t testing.TB) *Repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal(err)
	}
	r := &Repo{Dir: t.TempDir(), Author: "Ada Moreau <ada@lantern.example>", t: t}
	r.Git("init", "-q", "-b", "main")
	return r
}

// Git runs a command and returns what it prints; it must not fail.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	out, err := r.Try(args...)
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// Try is Git that may fail.
func (r *Repo) Try(args ...string) (string, error) {
	r.minute++
	name, mail, _ := strings.Cut(strings.TrimSuffix(r.Author, ">"), " <")
	at := fmt.Sprintf("%d +0000", 1_700_000_000+60*r.minute)
	cmd := exec.Command("git", args...)
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME="+name, "GIT_AUTHOR_EMAIL="+mail,
		"GIT_COMMITTER_NAME=Kit Ito", "GIT_COMMITTER_EMAIL=kit@lantern.example", "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at, "GIT_EDITOR=true", "LC_ALL=C")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return strings.TrimSpace(out.String()), err
}

// Write puts a file into the working tree.
func (r *Repo) Write(name, content string) {
	r.t.Helper()
	full := filepath.Join(r.Dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// Edit replaces the one place in a file where old stands.
func (r *Repo) Edit(name, old, now string) {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.Dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	if strings.Count(string(raw), old) != 1 {
		r.t.Fatalf("%s has %q %d times", name, old, strings.Count(string(raw), old))
	}
	r.Write(name, strings.Replace(string(raw), old, now, 1))
}

// Commit commits everything in the working tree.
func (r *Repo) Commit(message string) branchfix.ID {
	r.t.Helper()
	r.Git("add", "-A")
	r.Git("commit", "-q", "--allow-empty", "-m", message)
	return r.Head()
}

// Head is the commit that is checked out.
func (r *Repo) Head() branchfix.ID {
	r.t.Helper()
	return branchfix.ID(r.Git("rev-parse", "HEAD"))
}

// Branch makes a branch at a commit and checks it out.
func (r *Repo) Branch(name string, at branchfix.ID) {
	r.t.Helper()
	r.Git("checkout", "-q", "-b", name, string(at))
}

// On checks a branch out.
func (r *Repo) On(name string) {
	r.t.Helper()
	r.Git("checkout", "-q", name)
}

// Pick picks a commit, as git cherry-pick does with the flags.
func (r *Repo) Pick(id branchfix.ID, flags ...string) branchfix.ID {
	r.t.Helper()
	r.Git(append(append([]string{"cherry-pick"}, flags...), string(id))...)
	return r.Head()
}

// Reword changes the message of the commit that is checked out.
func (r *Repo) Reword(message string) branchfix.ID {
	r.t.Helper()
	r.Git("commit", "-q", "--amend", "--allow-empty", "-m", message)
	return r.Head()
}
