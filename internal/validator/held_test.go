package validator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
)

// TestManyLargeRequestsAreToldToComeAgain: no more than the total is held at a time,
// however many clients send slowly, and all of it is given back.
func TestManyLargeRequestsAreToldToComeAgain(t *testing.T) {
	const clients, each = 4, 1 << 20
	s := newService(&validate.Validator{})
	s.total = clients * each
	ask := func(body io.Reader) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.validate(w, httptest.NewRequest("POST", "/api/v1/validate", body))
		return w
	}
	var holding, ended sync.WaitGroup
	release, codes := make(chan struct{}), make(chan int, clients)
	for range clients {
		holding.Add(1)
		ended.Go(func() {
			codes <- ask(io.MultiReader(strings.NewReader(strings.Repeat("0", each)), waits{&holding, release})).Code
		})
	}
	holding.Wait()
	if w := ask(strings.NewReader("{}")); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("one more: %d %s", w.Code, w.Body)
	}
	close(release)
	ended.Wait()
	for range clients {
		if code := <-codes; code != http.StatusBadRequest { // zeros are no JSON
			t.Errorf("a request that was held: %d", code)
		}
	}
	if w := ask(strings.NewReader(`{"tests":[{"type":"preset","name":"basic"}],"document":{}}`)); w.Code != http.StatusOK || s.held.Load() != 0 {
		t.Errorf("afterwards: %d %s, %d bytes held", w.Code, w.Body, s.held.Load())
	}
}

// waits says that everything before it was read, and ends when it is released.
type waits struct {
	holding *sync.WaitGroup
	release chan struct{}
}

func (w waits) Read([]byte) (int, error) {
	w.holding.Done()
	<-w.release
	return 0, io.EOF
}
