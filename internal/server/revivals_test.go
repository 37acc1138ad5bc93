package server

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/i18n"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
)

func TestRevivalsNameTheGateOfTheTableOfJobs(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "site.key")
	if _, err := seal.LoadOrMake(key); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("", nil, map[string]string{"data": filepath.Join(dir, "data"), "site-key-file": key})
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.Context(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, err := Wire(s, i18n.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range a.tasks(s) {
		if got := gateOf(task.Kind); got != task.gate {
			t.Errorf("%s: revivals say gate %q, the table of jobs %q", task.Kind, got, task.gate)
		}
	}
}
