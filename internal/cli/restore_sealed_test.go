package cli_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/tocsin-sec/tocsin/internal/advisory/access"
	"github.com/tocsin-sec/tocsin/internal/config"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/server"
	"github.com/tocsin-sec/tocsin/kit/client"
)

const lampCanary = "canary-of-a-lamp-77c1"

// TestAmberAndRedSurviveABackupSealed: who opens the backup without the site key finds nothing
// of their texts, and the site that was restored with it serves them to their readers alone.
func TestAmberAndRedSurviveABackupSealed(t *testing.T) {
	s := newRealSite(t)
	s.deputy()
	raw, err := os.ReadFile(filepath.Join("testdata", "lan-2024-0001.json"))
	must(t, err)
	var paths []string
	for number, level := range map[string]string{"LAN-2024-0003": "AMBER", "LAN-2024-0004": "RED"} {
		file := filepath.Join(t.TempDir(), "in.json")
		text := strings.NewReplacer("LAN-2024-0001", number, "lan-2024-0001", strings.ToLower(number), `"WHITE"`, `"`+level+`"`,
			"Crash on crafted archives", lampCanary+" title", "A crafted archive stops lanternd.", lampCanary+" summary", "CVE-2024-12345", "CVE-2024-1"+number[9:]).Replace(string(raw))
		must(t, os.WriteFile(file, []byte(text), 0o600))
		var done []client.Imported
		s.into(&done, "chair", "advisory", "import", "--project", "lanterna", file)
		s.ok("deputy", "advisory", "approve", done[0].ID)
		s.ok("chair", "advisory", "publish", done[0].ID)
		paths = append(paths, "/csaf/lanterna/"+strings.ToLower(level)+"/2024/"+strings.ToLower(number)+".json")
	}
	must(t, s.app.Drain(t.Context()))
	_, token, err := s.app.Readers.Add(t.Context(), s.person("chair"), access.NewReader{Project: s.project.ID, Name: "A distributor", Level: "RED", Days: 30})
	must(t, err)
	served := func(when, url string) {
		t.Helper()
		for _, path := range paths {
			for _, secret := range []string{token.Reveal(), ""} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
				must(t, err)
				if secret != "" {
					r.Header.Set("Authorization", "Bearer "+secret)
				}
				answer, err := http.DefaultClient.Do(r)
				must(t, err)
				body, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				must(t, err)
				if got := bytes.Contains(body, []byte(lampCanary)); got != (secret != "") {
					t.Errorf("%s %s is %s with token %v: %.200s", when, path, answer.Status, secret != "", body)
				}
			}
		}
	}
	served("before the backup", s.url)

	id, err := age.GenerateX25519Identity()
	must(t, err)
	var copied bytes.Buffer
	_, err = server.Backup(t.Context(), s.cfg, &copied, []age.Recipient{id.Recipient()}, func(string, int64) {})
	must(t, err)
	if n := opened(t, copied.Bytes(), id, lampCanary); n != 0 {
		t.Errorf("%d cells of the backup hold the text in the clear", n)
	}
	if n := opened(t, copied.Bytes(), id, "lan-2024-0003"); n == 0 {
		t.Error("the test looks into nothing")
	}

	set := func(key string) config.Config {
		cfg, err := config.Load("", nil, map[string]string{"data": filepath.Join(t.TempDir(), "data"), "site-key-file": key})
		must(t, err)
		return cfg
	}
	other := filepath.Join(t.TempDir(), "other.key")
	must(t, os.WriteFile(other, []byte(seal.NewSiteKey().Text()), 0o600))
	if _, _, err := server.Restore(t.Context(), set(other), bytes.NewReader(copied.Bytes()), []age.Identity{id}); err == nil {
		t.Error("another site key restores it")
	}
	cfg := set(s.cfg.SiteKeyFile)
	_, _, err = server.Restore(t.Context(), cfg, bytes.NewReader(copied.Bytes()), []age.Identity{id})
	must(t, err)
	back, err := server.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer back.Close()
	web := httptest.NewServer(back.Handler())
	defer web.Close()
	served("restored", web.URL)
}

// opened counts the cells of a backup that hold a text, once decrypted for its recipient.
func opened(t *testing.T, raw []byte, id age.Identity, text string) (n int) {
	t.Helper()
	plain, err := age.Decrypt(bytes.NewReader(raw), id)
	must(t, err)
	unpacked, err := gzip.NewReader(plain)
	must(t, err)
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(text)) {
			n++
		}
		var cells []any
		if json.Unmarshal(lines.Bytes(), &cells) != nil {
			continue // a table begins
		}
		for _, c := range cells {
			m, _ := c.(map[string]any)
			b, _ := m["b"].(string)
			if bin, err := base64.StdEncoding.DecodeString(b); err == nil && bytes.Contains(bin, []byte(text)) {
				n++
			}
		}
	}
	must(t, lines.Err())
	return n
}
