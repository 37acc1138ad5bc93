package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Limits are what one repository may cost. The zero value of each means its default.
type Limits struct {
	Time    time.Duration // of one command; 10 minutes
	Refs    int           // 1,000,000 names are looked at
	Commits int           // 5,000,000 commits of a history
	Object  int64         // 16 MiB: bytes of one object that is read
	Paths   int           // 2,000,000 files of a tree
}

func (l Limits) filled() Limits {
	l.Time = orElse(l.Time, 10*time.Minute)
	l.Refs = orElse(l.Refs, 1_000_000)
	l.Commits = orElse(l.Commits, 5_000_000)
	l.Object = orElse(l.Object, 16<<20)
	l.Paths = orElse(l.Paths, 2_000_000)
	return l
}

func orElse[T comparable](v, other T) T {
	var zero T
	if v == zero {
		return other
	}
	return v
}

// Errors that a caller tells apart.
var (
	ErrNotRepository = errors.New("this is not a git repository")
	ErrTooBig        = errors.New("the repository is larger than it may be")
	ErrNoGit         = errors.New("the program git, 2.39 or later, is not installed")
	ErrNoObject      = errors.New("the repository does not have this object")
)

// Repo is an open repository. It may be used from several goroutines at once; Close ends
// its processes and removes the view.
type Repo struct {
	path    string   // as given
	dir     string   // its git folder
	common  string   // where objects and refs lie, of a linked worktree
	view    string   // our own folder
	lock    *os.File // held as long as the view is used
	format  string   // sha1 or sha256
	limits  Limits
	edges   map[branchfix.ID]bool // commits whose parents a shallow clone leaves out
	mu      sync.Mutex
	readers []*reader
	differs []*differ
	waiting map[string]branchfix.Trial // what Prepare made and nobody asked for yet
}

// Open opens the repository at path: a working tree, its .git, or a bare one. It fails
// with ErrNotRepository or ErrNoGit.
func Open(path string, limits Limits) (*Repo, error) {
	dir, err := gitFolder(path)
	if err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("git"); err != nil {
		return nil, ErrNoGit
	}
	r := &Repo{path: path, dir: dir, common: dir, limits: limits.filled(), edges: map[branchfix.ID]bool{}}
	if raw, err := readSmall(filepath.Join(dir, "commondir")); err == nil {
		r.common = within(dir, strings.TrimSpace(string(raw)))
	}
	if r.format, err = objectFormat(filepath.Join(r.common, "config")); err != nil {
		return nil, err
	}
	if err := r.makeView(); err != nil {
		return nil, err
	}
	return r, nil
}

// gitFolder finds the folder with HEAD, objects and refs.
func gitFolder(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if isGit(path) {
		return path, nil
	}
	inner := filepath.Join(path, ".git")
	info, err := os.Lstat(inner)
	if err != nil || info.IsDir() {
		if err == nil && isGit(inner) {
			return inner, nil
		}
		return "", fmt.Errorf("%s: %w", path, ErrNotRepository)
	}
	raw, err := readSmall(inner) // of a linked worktree or a submodule
	to, ok := strings.CutPrefix(strings.TrimSpace(string(raw)), "gitdir: ")
	if err != nil || !ok || !isGit(within(path, to)) {
		return "", fmt.Errorf("%s: %w", path, ErrNotRepository)
	}
	return within(path, to), nil
}

func within(base, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(base, name)
}

func isGit(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	if _, err := os.Stat(filepath.Join(dir, "commondir")); err == nil {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "objects"))
	return err == nil
}

// readSmall reads a file that has to be a small one.
func readSmall(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", name)
	}
	return io.ReadAll(io.LimitReader(f, 1<<20))
}

var formatLine = regexp.MustCompile(`(?im)^\s*objectformat\s*=\s*"?(\w+)`)

// objectFormat reads the one thing of a foreign configuration that has to be known.
func objectFormat(config string) (string, error) {
	raw, err := readSmall(config)
	if err != nil {
		return "sha1", nil
	}
	m := formatLine.FindSubmatch(raw)
	if m == nil {
		return "sha1", nil
	}
	switch f := strings.ToLower(string(m[1])); f {
	case "sha1", "sha256":
		return f, nil
	default:
		return "", fmt.Errorf("%w: its objects have the format %q", ErrNotRepository, f)
	}
}

// makeView makes the folder in which git runs. Only the list of a shallow clone's edges
// is taken over.
func (r *Repo) makeView() error {
	sweep(os.TempDir())
	view, err := os.MkdirTemp("", viewPrefix)
	if err != nil {
		return err
	}
	r.view = view
	if r.lock, err = lockView(view); err != nil {
		return errors.Join(fmt.Errorf("view of a repository: %w", err), r.Close())
	}
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if r.format != "sha1" {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = " + r.format + "\n"
	}
	for _, d := range []string{"objects/info", "objects/pack", "refs", "info"} {
		err = errors.Join(err, os.MkdirAll(filepath.Join(view, d), 0o700))
	}
	err = errors.Join(err, os.WriteFile(filepath.Join(view, "HEAD"), []byte("ref: refs/heads/none\n"), 0o600),
		os.WriteFile(filepath.Join(view, "config"), []byte(config), 0o600))
	if raw, shallow := readSmall(filepath.Join(r.common, "shallow")); shallow == nil {
		err = errors.Join(err, os.WriteFile(filepath.Join(view, "shallow"), raw, 0o600))
		for line := range strings.Lines(string(raw)) {
			r.edges[branchfix.ID(strings.TrimSpace(line))] = true
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("view of a repository: %w", err), r.Close())
	}
	return nil
}

// Folder is the folder that holds the repository: the same for all of its working trees.
func (r *Repo) Folder() string { return r.common }

// Edges are the commits of a shallow clone whose parents it leaves out, in order.
func (r *Repo) Edges() []branchfix.ID { return slices.Sorted(maps.Keys(r.edges)) }

// Tool tells one git from another, whose diffs and merges may differ. It starts nothing:
// asking for a version would cost what the rest of a kept answer does.
func Tool() string {
	path, err := exec.LookPath("git")
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return path
	}
	return fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano())
}

// Close ends the processes and removes the view with everything that was written to it.
func (r *Repo) Close() error {
	r.mu.Lock()
	readers, differs := r.readers, r.differs
	r.readers, r.differs = nil, nil
	r.mu.Unlock()
	for _, p := range readers {
		p.end()
	}
	for _, p := range differs {
		p.end()
	}
	err := os.RemoveAll(r.view)
	if r.lock != nil {
		r.lock.Close() // behind the removal: nobody sweeps what is being removed
	}
	return err
}

// environment is all that git gets. objects, if any, is where it writes.
func (r *Repo) environment(gitDir, objects string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.view, "LC_ALL=C", "TZ=UTC",
		"GIT_DIR=" + gitDir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_PROTOCOL_FROM_USER=0",
		"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_ASKPASS=/bin/false", "GIT_SSH_COMMAND=/bin/false", "GIT_PAGER=cat", "GIT_EDITOR=/bin/false",
		"GIT_AUTHOR_NAME=trial", "GIT_AUTHOR_EMAIL=trial@localhost", "GIT_COMMITTER_NAME=trial", "GIT_COMMITTER_EMAIL=trial@localhost",
	}
	if gitDir == r.view {
		env = append(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+quotePath(filepath.Join(r.common, "objects")))
	}
	if objects != "" {
		env = append(env, "GIT_OBJECT_DIRECTORY="+objects)
	}
	return env
}

// quotePath writes a folder for the list of alternates, which is separated by colons.
func quotePath(p string) string {
	if !strings.ContainsAny(p, ":\"\\\n") {
		return p
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(p) + `"`
}

// settings come with every command; what they turn off could start programs, or follow a
// repository's own lists in place of its objects.
func settings() []string {
	return []string{"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "core.commitGraph=false", "-c", "core.attributesFile=" + os.DevNull,
		"-c", "core.quotePath=true", "-c", "safe.directory=*", "-c", "protocol.allow=never", "-c", "gc.auto=0", "-c", "log.showSignature=false",
		"-c", "core.alternateRefsCommand=", "-c", "diff.renameLimit=2000", "-c", "merge.renameLimit=2000"}
}

// command makes a process in the view; dir may name another git folder.
func (r *Repo) command(ctx context.Context, gitDir, objects string, args ...string) *exec.Cmd {
	first := []string{"--no-pager"}
	if gitDir == r.view { // nobody needs it after a crash
		first = append(first, "-c", "core.fsync=none")
	}
	cmd := exec.CommandContext(ctx, "git", slices.Concat(first, settings(), args)...)
	cmd.Env = r.environment(gitDir, objects)
	cmd.Dir = r.view
	cmd.WaitDelay = 2 * time.Second
	group(cmd)
	return cmd
}

// maxReason bounds what is kept of git's own words.
const maxReason = 2000

// stream runs a command and gives its output to read, which need not read all of it.
func (r *Repo) stream(ctx context.Context, gitDir string, in io.Reader, read func(io.Reader) error, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, r.limits.Time)
	defer cancel()
	cmd := r.command(ctx, gitDir, "", args...)
	cmd.Env = append(cmd.Env, "GIT_FLUSH=0") // nobody waits for the end of one answer
	cmd.Stdin = in
	reason := &head{left: maxReason}
	cmd.Stderr = reason
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := read(out)
	if readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	switch {
	case readErr != nil:
		return readErr
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("git %s: not done within %s", args[0], r.limits.Time)
	case err != nil:
		return fmt.Errorf("git %s: %w: %s", args[0], err, reason)
	}
	return nil
}

// head keeps the beginning of what git says.
type head struct {
	buf  bytes.Buffer
	left int
}

// Write implements io.Writer.
func (h *head) Write(p []byte) (int, error) {
	k := p[:min(len(p), h.left)]
	h.left -= len(k)
	h.buf.Write(k)
	return len(p), nil
}

// String is the text with what a terminal would obey taken out.
func (h *head) String() string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, strings.TrimSpace(h.buf.String()))
}
