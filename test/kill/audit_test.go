package kill

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/test/program"
)

// onlyOnce are the entries that a stream may have once however often the job ran.
func onlyOnce() []string {
	return []string{"desk.ledger.received", "desk.ledger.released", "embargo.ledger.end", "advisory.ledger.numbered", "advisory.ledger.published",
		"advisory.ledger.step_check_tree", "advisory.ledger.step_dev_mail", "advisory.ledger.step_announce_mail"}
}

// audit looks at everything once more: the mails, the tree as the world saw it,
// the record by the tools that an auditor has, and no state change twice.
func (w *world) audit() {
	w.t.Helper()
	w.mailsHeld()
	all, err := w.advisories()
	if err != nil {
		w.t.Fatal(err)
	}
	w.tree.end()
	if err := w.tree.look(); err != nil {
		w.t.Error("the tree at the end:", err)
	}
	if len(w.tree.problems) > 0 {
		w.t.Errorf("the tree was half published %d times: %s", len(w.tree.problems), w.tree.problems[0])
	}
	numbers := map[string]bool{}
	for _, a := range all {
		if a.Number != "" && numbers[a.Number] {
			w.t.Errorf("%s was given twice", a.Number)
		}
		numbers[a.Number] = true
	}
	w.stop()
	w.verify()
	w.inside(w.countEntries)
	w.t.Logf("%d mails, %d starts, %d looks at the tree with %d documents", len(w.post.all()), w.started, w.tree.looks, len(w.tree.known))
}

// verify runs the auditor's commands on an export.
func (w *world) verify() {
	w.t.Helper()
	store := []string{"--data", w.settings["data"], "--url", w.settings["url"], "--site-key-file", w.settings["site-key-file"], "--mail-domain", w.settings["mail-domain"]}
	if w.settings["database"] != "" {
		store = append(store, "--database", w.settings["database"])
	}
	run := func(args ...string) string {
		w.t.Helper()
		cmd := exec.CommandContext(w.t.Context(), w.nodes[0].options.Binary, args...)
		cmd.Env = program.CleanEnv(w.dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			w.t.Fatalf("tocsin %s: %v\n%s", strings.Join(args[:2], " "), err, out)
		}
		return string(out)
	}
	export, key := filepath.Join(w.dir, "ledger.jsonl"), filepath.Join(w.dir, "ledger.pub")
	run(append([]string{"ledger", "checkpoint"}, store...)...)
	if err := os.WriteFile(key, []byte(run(append([]string{"ledger", "key"}, store...)...)), 0o600); err != nil {
		w.t.Fatal(err)
	}
	run(append([]string{"ledger", "export", "--to", export}, store...)...)
	if out := run("ledger", "verify", export, "--key", key); !strings.Contains(out, "intact") {
		w.t.Errorf("the ledger does not verify: %s", out)
	}
}

// countEntries reads the streams of every report and case.
func (w *world) countEntries(ctx context.Context, store *server.Store, _ *server.Services) error {
	return store.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		heads, err := streams(filepath.Join(w.dir, "ledger.jsonl"))
		if err != nil {
			return err
		}
		ended := 0
		for _, s := range heads {
			count := map[string]int{}
			for after := int64(0); ; {
				lines, err := store.Ledger.Read(ctx, v, s, after, 500)
				if err != nil {
					return err
				}
				for _, l := range lines {
					count[l.Kind]++
					after = l.Seq
				}
				if len(lines) < 500 {
					break
				}
			}
			for _, kind := range onlyOnce() {
				if count[kind] > 1 {
					w.t.Errorf("%s has %d entries %s", s, count[kind], kind)
				}
			}
			ended += count["embargo.ledger.end"]
		}
		w.t.Logf("%d streams, %d embargoes ended", len(heads), ended)
		return nil
	})
}

// streams returns the streams of an export's heads.
func streams(export string) ([]unit.Stream, error) {
	f, err := os.Open(export)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []unit.Stream
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var head struct {
			Head string `json:"head"`
		}
		if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
			return nil, err
		}
		if kind, id, ok := strings.Cut(head.Head, ":"); ok {
			out = append(out, unit.Stream{Kind: kind, ID: id})
		}
	}
	return out, lines.Err()
}
