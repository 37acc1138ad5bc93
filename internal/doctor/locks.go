package doctor

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// locks looks whether the database takes a write now, and names who stands in the way.
func (d *doctor) locks(ctx context.Context, db *sqldb.DB) {
	ready := db.Ready(ctx)
	who, err := db.Holders(ctx)
	var f *fault.Error
	held := errors.As(ready, &f) && (f.Key == "store.locked" || f.Key == "store.busy")
	switch {
	case held && len(who) == 0:
		d.failed("locks", "doctor.locks.unknown", "doctor.locks.next", ready)
	case held:
		d.failed("locks", "doctor.locks.held", "doctor.locks.next", ready, "who", strings.Join(who, ", "))
	case ready != nil:
		d.failed("locks", "doctor.database.bad", "doctor.database.next", ready)
	case err != nil:
		d.failed("locks", "doctor.database.bad", "doctor.database.next", err)
	case len(who) > 0:
		d.add(Warn, "locks", "doctor.locks.held", "doctor.locks.next", "who", strings.Join(who, ", "))
	default:
		d.ok("locks", "doctor.locks.ok")
	}
}

// damageTime bounds the reading of the whole file.
const damageTime = time.Minute

// damage reads the whole SQLite file; what it could not read in time it says nothing of.
func (d *doctor) damage(ctx context.Context, db *sqldb.DB) {
	if db.Dialect() != sqldb.SQLite {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, damageTime)
	defer cancel()
	found, err := db.Damage(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.failed("damage", "doctor.database.damaged", "doctor.database.damaged.next", err)
	case found != "":
		d.failed("damage", "doctor.database.damaged", "doctor.database.damaged.next", errors.New(found))
	default:
		d.ok("damage", "doctor.database.whole")
	}
}
