package validator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/validator"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

const good = `{"document":{"category":"csaf_base","csaf_version":"2.0","lang":"en","publisher":{"category":"vendor","name":"Example","namespace":"https://example.com"},
"title":"A title","tracking":{"current_release_date":"2026-01-01T10:00:00.000Z","id":"EX-1","initial_release_date":"2026-01-01T10:00:00.000Z",
"revision_history":[{"date":"2026-01-01T10:00:00.000Z","number":"1","summary":"Initial version."}],"status":"final","version":"1"}}}`

func post(t *testing.T, h http.Handler, body string) (int, validate.ServiceReport, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/validate", strings.NewReader(body)))
	var report validate.ServiceReport
	raw := w.Body.String()
	if w.Code == http.StatusOK {
		if err := json.Unmarshal([]byte(raw), &report); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
	}
	return w.Code, report, raw
}

func TestValidate(t *testing.T) {
	h := validator.Handler(&validate.Validator{})
	for name, c := range map[string]struct {
		body  string
		code  int
		valid bool
		tests int // results
		says  string
	}{
		"a valid document passes a preset":          {`{"tests":[{"type":"preset","name":"basic"}],"document":` + good + `}`, 200, true, 44, ""},
		"a test runs once although asked for twice": {`{"tests":[{"type":"test","name":"mandatoryTest_6_1_1"},{"type":"test","name":"mandatoryTest_6_1_1"}],"document":` + good + `}`, 200, true, 1, ""},
		"a broken document is told where":           {`{"tests":[{"type":"test","name":"csaf_2_0"}],"document":{"document":{}}}`, 200, false, 1, `"instancePath":"/document"`},
		"an empty document is not valid":            {`{"tests":[{"type":"preset","name":"schema"}],"document":{}}`, 200, false, 1, ""},
		"a preset that nobody knows is refused":     {`{"tests":[{"type":"preset","name":"everything"}],"document":{}}`, 400, false, 0, "everything"},
		"a test of 2.1 is none of 2.0":              {`{"tests":[{"type":"test","name":"recommendedTest_6_2_40"}],"document":` + good + `}`, 400, false, 0, "CSAF 2.0 has no test"},
		"a request without tests is refused":        {`{"tests":[],"document":{}}`, 400, false, 0, "/tests"},
		"a document that is a list is refused":      {`{"tests":[{"type":"preset","name":"basic"}],"document":[]}`, 400, false, 0, "/document"},
		"a member that nobody knows is no matter":   {`{"tests":[{"type":"preset","name":"schema","why":1}],"document":` + good + `,"extra":[]}`, 200, true, 1, ""},
		"a text is no document":                     {`{"tests":[{"type":"preset","name":"basic"}],"document":"{}"}`, 400, false, 0, "/document"},
		"no request at all is refused":              {``, 400, false, 0, ""},
		"a list is no request":                      {`[]`, 400, false, 0, ""},
		"a kind of test that nobody knows":          {`{"tests":[{"type":"all","name":"basic"}],"document":` + good + `}`, 400, false, 0, "/tests/0/type"},
		"a name that is a preset's, not a test's":   {`{"tests":[{"type":"test","name":"basic"}],"document":` + good + `}`, 400, false, 0, "basic"},
		"half a request is refused with its place":  {`{"tests":[{"type":"preset"`, 400, false, 0, "1:"},
	} {
		t.Run(name, func(t *testing.T) {
			code, report, raw := post(t, h, c.body)
			if code != c.code || report.IsValid != c.valid || c.tests > 0 && len(report.Tests) < c.tests || !strings.Contains(raw, c.says) {
				t.Errorf("%d %v, %d results: %.300s", code, report.IsValid, len(report.Tests), raw)
			}
		})
	}
}

func TestARequestThatIsTooLargeIsRefused(t *testing.T) {
	w := httptest.NewRecorder()
	endless := io.MultiReader(strings.NewReader(`{"tests":"`), io.LimitReader(zeros{}, validator.MaxBody+1))
	validator.Handler(&validate.Validator{}).ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/validate", endless))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestTheListNamesEachTestOnceWithItsPreset(t *testing.T) {
	w := httptest.NewRecorder()
	validator.Handler(&validate.Validator{}).ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/tests", nil))
	var list []struct{ Name, Preset string }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	presets := map[string]string{}
	for _, l := range list {
		if _, twice := presets[l.Name]; twice {
			t.Errorf("%s is there twice", l.Name)
		}
		presets[l.Name] = l.Preset
	}
	for name, preset := range map[string]string{"csaf_2_0": "schema", "mandatoryTest_6_1_27_11": "mandatory", "optionalTest_6_2_20": "optional", "informativeTest_6_3_8": "informative"} {
		if presets[name] != preset {
			t.Errorf("%s is in %q", name, presets[name])
		}
	}
}

func TestPagesOfOtherOriginsMayAsk(t *testing.T) {
	w := httptest.NewRecorder()
	validator.Handler(&validate.Validator{}).ServeHTTP(w, httptest.NewRequest("OPTIONS", "/api/v1/validate", nil))
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Headers") != "Content-Type" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestFetchAsksWithGETWhereHEADIsNotKnown(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	}))
	defer site.Close()
	if status, err := validator.Fetch(site.Client())(t.Context(), site.URL); status != http.StatusOK || err != nil {
		t.Errorf("%d %v", status, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := validator.Fetch(site.Client())(over, site.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
