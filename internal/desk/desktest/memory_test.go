package desktest

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// peak is the most memory that the process ever had, in MB, or 0 where the system
// does not say.
func peak(t *testing.T) int {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var kb int
		if n, _ := fmt.Sscanf(s.Text(), "VmHWM: %d kB", &kb); n == 1 {
			return kb >> 10
		}
	}
	return 0
}

// TestALargeMailIsStreamed: 48 MB in one mail, clear or encrypted, cost at most 64 MB.
func TestALargeMailIsStreamed(t *testing.T) {
	if os.Getenv("TOCSIN_MEMORY") == "" {
		// The peak is the process's: the test says something only when it runs alone.
		t.Skip("set TOCSIN_MEMORY=1 and run it alone")
	}
	r := oneEngine(t)
	r.know("ada-person")
	keys := made()
	for name, change := range map[string]func(*mailmsg.Draft){
		"clear": func(*mailmsg.Draft) {}, "encrypted": encryptTo(&keys.ada, keys.team), "signed": signBy(keys.ada),
	} {
		path := filepath.Join(t.TempDir(), name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		size := int64(34 << 20)
		if name == "encrypted" {
			size = 25 << 20 // base64 within base64
		}
		d := &mailmsg.Draft{
			From: mailmsg.Address{Addr: "ada@mail.example"}, To: []mailmsg.Address{{Addr: "security@lanterna.example"}}, Subject: name,
			Date: when(), Text: "large\n", MessageID: "<" + name + "@mail.example>", Files: []mailmsg.File{{Name: "core", Body: io.LimitReader(counting{}, size)}},
		}
		change(d)
		if err := d.Write(f); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		debug.FreeOSMemory()
		before := peak(t)
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err == nil {
			before = peak(t)
		}
		err = r.Door.Accept(t.Context(), desk.Incoming{From: "ada@mail.example", To: []string{"security@lanterna.example"}, Remote: netip.MustParseAddr("192.0.2.7"), Body: f})
		if err != nil {
			t.Fatal(err)
		}
		r.Drain(t)
		f.Close()
		if !slices.ContainsFunc(r.list(maria), func(rep desk.Report) bool { return rep.Title == name && !rep.Flagged }) {
			t.Fatalf("%s: %+v", name, r.list(maria))
		}
		t.Logf("%s: %d MB above idle", name, peak(t)-before)
		if grown := peak(t) - before; grown > 64 {
			t.Errorf("%s: %d MB above idle", name, grown)
		}
	}
}

// counting is an endless stream that compresses badly enough.
type counting struct{}

func (counting) Read(b []byte) (int, error) {
	return copy(b, strings.Repeat("0123456789abcdefghijklmnopqrstuvwxyz\n", len(b)/37+1)), nil
}
