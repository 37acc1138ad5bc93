package casework

import (
	"context"
	"strings"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// Names gives the names of the persons among actors ("person:ID") and plain ids, for
// those whom the scope may know. Other actors have none: a face says what they are.
func (s *Service) Names(ctx context.Context, v unit.View, sc people.Scope, actors ...string) (map[string]string, error) {
	var ids []people.PersonID
	for _, a := range actors {
		if id := strings.TrimPrefix(a, "person:"); id != "" && !strings.Contains(id, ":") {
			ids = append(ids, people.PersonID(id))
		}
	}
	found, err := s.People.Names(ctx, v, sc, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, 2*len(found))
	for id, name := range found {
		out[string(id)], out["person:"+string(id)] = name, name
	}
	return out, nil
}
