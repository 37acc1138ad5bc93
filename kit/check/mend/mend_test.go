package mend_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/check/mend"
	"github.com/tocsin-sec/tocsin/test/shared"
)

func mended(t testing.TB, data []byte, q check.Request) *mend.Outcome {
	t.Helper()
	out, err := mend.Mend(t.Context(), &check.Checker{}, data, q)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const osvTwice = "{\n  \"schema_version\": \"1.7.0\",\n  \"id\": \"x_EX-1\",\n  \"modified\": \"2026-01-01T00:00:00Z\",\n  \"aliases\": [\"CVE-2026-1000\", \"CVE-2026-1000\", \"CVE-2026-1000\"],\n" +
	"  \"affected\": [{\"package\": {\"ecosystem\": \"PyPI\", \"name\": \"x\"}, \"versions\": [\"1\"]}]\n}\n"

func TestFixesAreMadeUntilNoneIsLeft(t *testing.T) {
	out := mended(t, []byte(osvTwice), check.Request{})
	if want := strings.Replace(osvTwice, `, "CVE-2026-1000", "CVE-2026-1000"`, "", 1); string(out.Data) != want || len(out.Fixed) != 2 || len(out.Left) != 0 || !out.After.Valid() {
		t.Errorf("%d fixed, %d left: %s", len(out.Fixed), len(out.Left), out.Data)
	}
	if out := mended(t, []byte(osvTwice), check.Request{Tests: []string{"REC:103"}}); out.Changed() {
		t.Errorf("what nobody asked for is fixed: %+v", out.Fixed)
	}
}

func TestWhatIsNoGoodJSONIsLeftAlone(t *testing.T) {
	for fact, in := range map[string]string{
		"a byte order mark": "\xEF\xBB\xBF" + osvTwice, "no JSON": "hello", "nothing": "", "cut off": osvTwice[:len(osvTwice)-8], "another format": `{"bomFormat":"CycloneDX"}`,
		"a member twice": strings.Replace(osvTwice, `"id"`, `"id": "x_EX-1", "id"`, 1),
	} {
		if out := mended(t, []byte(in), check.Request{}); out.Changed() || string(out.Data) != in {
			t.Errorf("%s is changed: %s", fact, out.Data)
		}
	}
}

// counts are how often each rule finds something, of all rules.
func counts(t *testing.T, data []byte) map[string]int {
	t.Helper()
	r, err := (&check.Checker{}).Check(t.Context(), data, check.Request{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range r.Findings {
		out[f.Rule]++
	}
	return out
}

// whole is a number that two notations have.
var whole = regexp.MustCompile(`(\d)\.0\b`)

// breaks are changes of a text that a certain fix takes back, to the byte.
var breaks = []struct{ find, with string }{
	{`("baseSeverity": ?")(?:LOW|MEDIUM|HIGH|CRITICAL)`, "${1}NONE"},
	{`("baseScore": ?)\d+(\.\d)?`, "${1}0.5"},
}

// TestDocumentsThatWereBrokenAreMended breaks every CSAF document of the shared data where a
// fix is certain: it comes back as it was, byte for byte but for the notation of a number.
func TestDocumentsThatWereBrokenAreMended(t *testing.T) {
	n := 0
	for _, file := range documents(t, "data/csaf/cisa/OT/white/*/*.json") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		q := check.Request{Tests: []string{"6.1.9"}}
		data = mended(t, data, q).Data
		for _, b := range breaks {
			broken := replaceOne(regexp.MustCompile(b.find), data, b.with)
			if broken == nil {
				continue
			}
			n++
			if out := mended(t, broken, q); !bytes.Equal(whole.ReplaceAll(out.Data, []byte("$1")), whole.ReplaceAll(data, []byte("$1"))) {
				t.Errorf("%s, broken by %s: %d fixed, left %+v", file, b.find, len(out.Fixed), out.After.Findings)
			}
		}
	}
	t.Logf("%d mended", n)
	if n < 100 {
		t.Error("the test breaks nearly nothing")
	}
}

func replaceOne(r *regexp.Regexp, data []byte, with string) []byte {
	at := r.FindSubmatchIndex(data)
	if at == nil {
		return nil
	}
	out := append([]byte{}, data[:at[0]]...)
	out = r.Expand(out, []byte(with), data, at)
	return append(out, data[at[1]:]...)
}

func documents(t *testing.T, patterns ...string) (out []string) {
	t.Helper()
	for _, p := range patterns {
		list, err := filepath.Glob(filepath.Join(shared.Dir(t), p))
		if err != nil || len(list) == 0 {
			shared.Missing(t, "no documents %s: %v", p, err)
		}
		out = append(out, list...)
	}
	return out
}

// TestNoMutationMakesAFixHarmful: whatever is wrong with a document, mended it has no finding
// more of any rule, and mended again it stays as it is.
func TestNoMutationMakesAFixHarmful(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	changed := 0
	list := documents(t, "data/csaf/oasis/2.0/test/validator/data/mandatory/*.json", "data/csaf/oasis/2.0/test/validator/data/optional/*.json", "data/csaf/oasis/2.1/test/validator/data/mandatory/*.json", "data/csaf/oasis/2.1/test/validator/data/recommended/*.json", "data/csaf/cisa/OT/white/2024/*.json")
	step := 1
	if testing.Short() {
		step = 10
	}
	for i := 0; i < len(list); i += step {
		data, err := os.ReadFile(list[i])
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			before := counts(t, data)
			out := mended(t, data, check.Request{})
			for rule, n := range counts(t, out.Data) {
				if n > before[rule] {
					t.Errorf("%s: %s finds %d, before %d", list[i], rule, n, before[rule])
				}
			}
			if out.Changed() {
				changed++
				if again := mended(t, out.Data, check.Request{}); again.Changed() {
					t.Errorf("%s: mended twice: %+v", list[i], again.Fixed)
				}
			}
			// Then with a few lines gone or doubled, or texts emptied.
			data = shaken(r, data)
		}
	}
	t.Logf("%d documents, %d were changed", 2*len(list), changed)
	if changed == 0 {
		t.Error("nothing is ever fixed")
	}
}

func shaken(r *rand.Rand, data []byte) []byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	for range 1 + r.IntN(3) {
		i := r.IntN(len(lines))
		switch r.IntN(3) {
		case 0:
			lines[i] = regexp.MustCompile(`: ?"[^"]*"`).ReplaceAll(lines[i], []byte(`: "x"`))
		case 1:
			lines[i] = regexp.MustCompile(`\d`).ReplaceAll(lines[i], []byte("7"))
		default:
			if bytes.HasSuffix(bytes.TrimSpace(lines[i]), []byte(",")) && !bytes.ContainsAny(lines[i], "{}[]") {
				lines[i] = nil
			}
		}
	}
	return bytes.Join(lines, nil)
}
