package webui

import (
	"context"
	"net/http"
	"net/netip"
)

// state is what the middleware knows of a request.
type state struct {
	id     string // the reference number
	remote netip.Addr
	https  bool
	out    *recorder
}

type stateKey struct{}

func stateOf(ctx context.Context) *state {
	if s, ok := ctx.Value(stateKey{}).(*state); ok {
		return s
	}
	return &state{}
}

func (s *state) wrote() bool { return s.out != nil && s.out.status != 0 }

// RequestID returns the reference number of the request that ctx belongs to, ""
// outside of one.
func RequestID(ctx context.Context) string { return stateOf(ctx).id }

// Remote returns the client's address of the request that ctx belongs to; the
// zero Addr outside of one.
func Remote(ctx context.Context) netip.Addr { return stateOf(ctx).remote }

// Secure reports whether the client's connection is encrypted, for the Secure
// attribute of cookies.
func Secure(ctx context.Context) bool { return stateOf(ctx).https }

// recorder notes the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader notes the status; 1xx answers are passed on unnoted.
func (r *recorder) WriteHeader(status int) {
	if status >= 200 && r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write notes the size.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}
