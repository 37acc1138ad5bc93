package walk

import (
	"net"
	"strings"
	"testing"
	"time"
)

// TestHostileMail is what a mail server on the open net gets, against the shipped
// binary: mail for strangers, and bare line feeds that smuggle a second mail.
func TestHostileMail(t *testing.T) {
	w := newWorld(t, "")
	w.step("the first administrator uses the printed link", (*world).firstAdministrator)
	w.step("a project with its chair, lists and texts", (*world).makeProject)
	w.step("a mail to nobody here is refused", func(w *world) {
		out, err := w.swaks("mallory@evil.example", "postmaster@elsewhere.example", []byte("Subject: relay me\r\n\r\nhello\r\n"))
		if err == nil || !strings.Contains(out, "550") {
			t.Errorf("no 550 for a stranger's address: %v\n%s", err, out)
		}
	})
	w.step("a smuggled second mail is refused", func(w *world) {
		answer := w.raw("EHLO evil.example\r\nMAIL FROM:<mallory@evil.example>\r\nRCPT TO:<"+roleAddress+">\r\n", "DATA\r\n",
			"Subject: one\r\n\r\nfirst\n.\nMAIL FROM:<forged@lanterna.example>\r\nRCPT TO:<"+roleAddress+">\r\nDATA\r\nSubject: two\r\n\r\nsecond\r\n.\r\n")
		if !strings.Contains(answer, "550") || strings.Contains(answer, "250 2.0.0 OK") {
			t.Errorf("the bare LF was not refused:\n%s", answer)
		}
	})
	w.step("nothing of it is held", func(w *world) {
		w.ann.visits("/desk")
		w.ann.readsNot("mallory", "forged@")
	})
}

// raw speaks SMTP byte for byte and returns all that the server said.
func (w *world) raw(parts ...string) string {
	w.t.Helper()
	c, err := net.Dial("tcp", w.server.SMTP)
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		w.t.Fatal(err)
	}
	var said strings.Builder
	wait := func(code string) {
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			said.Write(buf[:n])
			lines := strings.Split(strings.TrimSpace(said.String()), "\n")
			if err != nil || strings.HasPrefix(lines[len(lines)-1], code) {
				return
			}
		}
	}
	wait("220 ")
	for i, p := range parts {
		if _, err := c.Write([]byte(p)); err != nil {
			break
		}
		wait([]string{"250 2.1.5", "354 ", "5"}[min(i, 2)])
	}
	return said.String()
}
