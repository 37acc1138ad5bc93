package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// open fills a line from its sealed body, if that is still there.
func (l *Ledger) open(ctx context.Context, v unit.View, stream string, sealed []byte, line *Line) error {
	if sealed == nil {
		return nil
	}
	plain, err := l.Seal.Open(ctx, v, bodyAt(stream), sealed)
	if fault.Is(err, fault.NotFound) {
		return nil // its key was destroyed, which is what erasure means
	}
	if err != nil {
		return err
	}
	var b body
	if err := json.Unmarshal(plain, &b); err != nil {
		return err
	}
	line.Kind, line.Actor, line.Args = b.Kind, b.Actor, b.Args
	return nil
}

// Erase removes what the entries of a stream say, up to and with a sequence
// number (retention, lawful erasure). That they were, when, and the chain stay.
// The caller records that it did so.
func (l *Ledger) Erase(ctx context.Context, tx unit.Tx, s unit.Stream, through int64) error {
	_, err := sqldb.Of(tx).Exec(ctx, `delete from ledger_body where stream = ? and seq <= ?`, name(s), through)
	if err != nil {
		return fmt.Errorf("erase from the ledger: %w", err)
	}
	return nil
}
