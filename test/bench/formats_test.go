//go:build bench

package bench

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/test/program"
	"github.com/tocsin-sec/tocsin/test/shared"
)

// tools is the folder that scripts/tools fills.
func tools(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("TOCSIN_TOOLS"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "tocsin-tools")
}

// self is the processor time of this process in seconds.
func self(t *testing.T) float64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// spent runs a program to its end and returns the processor time of its process (rusage)
// in seconds.
func spent(t *testing.T, name string, args ...string) float64 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	// csaf_validator ends with 4 when it has no remote validator (its documentation).
	if err := cmd.Run(); err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 4) {
		t.Fatalf("%s: %v\n%.2000s", name, err, complaint.String())
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// TestCSAF measures full validation over the documents of CISA, beside the schema check
// of gocsaf and the reference library. Processes are measured whole, over 20 rounds of
// the documents, so that their start counts little; the library is measured in this
// process, over documents in memory.
func TestCSAF(t *testing.T) {
	const rounds = 20
	files, err := filepath.Glob(filepath.Join(shared.Dir(t), "data/csaf/cisa/OT/white/*/*.json"))
	if err != nil || len(files) < 100 {
		t.Fatal("no documents", err)
	}
	var all [][]byte
	size := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all, size = append(all, raw), size+len(raw)
	}
	n, mb := float64(rounds*len(files)), float64(rounds*size)/1e6
	library := func(without ...string) float64 {
		v := validate.Validator{}
		before := self(t)
		for range rounds {
			for _, data := range all {
				if _, err := v.Check(t.Context(), data, validate.Request{Presets: []string{"full"}, Without: without}); err != nil {
					t.Fatal(err)
				}
			}
		}
		return self(t) - before
	}
	many := slices.Repeat(files, rounds)
	ours := library()
	whole := spent(t, program.Build(t), append([]string{"check", "--show", "error"}, many...)...)
	gocsaf := spent(t, filepath.Join(tools(t), "bin", "csaf_validator"), many...)
	results.add("full CSAF 2.0 validation (parsing, structure, 74 tests), documents per CPU-second", fmt.Sprintf("%.0f (%.0f MB/s)", n/ours, mb/ours), "goal 2000", fmt.Sprintf("%.1f", n/ours/2000))
	results.add("the same, beside csaf_validator v3.7.0, which checks the schema alone", fmt.Sprintf("%.0f", n/ours), fmt.Sprintf("%.0f; goal 3 times as many", n/gocsaf), fmt.Sprintf("%.1f", gocsaf/ours))
	results.add("the same as `tocsin check` with reading files, places and output", fmt.Sprintf("%.0f", n/whole), fmt.Sprintf("csaf_validator %.0f", n/gocsaf), fmt.Sprintf("%.1f", gocsaf/whole))

	peer := library("6.3.8")
	dir := t.TempDir()
	for i, data := range all {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".json")), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const peerRounds = 4
	node := spent(t, "node", "../peers/csaf/peer.mjs", filepath.Join(tools(t), "npm", "node_modules"), dir, fmt.Sprint(peerRounds))
	theirs := float64(peerRounds*len(files)+20) / node // 20 to warm up
	results.add("full preset without network and spelling, beside csaf-validator-lib 2.0.10", fmt.Sprintf("%.0f (%.0f MB/s)", n/peer, mb/peer), fmt.Sprintf("%.0f; goal 4 times as many", theirs), fmt.Sprintf("%.1f", n/peer/theirs))
}

// TestOSV measures reading and writing every OSV record of the shared sets, beside
// encoding/json, which knows nothing of the format; then each is compared with what was
// read.
func TestOSV(t *testing.T) {
	var all [][]byte
	for _, set := range []string{"AlmaLinux", "Go"} {
		z, err := zip.OpenReader(filepath.Join(shared.Dir(t), "data/osv", set, "all.zip"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			if !strings.HasSuffix(f.Name, ".json") {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, raw)
		}
		z.Close()
	}
	written := make([][]byte, len(all))
	before := self(t)
	for i, raw := range all {
		record, problems := osv.Read(raw, osv.Limits{})
		if problems.Fatal() {
			t.Fatal(problems)
		}
		out, err := osv.Write(record)
		if err != nil {
			t.Fatal(err)
		}
		written[i] = out
	}
	ours := self(t) - before
	before = self(t)
	for _, raw := range all {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		if _, err := json.MarshalIndent(v, "", "  "); err != nil {
			t.Fatal(err)
		}
	}
	plain := self(t) - before
	for i, raw := range all {
		if !reflect.DeepEqual(meaning(t, raw), meaning(t, written[i])) {
			t.Fatalf("the meaning has changed:\n%s\n%s", raw, written[i])
		}
	}
	n := float64(len(all))
	results.add(fmt.Sprintf("OSV records read and written, unchanged in meaning (%d), per CPU-second", len(all)), fmt.Sprintf("%.0f", n/ours), "goal 5000", fmt.Sprintf("%.1f", n/ours/5000))
	results.add("the same, beside encoding/json to maps and back", fmt.Sprintf("%.0f", n/ours), fmt.Sprintf("%.0f", n/plain), fmt.Sprintf("%.1f", plain/ours))
}

// meaning is a record without what the schema holds equal: null where an array may be.
func meaning(t *testing.T, raw []byte) any {
	t.Helper()
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"aliases", "severity", "affected", "references"} {
		if x, ok := v[name]; ok && x == nil {
			delete(v, name)
		}
	}
	return v
}
