package cli_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/cli"
)

// TestValidatorServesUntilItIsStopped: the command prints its address, answers there
// without any data folder, and ends with code 0 when it is told to stop.
func TestValidatorServesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- cli.Main(ctx, cli.Env{Out: in, Err: io.Discard}, []string{"validator", "--listen", "127.0.0.1:0", "--offline"})
		in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, url, _ := strings.Cut(strings.TrimSpace(line), " on ")
	answer, err := http.Post(url+"/api/v1/validate", "application/json", strings.NewReader(`{"tests":[{"type":"preset","name":"schema"}],"document":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), `"isValid":false`) {
		t.Errorf("%s %v: %s", answer.Status, err, body)
	}
	stop()
	if got := <-code; got != 0 {
		t.Errorf("ended with code %d", got)
	}
}
