//go:build bench

package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/test/program"
)

// postfixServer is a postfix with folders of its own that delivers everything to
// one Maildir.
type postfixServer struct{ addr, maildir string }

// startPostfix starts postfix on loopback; false without postfix or without the
// right to run it (its master wants root).
func startPostfix(t *testing.T) (postfixServer, bool) {
	t.Helper()
	bin, err := exec.LookPath("postfix")
	if err != nil || os.Getuid() != 0 {
		return postfixServer{}, false
	}
	dir, err := os.MkdirTemp("", "bench-postfix")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	conf, queue, data, mail := filepath.Join(dir, "etc"), filepath.Join(dir, "queue"), filepath.Join(dir, "lib"), filepath.Join(dir, "mail")
	for _, d := range []string{conf, queue, data, mail} {
		must(t, os.Mkdir(d, 0o755))
	}
	must(t, exec.Command("chown", "postfix", data).Run())
	must(t, exec.Command("chown", "nobody:nogroup", mail).Run())
	addr := program.FreeAddress(t)
	_, port, err := net.SplitHostPort(addr)
	must(t, err)
	write := func(name, text string) { must(t, os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644)) }
	write("main.cf", fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %s
data_directory = %s
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost.localdomain
mydestination =
virtual_mailbox_domains = localhost.localdomain
virtual_mailbox_base = %s
virtual_mailbox_maps = static:in/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_client_connection_count_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_peername_lookup = no
maillog_file = /dev/stdout
`, queue, data, mail))
	write("master.cf", fmt.Sprintf(`127.0.0.1:%s inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`, port))
	if out, err := exec.Command(bin, "-c", conf, "start").CombinedOutput(); err != nil {
		t.Logf("postfix does not start: %v\n%s", err, out)
		return postfixServer{}, false
	}
	t.Cleanup(func() { exec.Command(bin, "-c", conf, "stop").Run() })
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return postfixServer{addr: addr, maildir: filepath.Join(mail, "in")}, true
		}
		time.Sleep(50 * time.Millisecond) // a foreign process gives no other sign
	}
	t.Log("postfix does not listen")
	return postfixServer{}, false
}
