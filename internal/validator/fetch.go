package validator

import (
	"context"
	"net/http"
)

// Fetch returns a function that asks for an URL with HEAD, and with GET where a server
// does not know HEAD, and returns the status after redirects. It is what tests 6.3.6 and
// 6.3.7 need; the client bounds time and where it may go.
func Fetch(client *http.Client) func(ctx context.Context, url string) (int, error) {
	return func(ctx context.Context, url string) (int, error) {
		status, err := ask(ctx, client, http.MethodHead, url)
		if status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented {
			return ask(ctx, client, http.MethodGet, url)
		}
		return status, err
	}
}

func ask(ctx context.Context, client *http.Client, method, url string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}
