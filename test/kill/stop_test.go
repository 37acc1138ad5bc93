package kill

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStopInTheMiddle ends the server with SIGTERM while a mail is in its DATA and an
// advisory is being published: the mail that is coming in is taken to its end, the
// exit code is 0, and after the next start all of it is there, once.
func TestStopInTheMiddle(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	w := newWorld(t, shipped(t), "", 1)
	w.start()
	w.watch()
	for round := range 3 {
		c := w.open(time.Second)
		w.embargoOver(c)
		a := w.write(c)
		m, _ := w.post.next()
		conn, err := net.Dial("tcp", w.nodes[0].options.SMTP)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute))
		in := bufio.NewReader(conn)
		say := func(line, code string) {
			t.Helper()
			if line != "" {
				fmt.Fprintf(conn, "%s\r\n", line)
			}
			for {
				got, err := in.ReadString('\n')
				if err != nil || !strings.HasPrefix(got, code) {
					t.Fatalf("%q was answered %q, %v", line, got, err)
				}
				if got[3] == ' ' {
					return
				}
			}
		}
		say("", "220")
		say("EHLO stop.example", "250")
		say("MAIL FROM:<"+m.from+">", "250")
		say("RCPT TO:<"+role+">", "250")
		say("DATA", "354")
		fmt.Fprintf(conn, "From: %s\r\nTo: %s\r\nSubject: %s\r\n\r\nThe first half.\r\n", m.from, role, m.subject)
		w.act(a, "publish")
		s := w.nodes[0].server()
		begin := time.Now()
		s.Signal(syscall.SIGTERM)
		if round > 0 {
			until := time.NewTimer(time.Duration(round) * 30 * time.Millisecond)
			<-until.C // the signal has done its work, or half of it
		}
		say("The second half.\r\n.", "250")
		w.post.heard(m, nil)
		conn.Close()
		if err := s.Exit(); err != nil {
			t.Errorf("the exit code is not 0: %v\n%s", err, s.Output())
		}
		t.Logf("stopped after %.1f s", time.Since(begin).Seconds())
		w.start()
		w.mailsHeld()
		w.published(a)
		w.audit()
	}
	// Who sends half a mail and goes on in silence does not hold the server up.
	conn, err := net.Dial("tcp", w.nodes[0].options.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "EHLO silent.example\r\n")
	s := w.nodes[0].server()
	s.Signal(syscall.SIGTERM)
	if err := s.Exit(); err != nil {
		t.Errorf("with a silent sender the exit code is not 0: %v", err)
	}
}
