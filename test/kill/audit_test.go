package kill

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/test/program"
)

// onlyOnce are the entries that a stream may have once however often the job ran.
func onlyOnce() []string {
	return []string{"desk.ledger.received", "desk.ledger.released", "casework.ledger.opened", "embargo.ledger.set", "embargo.ledger.end",
		"advisory.ledger.numbered", "advisory.ledger.published",
		"advisory.ledger.step_check_tree", "advisory.ledger.step_dev_mail", "advisory.ledger.step_announce_mail"}
}

// auditor reads the store beside the running servers, as the command line does.
type auditor struct {
	store *server.Store
	notes [][]byte                 // every checkpoint so far
	read  map[unit.Stream]int64    // how far each stream was read
	count map[unit.Stream]counters // what was in it
}

type counters map[string]int

// audit holds everything against what was promised, with every server running: mails,
// letters, tree, numbers, the record.
func (w *world) audit() {
	w.t.Helper()
	w.mailsHeld()
	w.lettersTo()
	if err := w.tree.look(true); err != nil {
		w.t.Error("the tree after the round:", err)
	}
	w.tree.mu.Lock()
	if len(w.tree.problems) > 0 {
		w.t.Errorf("the tree was half published %d times: %s", len(w.tree.problems), w.tree.problems[0])
	}
	w.tree.mu.Unlock()
	all, err := w.advisories()
	if err != nil {
		w.t.Fatal(err)
	}
	numbers, published := map[string]bool{}, 0
	for _, a := range all {
		if a.Number != "" && numbers[a.Number] {
			w.t.Errorf("%s was given twice", a.Number)
		}
		numbers[a.Number] = true
		published += len(a.Published)
	}
	if n := w.tree.documents(); n != published {
		w.t.Errorf("%d advisories are published, the tree has %d documents", published, n)
	}
	w.record()
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// record makes a checkpoint, verifies the whole record against every earlier one, and
// counts what may have happened once only.
func (w *world) record() {
	w.t.Helper()
	if w.ledger == nil {
		w.ledger = &auditor{read: map[unit.Stream]int64{}, count: map[unit.Stream]counters{}}
		cfg, err := config.Load("", nil, w.settings)
		if err == nil {
			w.ledger.store, err = server.OpenStore(w.t.Context(), cfg, slog.New(slog.DiscardHandler))
		}
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { w.ledger.store.Close() })
	}
	a, ctx := w.ledger, w.t.Context()
	note, err := a.store.Ledger.Now(ctx)
	for fault.Is(err, fault.Conflict) { // the server was faster
		note, err = a.store.Ledger.Now(ctx)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	var export bytes.Buffer
	if err := a.store.Ledger.Export(ctx, &export); err != nil {
		w.t.Fatal(err)
	}
	var keys []string
	if err := a.store.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		keys, err = a.store.Ledger.Keys(ctx, v)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	report, err := ledger.Verify(ctx, bytes.NewReader(export.Bytes()), ledger.Against{Keys: keys, Earlier: a.notes})
	if err != nil {
		w.t.Fatal(err)
	}
	if !report.OK() || len(report.Restores) > 0 {
		w.t.Errorf("the record is not intact: %v %v", report.Findings, report.Restores)
	}
	a.notes = append(a.notes, []byte(note))
	heads, err := streams(&export)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := a.store.Work.View(ctx, func(ctx context.Context, v unit.View) error { return a.tally(ctx, v, heads) }); err != nil {
		w.t.Fatal(err)
	}
	w.onceEach()
}

// tally reads what is new in every stream.
func (a *auditor) tally(ctx context.Context, v unit.View, heads []unit.Stream) error {
	for _, s := range heads {
		if a.count[s] == nil {
			a.count[s] = counters{}
		}
		for {
			lines, err := a.store.Ledger.Read(ctx, v, s, a.read[s], 500)
			if err != nil {
				return err
			}
			for _, l := range lines {
				a.read[s] = l.Seq
				if s.Kind == "project" && l.Args["number"] != "" {
					a.count[s][l.Kind+" "+l.Args["number"]]++ // imports lie together in one stream
					continue
				}
				a.count[s][l.Kind]++
			}
			if len(lines) < 500 {
				break
			}
		}
	}
	return nil
}

// onceEach wants no state change twice, and as many cases as were opened, each with
// its embargo.
func (w *world) onceEach() {
	w.t.Helper()
	sum := counters{}
	for s, count := range w.ledger.count {
		for what, n := range count {
			kind, _, _ := strings.Cut(what, " ")
			if !slices.Contains(onlyOnce(), kind) {
				continue
			}
			if n > 1 {
				w.t.Errorf("%s has %d entries %s", s, n, what)
			}
			sum[kind] += n
		}
		if count["casework.ledger.opened"] != count["embargo.ledger.set"] {
			w.t.Errorf("%s: opened %d times, an embargo set %d times", s, count["casework.ledger.opened"], count["embargo.ledger.set"])
		}
	}
	if cases, want := sum["casework.ledger.opened"], sum["desk.ledger.released"]+w.opened; cases != want {
		w.t.Errorf("%d cases, of %d released reports and %d opened without one", cases, sum["desk.ledger.released"], w.opened)
	}
}

// lastAudit stops the servers and verifies the record with the shipped commands.
func (w *world) lastAudit() {
	w.t.Helper()
	w.tree.end()
	w.stop()
	w.verify()
	w.t.Logf("%d mails, %d starts, %d looks at the tree with %d documents, %d streams", len(w.post.all()), w.started, w.tree.looks, w.tree.documents(), len(w.ledger.count))
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

// streams returns the streams of an export's heads.
func streams(export io.Reader) ([]unit.Stream, error) {
	var out []unit.Stream
	lines := bufio.NewScanner(export)
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
