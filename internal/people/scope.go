package people

import (
	"context"
	"slices"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// PersonID and ProjectID are ident ids of persons and projects.
type (
	PersonID  string
	ProjectID string
)

// Kind is the kind of a scope.
type Kind int

// The kinds of scope. The zero value sees nothing, not even what is public.
const (
	nobody Kind = iota
	kindAnyone
	kindPerson
	kindBearer
	kindHost
	kindJob
)

// Scope says for whom an operation runs and so what exists for it (design, law
// 3). There is no scope that sees all. It is made by the constructors only; the
// zero Scope sees nothing.
type Scope struct {
	kind     Kind
	id       string   // person, bearer's object, host, job kind
	subjects []string // Job: what its row names
	readOnly bool     // an API token without write scope
}

// Anyone is the scope of the unauthenticated public.
func Anyone() Scope { return Scope{kind: kindAnyone} }

// AsPerson is the scope of a signed-in person.
func AsPerson(id PersonID) Scope { return Scope{kind: kindPerson, id: string(id)} }

// AsBearer is the scope of whoever holds the secret link to one object (a report).
func AsBearer(object string) Scope { return Scope{kind: kindBearer, id: object} }

// AsJob is the scope of a job: it sees only the objects that its row names.
func AsJob(kind string, subjects ...string) Scope {
	return Scope{kind: kindJob, id: kind, subjects: slices.Clone(subjects)}
}

// ReadOnly returns the same scope without the right to write.
func (s Scope) ReadOnly() Scope { s.readOnly = true; return s }

// MayWrite reports whether the scope may change anything at all.
func (s Scope) MayWrite() bool { return !s.readOnly && s.kind != nobody }

// Kind of scope tests, for rules that differ by who asks.
func (s Scope) IsAnyone() bool { return s.kind == kindAnyone }

// Person returns the signed-in person, or "" and false.
func (s Scope) Person() (PersonID, bool) {
	if s.kind != kindPerson {
		return "", false // the id is a report's, a host's or a job's
	}
	return PersonID(s.id), true
}

// Writer returns the signed-in person who may write. It fails with
// Unauthenticated for who is not signed in, with Denied for a token that only reads.
func (s Scope) Writer() (PersonID, error) {
	me, ok := s.Person()
	if !ok {
		return "", fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	if !s.MayWrite() {
		return "", fault.New(fault.Denied, "people.read_only")
	}
	return me, nil
}

// Bearer returns the object whose link is held, or "" and false.
func (s Scope) Bearer() (string, bool) {
	if s.kind != kindBearer {
		return "", false
	}
	return s.id, true
}

// Job returns the job's kind and the objects that it may see, or false.
func (s Scope) Job() (kind string, subjects []string, ok bool) {
	return s.id, s.subjects, s.kind == kindJob
}

// Actor names who acts in the ledger: "person:ID", "bearer:ID", "job:KIND", "anyone".
func (s Scope) Actor() string {
	switch s.kind {
	case kindPerson:
		return "person:" + s.id
	case kindBearer:
		return "bearer:" + s.id
	case kindHost:
		return "host:" + s.id
	case kindJob:
		return "job:" + s.id
	case kindAnyone:
		return "anyone"
	default:
		return "nobody"
	}
}

type scopeKey struct{}

// Into puts the scope into a context; only the faces do this, after they have
// checked who asks.
func Into(ctx context.Context, s Scope) context.Context {
	return context.WithValue(ctx, scopeKey{}, s)
}

// From returns the scope that a face put into the context, else Anyone.
func From(ctx context.Context) Scope {
	if s, ok := ctx.Value(scopeKey{}).(Scope); ok {
		return s
	}
	return Anyone()
}
