package desktest

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb/sqldbtest"
	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

// BenchmarkIntake takes mails of 20 kB, half of them encrypted, from 32 senders at
// once and reads them with two workers. It reports both rates for each second;
// the fsyncs of a test store are left out, so that make bench is what counts.
func BenchmarkIntake(b *testing.B) {
	r := newRigTB(b, sqldbtest.SQLite(b, sources()))
	r.know("ada-person")
	text := strings.Repeat("All work and no play makes Ada a dull researcher.\n", 380)
	keys := made()
	mails := make([]string, b.N)
	for i := range mails {
		mails[i] = letter(b, fmt.Sprint("bench", i), func(d *mailmsg.Draft) {
			d.Text, d.Files = fmt.Sprint(i, "\n", text), nil
			if i%2 == 0 {
				encryptTo(&keys.ada, keys.team)(d)
			}
		})
	}
	b.ResetTimer()
	start := time.Now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(b.N) {
					return
				}
				err := r.Door.Accept(b.Context(), desk.Incoming{
					From: fmt.Sprint("sender", i, "@mail.example"), To: []string{"security@lanterna.example"},
					Remote: netip.MustParseAddr("192.0.2.7"), Body: strings.NewReader(mails[i]),
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "accepted/s")
	start = time.Now()
	ctx, cancel := context.WithCancel(b.Context())
	r.Jobs.Workers = 16
	go r.Jobs.Run(ctx)
	for r.count(`select count(*) from desk_intake where read_at = 0`) > 0 {
		time.Sleep(20 * time.Millisecond)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "read/s")
	cancel()
}
