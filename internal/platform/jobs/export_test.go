package jobs

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
)

// DueOfKind is the search of one lease.
const DueOfKind = dueOfKind

// Take leases jobs without running them, for the model of the fences.
func (r *Runner) Take(ctx context.Context, handlers []Handler, limit int) (out []unit.Running, err error) {
	s := Runner{Work: r.Work, Queue: r.Queue, Handlers: handlers}
	err = r.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		out = nil
		kinds, err := s.kinds(ctx, tx)
		if err != nil {
			return err
		}
		list, err := take(ctx, tx, kinds, func(kind string) time.Duration { return s.handler(kind).lease() }, limit, 0)
		for _, j := range list {
			j.Fence = &fence{work: r.Work, id: j.ID, number: j.number, lease: s.handler(j.Kind).lease(), renew: func() {}}
			out = append(out, j.Running)
		}
		return err
	})
	return out, err
}
