package seal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// Source says where the site key comes from. The first that is set counts: File
// (--site-key-file or TOCSIN_SITE_KEY_FILE, a systemd credential for example),
// Command (--site-key-command, run by the shell, prints the key), Home (the
// configuration folder of the user, $XDG_CONFIG_HOME).
type Source struct {
	File    string
	Command string
	Home    string // the key lies in Home/tocsin/site.key
	Make    bool   // make the key in Home when there is none
}

// Loaded is a site key and what the operator should hear about its source.
type Loaded struct {
	Key      SiteKey
	From     string   // a path or "command"
	Made     bool     // just now
	Warnings []string // catalogue keys: "seal.key_in_home", "seal.key_readable"
}

// commandTime bounds the site key command, which may ask a slow key server.
const commandTime = 30 * time.Second

// LoadSiteKey reads the site key. Faults: Unavailable "seal.no_site_key" (no
// source gave one), "seal.site_key_file", "seal.site_key_command", Invalid
// "seal.bad_site_key". No fault repeats the key or the command's output.
func LoadSiteKey(ctx context.Context, s Source) (Loaded, error) {
	switch {
	case s.File != "":
		return loadFile(s.File)
	case s.Command != "":
		return loadCommand(ctx, s.Command)
	case s.Home != "":
		return loadHome(filepath.Join(s.Home, "tocsin", "site.key"), s.Make)
	}
	return Loaded{}, fault.New(fault.Unavailable, "seal.no_site_key")
}

func loadFile(path string) (Loaded, error) {
	f, err := os.Open(path)
	if err != nil {
		return Loaded{}, fault.New(fault.Unavailable, "seal.site_key_file", path).Because(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return Loaded{}, fault.New(fault.Unavailable, "seal.site_key_file", path).Because(err)
	}
	key, err := ParseSiteKey(string(text))
	if err != nil {
		return Loaded{}, err
	}
	out := Loaded{Key: key, From: path}
	if info, err := f.Stat(); err == nil && info.Mode().Perm()&0o007 != 0 {
		out.Warnings = append(out.Warnings, "seal.key_readable")
	}
	return out, nil
}

func loadCommand(ctx context.Context, command string) (Loaded, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stdout = &limited{&out, 4096}
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return Loaded{}, fault.New(fault.Unavailable, "seal.site_key_command").Because(err)
	}
	key, err := ParseSiteKey(out.String())
	if err != nil {
		return Loaded{}, err
	}
	return Loaded{Key: key, From: "command"}, nil
}

// limited refuses more than left bytes.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, errors.New("the output is too long for a key")
	}
	l.left -= len(p)
	return l.w.Write(p)
}

func loadHome(path string, mayMake bool) (Loaded, error) {
	out, err := loadFile(path)
	if errors.Is(err, fs.ErrNotExist) && mayMake {
		if err := makeFile(path, NewSiteKey()); err != nil {
			return Loaded{}, fault.New(fault.Unavailable, "seal.site_key_file", path).Because(err)
		}
		out, err = loadFile(path)
		out.Made = true
	}
	if err != nil {
		return Loaded{}, err
	}
	out.Warnings = append(out.Warnings, "seal.key_in_home")
	return out, nil
}

// LoadOrMake reads the site key in a file and makes one where there is no file: the
// target of a rotation. Faults are those of LoadSiteKey.
func LoadOrMake(path string) (Loaded, error) {
	out, err := loadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	if err := makeFile(path, NewSiteKey()); err != nil {
		return Loaded{}, fault.New(fault.Unavailable, "seal.site_key_file", path).Because(err)
	}
	out, err = loadFile(path)
	out.Made = true
	return out, err
}

// makeFile writes the key durably before anything is sealed with it, its folders
// included: a key that a power cut takes is the end of the store. A link fails where a
// file is, so that of two servers that start at once the second reads the first one's key.
func makeFile(path string, key SiteKey) error {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	made := missing(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "site.key.*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(key.Text())
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, folder := range append(made, dir) {
		// A folder above may be one that we may write to and not read.
		if err := syncFolder(folder); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

// missing returns the folders that hold the names of those which are to be made for dir.
func missing(dir string) []string {
	var out []string
	for up := filepath.Dir(dir); up != dir; dir, up = up, filepath.Dir(up) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		out = append(out, up)
	}
	return out
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
