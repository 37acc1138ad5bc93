package services_test

import (
	"context"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/kit/cve/services"
	"github.com/tocsin-sec/tocsin/test/cveservices"
)

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"id_quota":100,"total_reserved":40,"available":60}`,
		`{"cve_ids":[{"cve_id":"CVE-2026-40001","cve_year":"2026","owning_cna":"example","state":"RESERVED","requested_by":{"cna":"example","user":"u"},"reserved":"2026-01-01T00:00:00Z","time":{"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z"}}],"nextPage":2,"meta":{"remaining_quota":1}}`,
		`{"cve_id":"CVE-2026-40001","state":"RESERVED","requested_by":null,"time":null}`,
		`{"cveMetadata":{"cveId":"CVE-2026-40001","state":"PUBLISHED"},"containers":{"cna":{"descriptions":[]}}}`,
		`{"UUID":"3f6c0a35-0b1e-4d6a-9d0d-6f1f2f3a4b5c","short_name":"example","authority":{"active_roles":["CNA"]}}`,
		`{"users":[{"username":"u","active":true}]}`,
		`{"error":"BAD_INPUT","message":"x","details":[{"msg":"m","param":"p","location":"query"}]}`,
		`[`, ``, `null`,
	} {
		for _, status := range []int{200, 206, 400, 403, 500} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 100 || status > 999 {
			return
		}
		c, err := services.New(services.Config{URL: services.Test, Org: "example", User: "u", Key: services.NewKey(cveservices.Key),
			HTTP: canned(status, string(body)), Wait: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range every(t.Context(), c, "CVE-2026-40001") {
			if err != nil && len(err.Error()) > 20_000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		}
	})
}
