package look

import (
	"slices"
	"strings"

	"github.com/tocsin-sec/tocsin/kit/patch"
)

// Text is one version of a file: its lines without white space, empty ones left out.
type Text struct {
	lines []string
	at    map[string][]int32
	nums  []int32 // of each line in the file, from 1
	heads []head
}

// head is a line with which a function, or another thing at the left margin, begins.
type head struct {
	at  int32
	key string
}

// maxOccurrences of one line are looked at: a file of a million equal lines must not cost
// more than others.
const maxOccurrences = 2000

// New reads a file.
func New(content []byte) *Text {
	t := &Text{at: map[string][]int32{}}
	num := int32(0)
	for raw := range strings.SplitSeq(string(content), "\n") {
		num++
		line := Squeeze(raw)
		if line == "" {
			continue
		}
		n := int32(len(t.lines))
		if len(t.at[line]) < maxOccurrences {
			t.at[line] = append(t.at[line], n)
		}
		if key := headKey(raw); key != "" {
			t.heads = append(t.heads, head{n, key})
		}
		t.lines, t.nums = append(t.lines, line), append(t.nums, num)
	}
	return t
}

// Squeeze returns the text without its white space.
func Squeeze(text string) string { return string(patch.Squeeze(nil, []byte(text))) }

// headKey is what a function is found by, from the line with which it begins: its name,
// and of a Go method its receiver's type; "" for other lines.
func headKey(raw string) string {
	if raw == "" || len(raw) > 400 || !letter(raw[0]) {
		return ""
	}
	line := strings.TrimRight(raw, " \t\r")
	if last := line[len(line)-1]; last == ';' || last == ':' && !strings.HasPrefix(line, "def ") && !strings.HasPrefix(line, "class ") {
		return ""
	}
	if rest, ok := strings.CutPrefix(line, "func ("); ok { // a Go method
		receiver, rest, _ := strings.Cut(rest, ")")
		if words := strings.Fields(receiver); len(words) > 0 {
			name, _, _ := strings.Cut(rest, "(")
			return strings.TrimLeft(words[len(words)-1], "*") + "." + Squeeze(name)
		}
	}
	before, _, ok := strings.Cut(line, "(")
	if !ok {
		if strings.HasSuffix(line, "{") {
			return Squeeze(line)
		}
		return ""
	}
	before = strings.TrimRight(before, " \t")
	at := len(before)
	for at > 0 && (letter(before[at-1]) || before[at-1] >= '0' && before[at-1] <= '9' || before[at-1] == ':') {
		at--
	}
	return before[at:]
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

// span is a stretch of a text's lines.
type span struct{ from, to int }

func (t *Text) whole() span { return span{0, len(t.lines)} }

// index is that of the first line with the number or a higher one.
func (t *Text) index(num int) int {
	i, _ := slices.BinarySearch(t.nums, int32(num))
	return i
}

// scope names the function that a line lies in, and which it is of those of that name;
// "" where there is none.
func (t *Text) scope(line int) (key string, nth int) {
	for _, h := range t.heads {
		if int(h.at) > line {
			break
		}
		key = h.key
	}
	if key == "" {
		return "", 0
	}
	for _, h := range t.heads {
		if int(h.at) <= line && h.key == key {
			nth++
		}
	}
	return key, nth - 1
}

// find returns the function of that name.
func (t *Text) find(key string, nth int) (span, bool) {
	var all []span
	for i, h := range t.heads {
		if h.key != key {
			continue
		}
		s := span{int(h.at), len(t.lines)}
		if i+1 < len(t.heads) {
			s.to = int(t.heads[i+1].at)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return span{}, false
	}
	return all[min(nth, len(all)-1)], true
}

// count is how often a line stands in a stretch.
func (t *Text) count(line string, in span) int {
	n := 0
	for _, at := range t.at[line] {
		if int(at) >= in.from && int(at) < in.to {
			n++
		}
	}
	return n
}

// has counts where the parts stand, one after the other without anything between, in the
// stretch or so many lines over its ends.
func (t *Text) has(in span, over int, parts ...[]string) int {
	want := slices.Concat(parts...)
	if len(want) == 0 {
		return 0
	}
	// Begin with the line that occurs least.
	rare := 0
	for i, w := range want {
		if len(t.at[w]) < len(t.at[want[rare]]) {
			rare = i
		}
	}
	n := 0
	for _, at := range t.at[want[rare]] {
		from := int(at) - rare
		if from < max(0, in.from-over) || from+len(want) > min(len(t.lines), in.to+over) {
			continue
		}
		if slices.Equal(t.lines[from:from+len(want)], want) {
			n++
		}
	}
	return n
}
