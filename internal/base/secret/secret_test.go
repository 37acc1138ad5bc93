package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
)

const hidden = "hunter2-very-secret"

// config is how secrets stand in other structs.
type config struct {
	Name  string
	Token secret.String
	Deep  map[string]secret.String
	List  []*secret.String
}

func TestNoFormattingShowsTheText(t *testing.T) {
	s := secret.New(hidden)
	c := config{Name: "n", Token: s, Deep: map[string]secret.String{"k": s}, List: []*secret.String{&s}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p"} {
		for _, v := range []any{s, &s, c, &c, []secret.String{s}, [1]secret.String{s}, struct{ secret.String }{s}, error(wrapped{s})} {
			got := fmt.Sprintf(verb, v)
			hex := fmt.Sprintf("%x", hidden)
			if strings.Contains(got, hidden) || strings.Contains(strings.ToLower(got), hex) {
				t.Errorf("%s of %T prints %q", verb, v, got)
			}
		}
	}
}

type wrapped struct{ s secret.String }

func (w wrapped) Error() string { return "cannot use " + w.s.String() }

func TestNoEncodingShowsTheText(t *testing.T) {
	s := secret.New(hidden)
	c := config{Token: s, Deep: map[string]secret.String{"k": s}, List: []*secret.String{&s}}
	b, err := json.Marshal(c)
	if err != nil || bytes.Contains(b, []byte(hidden)) || !bytes.Contains(b, []byte("[secret]")) {
		t.Errorf("JSON: %v %s", err, b)
	}
	b, err = json.Marshal(map[secret.String]int{s: 1})
	if err != nil || bytes.Contains(b, []byte(hidden)) {
		t.Errorf("as a key of JSON: %v %s", err, b)
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("start", "token", s, "pointer", &s, "config", c, slog.Group("g", "t", s))
		if strings.Contains(out.String(), hidden) {
			t.Errorf("log as %s: %s", name, out.String())
		}
	}
}

func TestTheTextIsThereForThoseWhoNeedIt(t *testing.T) {
	s := secret.New(hidden)
	if s.Reveal() != hidden || s.Empty() || !secret.New("").Empty() || !(secret.String{}).Empty() {
		t.Error("the text is lost")
	}
	for _, c := range []struct {
		name string
		a, b string
		want bool
	}{
		{"the same text is equal", "a", "a", true},
		{"another text is not", "a", "b", false},
		{"a prefix is not", "ab", "a", false},
		{"nothing equals nothing", "", "", true},
	} {
		if got := secret.New(c.a).Equal(secret.New(c.b)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
