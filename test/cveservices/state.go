package cveservices

import (
	"encoding/json"
	"maps"
	"slices"
)

// Quota sets how many ids the CNA may have reserved.
func (s *Server) Quota(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orgs[Org].quota = n
}

// Room sets how many ids a year has left.
func (s *Server) Room(year, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room[year] = n
}

// Reserve reserves ids as somebody else of the CNA does.
func (s *Server) Reserve(user string, year, n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for range n {
		out = append(out, s.add(Org, user, year).id)
	}
	return out
}

// State returns an id's state; "" when there is none.
func (s *Server) State(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.ids[name]; i != nil {
		return i.state
	}
	return ""
}

// IDs returns every id.
func (s *Server) IDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.ids))
}

// Container returns the CNA container of an id's record as JSON; nil when it has none.
func (s *Server) Container(name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[name]
	if r == nil {
		return nil
	}
	data, err := json.Marshal(r.container)
	if err != nil {
		s.t.Error(err)
	}
	return data
}

// Bend changes what the server keeps of a container that it is given from now on.
func (s *Server) Bend(f func(container map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bent = f
}

// SetState moves an id without its record.
func (s *Server) SetState(name, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids[name].state = state
}
