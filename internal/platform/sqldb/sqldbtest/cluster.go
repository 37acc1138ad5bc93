package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Server starts a PostgreSQL server that syncs, as the program wants it, and
// returns a function that creates an empty database and returns its URL, for
// whole-program tests. Without PostgreSQL it returns an error.
func Server() (create func(ctx context.Context, name string) (string, error), err error) {
	templates.Lock()
	defer templates.Unlock()
	if templates.durable == nil && templates.durableErr == nil {
		templates.durable, templates.durableErr = startDurable()
	}
	if templates.durableErr != nil {
		return nil, templates.durableErr
	}
	s := templates.durable
	return func(ctx context.Context, name string) (string, error) {
		if err := s.admin(ctx, "create database "+name+" encoding 'UTF8' template template0"); err != nil {
			return "", err
		}
		return s.config(name).URL.Reveal(), nil
	}, nil
}

// startDurable uses the server of TOCSIN_TEST_POSTGRES when that one syncs, and
// starts a cluster when it does not: the shipped program refuses fsync=off.
func startDurable() (*server, error) {
	if given := os.Getenv("TOCSIN_TEST_POSTGRES"); given != "" {
		s, err := startServer()
		if err != nil {
			return nil, err
		}
		db, err := sqldb.Open(context.Background(), sqldb.Config{URL: secret.New(s.url.String()), Readers: 1})
		if err == nil {
			return s, db.Close()
		}
	}
	return startCluster("-c fsync=on -c synchronous_commit=on")
}

// startServer uses the server of TOCSIN_TEST_POSTGRES or starts a cluster.
func startServer() (*server, error) {
	if given := os.Getenv("TOCSIN_TEST_POSTGRES"); given != "" {
		u, err := url.Parse(given)
		if err != nil {
			return nil, errors.New("TOCSIN_TEST_POSTGRES is not a URL")
		}
		return &server{url: u}, nil
	}
	return startCluster("-c fsync=off -c full_page_writes=off -c synchronous_commit=off")
}

// startCluster starts a cluster with these settings, which ends with this process.
func startCluster(settings string) (*server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(inMemory(), "tocsin-pg-")
	if err != nil {
		return nil, err
	}
	prefix, err := asPostgres(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	// One shell starts the cluster and waits on its standard input, which ends with
	// this process however that ends; then it stops the cluster and removes it.
	script := `trap '' INT TERM HUP
cd "$2" && "$1/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync >init.log 2>&1 &&
"$1/pg_ctl" -D data -w -l server.log -o "-c listen_addresses='' -c unix_socket_directories='$2' $3 -c max_connections=300 -c shared_buffers=32MB -c max_wal_size=256MB -c autovacuum=off" start >start.log 2>&1 &&
echo ready >ready || echo failed >ready
cat >/dev/null
"$1/pg_ctl" -D data -m immediate stop >stop.log 2>&1
cd / && rm -rf "$2"`
	args := append(prefix, "/bin/sh", "-c", script, "sh", bin, dir, settings)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/"
	// Its own session: an interrupt from the keyboard must reach the tests first.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if _, err := cmd.StdinPipe(); err != nil { // kept open for as long as this process lives
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	keep(cmd)
	if err := awaitReady(dir); err != nil {
		return nil, err
	}
	return &server{url: &url.URL{Scheme: "postgres", Path: "/postgres",
		RawQuery: url.Values{"host": {dir}, "user": {"postgres"}}.Encode()}}, nil
}

// inMemory is the folder of a file system in memory with room for a cluster, or ""
// for that of other temporary files. Tests end processes, never the machine: a disk
// under load would only add syncs of many seconds, which the program takes for a
// server that does not answer.
func inMemory() string {
	const dir, room = "/dev/shm", 4 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room {
		return ""
	}
	return dir
}

// keep refers to the command until the process ends: the garbage collector
// closes the pipe of one that nobody refers to, and so would stop the cluster.
func keep(cmd *exec.Cmd) {
	go func() {
		_ = cmd.Wait()
	}()
}

func awaitReady(dir string) error {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		state, err := os.ReadFile(filepath.Join(dir, "ready"))
		if err == nil && string(state) == "ready\n" {
			return nil
		}
		if err == nil && string(state) == "failed\n" {
			a, _ := os.ReadFile(filepath.Join(dir, "init.log"))
			b, _ := os.ReadFile(filepath.Join(dir, "server.log"))
			return fmt.Errorf("PostgreSQL does not start:\n%s\n%s", a, b)
		}
		// A foreign process gives no other sign.
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("PostgreSQL does not start within two minutes")
}

// asPostgres gives the folder to the user that runs the cluster and returns the
// command that becomes this user: initdb refuses root.
func asPostgres(dir string) ([]string, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("root needs a user postgres: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	return []string{"runuser", "-u", "postgres", "--"}, nil
}

// binaries finds the folder with initdb: on the path, or where Debian puts it.
func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("no initdb on the path")
	}
	return filepath.Dir(found[len(found)-1]), nil
}
