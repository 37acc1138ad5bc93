package services_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/cve/services"
)

// canned answers as the API does; a program gives its own http.Client instead.
func canned(status int, body string) *http.Client {
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})}
}

func ExampleClient_Quota() {
	c, err := services.New(services.Config{
		URL: services.Test, Org: "example", User: "bot@example.org", Key: services.NewKey("the key"),
		HTTP: canned(200, `{"id_quota": 100, "total_reserved": 40, "available": 60}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := c.Quota(context.Background())
	fmt.Println(q.Available, err)
	// Output: 60 <nil>
}

func ExampleError() {
	c, err := services.New(services.Config{
		URL: services.Test, Org: "example", User: "bot@example.org", Key: services.NewKey("the key"),
		HTTP: canned(401, `{"error": "UNAUTHORIZED", "message": "Unauthorized"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Quota(context.Background())
	fmt.Println(errors.Is(err, services.ErrUnauthenticated))
	fmt.Println(err)
	// Output:
	// true
	// get quota: CVE Services answer 401 "UNAUTHORIZED": "Unauthorized"
}
