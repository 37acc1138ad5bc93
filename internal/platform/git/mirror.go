package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Source is where a mirror is fetched from, and what that may cost.
type Source struct {
	URL       string   // https://, http:// or file:///
	Protocols []string // those that are allowed: "https", "http", "file"
	Folders   []string // below one of which a local repository has to lie
	// Addresses resolves a host and refuses what may not be reached.
	Addresses func(ctx context.Context, host string) ([]netip.Addr, error)
	MaxBytes  int64         // of the mirror; 10 GiB
	Time      time.Duration // of one fetch; 30 minutes
}

// Errors of Fetch that a caller tells apart.
var (
	ErrProtocol = errors.New("this kind of address is not allowed")
	ErrFolder   = errors.New("this folder is not one of those that are allowed")
	ErrFetch    = errors.New("the repository could not be fetched")
	ErrTime     = errors.New("the repository could not be fetched in time")
)

const (
	mirrorBytes = 10 << 30
	mirrorTime  = 30 * time.Minute
	mirrorLook  = time.Second // how often the size of a growing mirror is looked at
)

// Fetch makes the bare repository at dir, or brings it up to date: all branches and tags,
// and nothing that the other side says to run or to fetch besides. Objects of branches
// that were replaced stay. It fails with one of the errors above, ErrTooBig or ErrNoGit, or
// with that of Addresses.
func Fetch(ctx context.Context, dir string, s Source) (err error) {
	s.MaxBytes, s.Time = orElse(s.MaxBytes, mirrorBytes), orElse(s.Time, mirrorTime)
	from, protocol, extra, err := s.target(ctx)
	if err != nil {
		return err
	}
	if err := makeMirror(dir); err != nil {
		return fmt.Errorf("make a mirror: %w", err)
	}
	// A git that was ended leaves what it had received so far, and an ended process this.
	if err := removeUnfinished(dir); err != nil {
		return fmt.Errorf("tidy a mirror: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeUnfinished(dir))
		}
	}()
	r, err := Open(dir, Limits{Time: s.Time})
	if err != nil {
		return err
	}
	defer r.Close()
	// What a server process of a local repository reads as well, which takes no -c.
	global := filepath.Join(r.view, "global")
	if err := os.WriteFile(global, []byte("[safe]\n\tdirectory = *\n"), 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Time)
	defer cancel()
	ctx, tooBig := context.WithCancelCause(ctx)
	defer tooBig(nil)
	go watchSize(ctx, dir, s.MaxBytes, tooBig)
	args := append(extra, "-c", "gc.auto=6700", "-c", "gc.autoDetach=false", "-c", "gc.pruneExpire=never",
		"fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--end-of-options",
		from, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
	cmd := r.command(ctx, dir, "", args...)
	// The last one of a name counts.
	cmd.Env = append(cmd.Env, "GIT_ALLOW_PROTOCOL="+protocol, "GIT_CONFIG_GLOBAL="+global)
	reason := &head{left: maxReason}
	cmd.Stderr = reason
	err = cmd.Run()
	switch {
	case errors.Is(context.Cause(ctx), ErrTooBig):
		return ErrTooBig
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrTime
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %s", ErrFetch, reason)
	}
	if size := sizeOf(dir); size > s.MaxBytes {
		return ErrTooBig
	}
	return nil
}

// target checks the address. extra are settings that hold git to the checked addresses:
// neither the DNS nor a redirect leads it elsewhere.
func (s Source) target(ctx context.Context) (from, protocol string, extra []string, err error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.User != nil || !slices.Contains(s.Protocols, u.Scheme) {
		return "", "", nil, ErrProtocol
	}
	switch {
	case u.Scheme == "file":
		path, err := s.folder(u)
		return path, "file", nil, err
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || s.Addresses == nil:
		return "", "", nil, ErrProtocol
	}
	addrs, err := s.Addresses(ctx, u.Hostname())
	if err != nil {
		return "", "", nil, err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	var list []string
	for _, a := range addrs {
		text := a.Unmap().WithZone("").String()
		if a.Unmap().Is6() {
			text = "[" + text + "]"
		}
		list = append(list, text)
	}
	extra = []string{"-c", "http.followRedirects=false", "-c", "http.proxy=", "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60",
		"-c", "credential.helper="}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil {
		extra = append(extra, "-c", "http.curloptResolve="+u.Hostname()+":"+port+":"+strings.Join(list, ","))
	}
	u.Fragment = ""
	return u.String(), u.Scheme, extra, nil
}

// folder is the real path of a local repository, which must lie below an allowed one.
func (s Source) folder(u *url.URL) (string, error) {
	if u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) {
		return "", ErrFolder
	}
	path, err := filepath.EvalSymlinks(u.Path)
	if err != nil {
		return "", ErrFolder // whether it exists elsewhere is nobody's business
	}
	for _, f := range s.Folders {
		real, err := filepath.EvalSymlinks(f)
		if err == nil && (path == real || strings.HasPrefix(path, strings.TrimSuffix(real, "/")+"/")) {
			return path, nil
		}
	}
	return "", ErrFolder
}

// makeMirror writes an empty bare repository, if there is none.
func makeMirror(dir string) error {
	if isGit(dir) {
		return nil
	}
	var err error
	for _, d := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags", "info"} {
		err = errors.Join(err, os.MkdirAll(filepath.Join(dir, d), 0o700))
	}
	return errors.Join(err, os.WriteFile(filepath.Join(dir, "config"), []byte("[core]\n\trepositoryformatversion = 0\n\tbare = true\n"), 0o600),
		os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/none\n"), 0o600))
}

// removeUnfinished removes packs that git was still writing. Nobody else fetches meanwhile.
func removeUnfinished(dir string) error {
	list, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "tmp_*"))
	for _, f := range list {
		if gone := os.Remove(f); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// watchSize ends a fetch that makes the mirror larger than it may be.
func watchSize(ctx context.Context, dir string, most int64, tooBig context.CancelCauseFunc) {
	tick := time.NewTicker(mirrorLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if sizeOf(dir) > most {
				tooBig(ErrTooBig)
				return
			}
		}
	}
}

// sizeOf is the size of all files below a folder; what goes away meanwhile is none.
func sizeOf(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
