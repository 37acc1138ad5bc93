package kept

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/tocsin-sec/tocsin/kit/branchfix"
)

// Question is everything that a matrix depends on. The index has to hold what is behind
// the request's commits and tags, and nothing else (branchfix.Index.Behind): more could
// say more.
type Question struct {
	Tool    string            // the git that is asked
	Edges   []branchfix.ID    // of a shallow clone
	CVEs    []string          // whose fixes are asked for beside those of Request
	Request branchfix.Request // its tags may be all of the repository's
}

// Key is the question's.
func (q Question) Key() (Key, error) {
	slices.Sort(q.Edges)
	return key("matrix", q)
}

func key(kind string, of any) (Key, error) {
	raw, err := json.Marshal([]any{kind, branchfix.Version, of})
	return sha256.Sum256(raw), err
}

// Answer is a matrix with the subjects of the commits that it names.
type Answer struct {
	Matrix   *branchfix.Matrix
	Subjects map[branchfix.ID]string
}

// Get returns the answer to a question, if it is kept.
func (s *Store) Get(k Key) (Answer, bool) {
	raw, ok := s.get(k)
	if !ok {
		return Answer{}, false
	}
	var a Answer
	if json.Unmarshal(raw, &a) != nil || a.Matrix == nil {
		return Answer{}, false
	}
	return a, true
}

// Put keeps an answer. One with objects that could not be read is passed over: the
// repository may be mended.
func (s *Store) Put(k Key, a Answer) {
	for _, b := range a.Matrix.Branches {
		for _, f := range b.Fixes {
			if slices.ContainsFunc(f.Evidence, func(e branchfix.Evidence) bool { return e.Kind == branchfix.Unreadable }) {
				return
			}
		}
	}
	if raw, err := json.Marshal(a); err == nil {
		s.put(k, raw)
	}
}

// Repo asks repo, and of trials each only once. tool names the git, whose merges may
// differ from another's.
func (s *Store) Repo(repo branchfix.Repo, tool string) branchfix.Repo {
	return remembering{repo, s, tool}
}

type remembering struct {
	branchfix.Repo
	store *Store
	tool  string
}

// Prepare implements branchfix.Preparer with the trials that are not kept.
func (r remembering) Prepare(ctx context.Context, asked []branchfix.Attempt) {
	p, ok := r.Repo.(branchfix.Preparer)
	if !ok {
		return
	}
	var left []branchfix.Attempt
	for _, a := range asked {
		k, err := key("trial", []any{r.tool, a.Head, a.Series})
		if _, known := r.store.get(k); err == nil && !known {
			left = append(left, a)
		}
	}
	p.Prepare(ctx, left)
}

// Try implements branchfix.Repo.
func (r remembering) Try(ctx context.Context, head branchfix.ID, series branchfix.Series) (branchfix.Trial, error) {
	k, err := key("trial", []any{r.tool, head, series})
	if err != nil {
		return branchfix.Trial{}, err
	}
	var t branchfix.Trial
	if raw, ok := r.store.get(k); ok && json.Unmarshal(raw, &t) == nil {
		return t, nil
	}
	if t, err = r.Repo.Try(ctx, head, series); err != nil {
		return t, err
	}
	if raw, err := json.Marshal(t); err == nil {
		r.store.put(k, raw)
	}
	return t, nil
}
