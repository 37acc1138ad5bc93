package caseworkdb

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-sec/tocsin/internal/casework"
)

func TestADigestNeverDeniesAWordOfTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := casework.Content{Subject: rapid.String().Draw(t, "subject"), From: rapid.String().Draw(t, "from"), Text: rapid.String().Draw(t, "text")}
		d := digestOf(c)
		for _, part := range []string{c.Subject, c.From, c.Text} {
			low := []rune(strings.ToLower(part))
			from := rapid.IntRange(0, len(low)).Draw(t, "begin")
			to := rapid.IntRange(from, len(low)).Draw(t, "end")
			if word := string(low[from:to]); strings.Contains(strings.ToLower(part), word) && !d.may(word) {
				t.Errorf("%q is said not to be in %q", word, part)
			}
		}
	})
}

func TestADigestTellsMostWordsApart(t *testing.T) {
	var text strings.Builder
	for n := range 3000 {
		fmt.Fprintf(&text, "word%dx ", n*7919)
	}
	for name, c := range map[string]casework.Content{"short": {Text: "The parser reads beyond the frame."}, "long": {Text: text.String()}} {
		d, wrong := digestOf(c), 0
		for n := range 1000 {
			if d.may(fmt.Sprintf("needle-%d", n)) {
				wrong++
			}
		}
		if wrong > 20 {
			t.Errorf("%s: %d of 1,000 words that are not there may be", name, wrong)
		}
	}
	if d := digestOf(casework.Content{}); !d.may("xy") || d.may("xyz") {
		t.Error("only what is shorter than a piece is always possible")
	}
}

func TestDigestsTakeNoMoreThanTheirRoom(t *testing.T) {
	var all digests
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	long := digestOf(casework.Content{Text: strings.Repeat("x", 1<<16)})
	for n := range 6000 {
		all.put(casework.ItemID(fmt.Sprint(n)), long, now)
	}
	if all.size > digestRoom || len(all.byID) != all.order.Len() {
		t.Errorf("%d bytes, %d and %d", all.size, len(all.byID), all.order.Len())
	}
	got := all.get([]place{{item: "0"}, {item: "5999"}}, now)
	if got[0] != nil || got[1] == nil {
		t.Error("the oldest goes first")
	}
	if all.get([]place{{item: "5998"}}, now.Add(digestFor))[0] != nil {
		t.Error("an old one is still there")
	}
	all.drop("5999")
	if all.get([]place{{item: "5999"}}, now)[0] != nil {
		t.Error("a dropped one is still there")
	}
}
