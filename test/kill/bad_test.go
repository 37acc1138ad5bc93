package kill

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/program"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// answers wants pages and probes to be served, whatever else is wrong.
func (w *world) answers() {
	w.t.Helper()
	s := w.nodes[0].server()
	for _, path := range []string{"/healthz", "/", "/.well-known/csaf/provider-metadata.json", "/api/reports"} {
		if path == "/api/reports" {
			if _, err := w.reports("held"); err != nil {
				w.t.Error(err)
			}
			continue
		}
		answer, err := s.Client.Get(s.URL + path)
		if err != nil {
			w.t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode >= 500 {
			w.t.Errorf("%s: %s", path, answer.Status)
		}
	}
}

// deferred wants the next mail to be put off with a 451.
func (w *world) deferred() {
	w.t.Helper()
	_, err := w.post.send(w.nodes[0].options.SMTP)
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code != 451 {
		w.t.Errorf("the sender got %v, not 451\n%s", err, w.nodes[0].server().Output())
	}
}

func (w *world) taken() {
	w.t.Helper()
	if _, err := w.post.send(w.nodes[0].options.SMTP); err != nil {
		w.t.Error("a mail is not taken:", err)
	}
}

func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	w := newWorld(t, shipped(t), "", 1)
	data := w.settings["data"]
	raw, err := os.ReadFile(filepath.Join(data, "tocsin.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tocsin-full", data, "tmpfs", 0, "size=24m,mode=700"); err != nil {
		shared.Missing(t, "a file system of its own that can fill up: mount: %v", err)
	}
	t.Cleanup(func() {
		w.stop()
		if err := syscall.Unmount(data, 0); err != nil {
			t.Error("unmount:", err)
		}
	})
	if err := os.WriteFile(filepath.Join(data, "tocsin.db"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.taken()
	w.mailsHeld()
	filler, err := os.Create(filepath.Join(data, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	filler.Close()
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	refused := false
	for range 400 { // what the log's file holds already may still be written over
		if _, err := w.post.send(w.nodes[0].options.SMTP); err != nil {
			refused = true
			break
		}
	}
	if !refused {
		t.Fatal("a full disk took 400 mails")
	}
	w.deferred()
	w.answers()
	log := w.nodes[0].server().Output()
	if !strings.Contains(log, "The disk is full") {
		t.Errorf("the operator is not told that the disk is full:\n%s", log[max(0, len(log)-3000):])
	}
	if err := os.Remove(filler.Name()); err != nil {
		t.Fatal(err)
	}
	w.taken()
	w.mailsHeld()
}

func TestCorruptDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	w := newWorld(t, shipped(t), "", 1)
	path := filepath.Join(w.settings["data"], "tocsin.db")
	for _, side := range []string{"-wal", "-shm"} {
		os.Remove(path + side)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		harm func([]byte) []byte
	}{
		{"another file under its name", func(b []byte) []byte { return bytes.Repeat([]byte("not a database\n"), 4000) }},
		{"a torn schema", func(b []byte) []byte { copy(b[100:4000], bytes.Repeat([]byte{0xa5}, 3900)); return b }},
		{"cut in the middle", func(b []byte) []byte { return b[:len(b)/3] }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := c.harm(slices.Clone(good))
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, w.nodes[0].options.Binary, "serve", "--data", w.settings["data"], "--listen", "127.0.0.1:0", "--smtp", "",
				"--site-key-file", w.settings["site-key-file"])
			cmd.Env = program.CleanEnv(w.dir)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || !exit.Exited() {
				t.Fatalf("it did not end by itself: %v\n%s", err, out)
			}
			if !strings.Contains(string(out), "tocsin.db") && !strings.Contains(string(out), "damaged") {
				t.Errorf("the message names neither file nor trouble: %s", out)
			}
			t.Logf("exit %d: %s", exit.ExitCode(), out)
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(after, bad) {
				t.Error("the file was written to")
			}
		})
	}
}

// TestSmarthostDown uses the build whose waits are short: a letter that could not go
// out is tried again after five minutes.
func TestSmarthostDown(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	w := newWorld(t, killable(t), "", 1)
	n := w.nodes[0]
	at := slices.Index(n.options.Flags, "--smarthost") + 1
	sink := strings.TrimPrefix(n.options.Flags[at], "smtp://")
	address := program.FreeAddress(t)
	n.options.Flags[at] = "smtp://" + address
	w.start()
	for range 3 {
		w.taken()
	}
	w.mailsHeld()
	w.answers()
	if got := w.lettersTo(); len(got) != 0 {
		t.Fatal("letters went out without a smarthost:", got)
	}
	forward(t, address, sink)
	w.answered()
	w.stop() // nothing more is on its way
	for to, letters := range w.lettersTo() {
		if len(letters) != 1 {
			t.Errorf("%s got %d letters: %v", to, len(letters), letters)
		}
	}
}

// forward lets a smarthost come up at the address.
func forward(t *testing.T, address, to string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer out.Close()
				go io.Copy(out, in)
				io.Copy(in, out)
			}()
		}
	}()
}
