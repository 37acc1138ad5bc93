package sqldb_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
)

// BenchmarkIntakeTransaction commits what the intake of one mail writes: a file
// of 20 kB, its name, a ledger entry and a job, durably. Beside it, in the same
// run, the disk's own rate of writing and syncing 20 kB.
func BenchmarkIntakeTransaction(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("sqlite/%d", clients), func(b *testing.B) {
			e := sqldbtest.Durable(b, nil)
			body := make([]byte, 20_000)
			b.SetParallelism(clients)
			begin := time.Now()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					err := e.Work.Do(context.Background(), func(ctx context.Context, tx unit.Tx) error {
						id, err := e.Blobs.Put(ctx, tx, "report:1", body)
						if err != nil {
							return err
						}
						tx.Enqueue(unit.Job{Kind: "desk.read", Args: map[string]string{"blob": string(id)}})
						tx.Record(unit.Entry{Stream: unit.Stream{Kind: "report", ID: string(id)}, Kind: "report.arrived", Actor: "anyone"})
						return e.Blobs.Name(ctx, tx, id, "report:1")
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			rate := float64(b.N) / time.Since(begin).Seconds()
			b.ReportMetric(rate, "tx/s")
			b.ReportMetric(rate/syncRate(b, body), "x-fsync")
		})
	}
}

func syncRate(b *testing.B, body []byte) float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	const n = 200
	begin := time.Now()
	for range n {
		if _, err := f.Write(body); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return n / time.Since(begin).Seconds()
}
