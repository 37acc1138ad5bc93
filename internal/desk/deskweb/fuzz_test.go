package deskweb

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-sec/tocsin/internal/desk"
)

// FuzzForm: whatever a form sends, decoding keeps it and never panics.
func FuzzForm(f *testing.F) {
	f.Add("what=It+crashes&exploited=yes&share=yes&deadline=2026-12-24")
	f.Add("what=%00%ff&exploited=maybe&share=%00")
	f.Fuzz(func(t *testing.T, body string) {
		v, err := url.ParseQuery(body)
		if err != nil {
			t.Skip()
		}
		sub := decode(v)
		if sub.What != strings.ReplaceAll(v.Get("what"), "\r\n", "\n") {
			t.Errorf("what was %q, is %q", v.Get("what"), sub.What)
		}
		if sub.Claims.ShareIdentity && v.Get("share") != "yes" {
			t.Error("nobody said that vendors may learn who it is")
		}
	})
}

// FuzzStamp: no text passes for a form or for files that we gave out.
func FuzzStamp(f *testing.F) {
	p := &Pages{MAC: func(purpose, value string) string { return "mac-of-" + purpose + "-and-" + value }}
	now := time.Unix(1_800_000_000, 0)
	f.Add("a.1.b", "x.y")
	f.Fuzz(func(t *testing.T, stamp, kept string) {
		if id, _, ok := p.stamped(stamp, now); ok && p.stamp(id, now) == "" {
			t.Error("no stamp")
		}
		for _, s := range p.unpack("other", kept) {
			if !strings.Contains(kept, "mac-of-") {
				t.Errorf("files from nowhere: %+v", s)
			}
		}
	})
}

func TestStamps(t *testing.T) {
	p := &Pages{MAC: func(purpose, value string) string { return strings.ReplaceAll(purpose+value, ".", "_") }}
	now := time.Unix(1_800_000_000, 0)
	s := p.stamp("form1", now)
	for _, c := range []struct {
		name       string
		at         time.Time
		timely, ok bool
		stamp      string
	}{
		{"at once", now, false, true, s},
		{"after two seconds", now.Add(2 * time.Second), true, true, s},
		{"after a day", now.Add(25 * time.Hour), false, true, s},
		{"changed", now.Add(2 * time.Second), false, false, s + "x"},
		{"of another id", now.Add(2 * time.Second), false, false, strings.Replace(s, "form1", "form2", 1)},
		{"empty", now, false, false, ""},
	} {
		id, timely, ok := p.stamped(c.stamp, c.at)
		if timely != c.timely || ok != c.ok || ok && id != "form1" {
			t.Errorf("%s: %q %v %v", c.name, id, timely, ok)
		}
	}
	files := []desk.Staged{{File: "f", Name: "poc.txt", Size: 4}}
	packed := p.pack("form1", files)
	if got := p.unpack("form1", packed); len(got) != 1 || got[0] != files[0] {
		t.Errorf("%+v", got)
	}
	if got := p.unpack("form2", packed); got != nil {
		t.Errorf("files of another form: %+v", got)
	}
}
