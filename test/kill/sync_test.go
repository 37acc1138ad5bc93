package kill

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/program"
)

// TestSyncBefore250 watches the system calls of the shipped program while one mail
// comes in: between reading the dot that ends DATA and writing the 250 a sync of
// the database's log has returned.
func TestSyncBefore250(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	program.Need(t, "strace")
	w := newWorld(t, shipped(t), "", 1)
	w.start()
	trace := filepath.Join(w.dir, "trace")
	cmd := exec.Command("strace", "-f", "-y", "-s", "200", "-e", "trace=read,recvfrom,write,sendto,fsync,fdatasync", "-o", trace,
		"-p", fmt.Sprint(w.nodes[0].server().Pid()))
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), "attached") {
		if strings.Contains(lines.Text(), "not permitted") {
			cmd.Wait()
			if os.Getenv("CI") == "true" {
				t.Fatal("strace may not attach: ", lines.Text())
			}
			t.Skip("SKIPPED, this proves nothing: strace may not attach: ", lines.Text())
		}
	}
	go func() {
		for lines.Scan() { // so that strace never waits for us
		}
	}()
	rawSMTP(t, w.nodes[0].options.SMTP)
	cmd.Process.Signal(syscall.SIGINT) // strace detaches
	cmd.Wait()
	raw, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if problem := syncBetween(string(raw)); problem != "" {
		t.Errorf("%s\n%s", problem, raw)
	}
}

// rawSMTP sends one mail line by line, the dot alone in a segment of its own.
func rawSMTP(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(conn)
	expect := func(code string) {
		t.Helper()
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(line, code) {
				t.Fatalf("got %q, want %s", line, code)
			}
			if len(line) < 4 || line[3] != '-' {
				return
			}
		}
	}
	expect("220")
	for _, s := range []struct{ send, code string }{
		{"EHLO trace.example", "250"}, {"MAIL FROM:<r@trace.example>", "250"}, {"RCPT TO:<" + role + ">", "250"}, {"DATA", "354"},
		{"Subject: traced\r\nFrom: r@trace.example\r\n\r\nhello\r\n.", "250"}, {"QUIT", "221"},
	} {
		fmt.Fprintf(conn, "%s\r\n", s.send)
		expect(s.code)
	}
}

// syncBetween reads a trace and returns what is wrong with its order. With -f a
// call may be split in two lines, begun and resumed; what counts is its return.
func syncBetween(trace string) string {
	dot := regexp.MustCompile(`(read|recvfrom)\(?.*\\r\\n\.\\r\\n"`)
	begun := regexp.MustCompile(`^(\d+) +(?:fsync|fdatasync)\(\d+<([^>]*)>.*<unfinished`)
	whole := regexp.MustCompile(`(?:fsync|fdatasync)\(\d+<([^>]*)>\) += 0`)
	resumed := regexp.MustCompile(`^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>.*= 0`)
	accepted := regexp.MustCompile(`(write|sendto)\(.*"250 2\.0\.0 Accepted`)
	file := map[string]string{} // of the sync that a thread is in
	ended, synced := false, ""
	for line := range strings.Lines(trace) {
		switch {
		case dot.MatchString(line):
			ended, synced = true, ""
		case begun.MatchString(line):
			if m := begun.FindStringSubmatch(line); ended { // one that began before the dot counts for nothing
				file[m[1]] = m[2]
			}
		case resumed.MatchString(line):
			if m := resumed.FindStringSubmatch(line); strings.HasSuffix(file[m[1]], "-wal") {
				synced = file[m[1]]
			}
		case whole.MatchString(line):
			if m := whole.FindStringSubmatch(line); ended && strings.HasSuffix(m[1], "-wal") {
				synced = m[1]
			}
		case accepted.MatchString(line):
			switch {
			case !ended:
				return "the 250 was written before the end of DATA was read"
			case synced == "":
				return "the 250 was written before a sync of the log returned"
			}
			return ""
		}
	}
	return "the trace shows no 250"
}

func TestSyncBetween(t *testing.T) {
	const (
		dot = `7 read(9<TCP:[1]>, "hello\r\n.\r\n", 4096) = 10` + "\n"
		wal = `7 fdatasync(5</d/tocsin.db-wal>) = 0` + "\n"
		ok  = `7 write(9<TCP:[1]>, "250 2.0.0 Accepted\r\n", 20) = 20` + "\n"
	)
	for _, c := range []struct {
		name, trace string
		good        bool
	}{
		{"a sync between them is what we want", dot + wal + ok, true},
		{"a sync that returned in two lines counts", dot + "8 fsync(5</d/tocsin.db-wal> <unfinished ...>\n8 <... fsync resumed>) = 0\n" + ok, true},
		{"a sync that has not returned does not", dot + "8 fsync(5</d/tocsin.db-wal> <unfinished ...>\n" + ok, false},
		{"a sync before the dot does not", wal + dot + ok, false},
		{"a sync that failed does not", dot + "7 fsync(5</d/tocsin.db-wal>) = -1 EIO\n" + ok, false},
		{"a sync of another file does not", dot + "7 fsync(5</d/log>) = 0\n" + ok, false},
		{"no answer at all is a failure", dot + wal, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := syncBetween(c.trace); (got == "") != c.good {
				t.Errorf("got %q", got)
			}
		})
	}
}
