package ledger_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/ledger"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// BenchmarkExport reads a store of 100,000 entries into a verifier, which is what
// `tocsin ledger verify` does without a file.
func BenchmarkExport(b *testing.B) {
	const n = 100_000
	e := sqldbtest.SQLite(b, nil)
	for i := 0; i < n; i += 500 {
		e.Do(b, func(ctx context.Context, tx unit.Tx) error {
			for j := range 500 {
				tx.Record(unit.Entry{Stream: unit.Stream{Kind: "case", ID: fmt.Sprint((i + j) % 1000)}, Kind: "case.noted",
					Actor: "person:0123456789abcdefghjkmnpqrs", Args: map[string]string{"item": fmt.Sprint(j)}})
			}
			return nil
		})
		if i%10_000 == 0 {
			checkpoint(b, e)
		}
	}
	public := keys(b, e)
	var took time.Duration
	for b.Loop() {
		begin := time.Now()
		r, w := io.Pipe()
		go func() { w.CloseWithError(e.Ledger.Export(context.Background(), w)) }()
		rep, err := ledger.Verify(b.Context(), r, ledger.Against{Keys: public})
		if err != nil || !rep.OK() || rep.Entries != n {
			b.Fatalf("%v %+v", err, rep)
		}
		took += time.Since(begin)
	}
	b.ReportMetric(n*float64(b.N)/took.Seconds(), "entries/s")
}
