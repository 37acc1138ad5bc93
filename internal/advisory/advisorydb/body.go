package advisorydb

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/tocsin-sec/tocsin/internal/advisory"
	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/platform/seal"
	"github.com/tocsin-sec/tocsin/internal/platform/sqldb"
)

// pack writes a body: its JSON and, behind a zero byte, which no JSON has, the document that
// was imported, as it is; within the JSON it was most of the time that reading took. The body
// of an advisory ends with the zero byte: its document lies in the revision alone, so that a
// step on the way to publication does not write it again.
func pack(value any) ([]byte, error) {
	var source json.RawMessage
	away := false
	switch x := value.(type) {
	case advisory.Advisory:
		if x.Working != nil && x.Working.Content.Source != nil {
			w := *x.Working
			w.Content.Source, away = nil, true
			x.Working = &w
			value = x
		}
	case advisory.Revision:
		source, x.Content.Source = x.Content.Source, nil
		value = x
	}
	plain, err := json.Marshal(value)
	if err != nil || source == nil && !away {
		return plain, err
	}
	return append(append(plain, 0), source...), nil
}

// unpack reads what pack wrote, now or before. It reports whether the imported document of
// an advisory is missing: it lies in the revision.
func unpack(plain []byte, into any) (away bool, err error) {
	plain, source, there := bytes.Cut(plain, []byte{0})
	if err := json.Unmarshal(plain, into); err != nil || !there {
		return false, err
	}
	switch x := into.(type) {
	case *advisory.Advisory:
		if x.Working != nil && len(source) > 0 {
			x.Working.Content.Source = source // from before it lay in the revision
		}
		return x.Working != nil && len(source) == 0, nil
	case *advisory.Revision:
		x.Content.Source = source
	}
	return false, nil
}

// sourced gives advisories the imported documents that lie in their revisions.
func (s *Store) sourced(ctx context.Context, v unit.View, away map[advisory.ID]*advisory.Advisory) error {
	if len(away) == 0 {
		return nil
	}
	ids := make([]advisory.ID, 0, len(away))
	for id := range away {
		ids = append(ids, id)
	}
	type kept struct {
		of   advisory.ID
		n    int
		body []byte
	}
	marks, args := inList(ids)
	rows, err := sqldb.All(ctx, v, func(r sqldb.Row) (x kept, err error) {
		err = r.Scan(&x.of, &x.n, &x.body)
		return x, err
	}, `select advisory, n, body from advisory_revision where advisory in (`+marks+`)`, args...)
	if err != nil {
		return err
	}
	for _, x := range rows {
		a := away[x.of]
		if x.n != a.Working.N {
			continue
		}
		plain, err := s.Seal.Open(ctx, v, seal.At{Table: "advisory_revision", Row: revisionRow(x.of, x.n), Column: "body"}, x.body)
		if err != nil {
			return err
		}
		if a.Working.Content.Source, err = sourceOf(plain); err != nil {
			return fmt.Errorf("read advisory_revision: %w", err)
		}
	}
	for id, a := range away {
		if a.Working.Content.Source == nil {
			return fmt.Errorf("the imported document of %s is in no revision: %w", id, fault.Missing())
		}
	}
	return nil
}

// sourceOf is the imported document in a revision's body. The rest is not read.
func sourceOf(plain []byte) (json.RawMessage, error) {
	if _, source, there := bytes.Cut(plain, []byte{0}); there {
		return source, nil
	}
	var r advisory.Revision
	err := json.Unmarshal(plain, &r)
	return r.Content.Source, err
}
