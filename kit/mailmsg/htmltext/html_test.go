package htmltext

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"paragraphs are apart by an empty line", "<p>one</p><p>two</p>", "one\n\ntwo"},
		{"white space runs together", " a \n\n b\t<b> c</b>", "a b c"},
		{"line breaks are kept", "a<br>b<br/><br />c", "a\nb\n\nc"},
		{"list items get a dash", "<ul><li>a</li><li>b</ul>", "- a\n- b"},
		{"the target of a link is shown", `<a href="https://evil.example/x">https://good.example</a>`, "https://good.example <https://evil.example/x>"},
		{"a target equal to its text is not repeated", `<a href="https://a.example/">https://a.example/</a>`, "https://a.example/"},
		{"a mail address is not repeated", `<a href=mailto:a@b.c>a@b.c</a>`, "a@b.c"},
		{"control characters in a target go", "<a href='http://a\u202e\x01b'>x</a>", "x <http://ab>"},
		{"scripts and styles go", "a<script>if (1<2) alert('</p>')</script><style>p{}</style>b", "ab"},
		{"a script that never ends shows as text", "a<script>b", "ab"},
		{"comments go", "a<!-- <b> -->b<!doctype x>c", "abc"},
		{"entities are decoded once", "&lt;b&gt; &amp;lt; &nbsp;&eacute;", "<b> &lt;  é"},
		{"images give their text and load nothing", `<img src="http://track.example/x.gif" alt="a chart">`, "[a chart]"},
		{"quotations are marked", "<p>a</p><blockquote>b<blockquote>c</blockquote></blockquote>d", "a\n\n> b\n\n> > c\n\nd"},
		{"preformatted text keeps its lines", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		{"a lone less-than sign is text", "1 < 2 <3", "1 < 2 <3"},
		{"attributes may hold a greater-than sign", `<a title="a>b" href="x">y</a>`, "y <x>"},
		{"a quote that does not end does not eat the text", `<a href="x>y</a> and more`, "y <x> and more"},
		{"table cells are apart", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Render(c.src); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzRender holds that rendering never panics, never grows beyond its bound and
// leaves text valid.
func FuzzRender(f *testing.F) {
	f.Add("<p>a<b>c</b><a href='x'>y</a><!-- z --><script>w</script>&amp;")
	f.Add("<blockquote><pre>\n\n<li><img alt=x>")
	f.Fuzz(func(t *testing.T, src string) {
		if !utf8.ValidString(src) {
			return
		}
		out := Render(src)
		if !utf8.ValidString(out) || len(out) > 20*len(src)+20 {
			t.Fatalf("%d bytes of %d: %q", len(out), len(src), out)
		}
	})
}

func ExampleRender() {
	fmt.Println(Render(`<p>See <a href="https://example.org/x">the report</a>.<script>track()</script>`))
	// Output: See the report <https://example.org/x>.
}

func BenchmarkRender(b *testing.B) {
	src := strings.Repeat("<p>A line with <b>bold</b> and <a href=x>a link</a>.</p>\n", 400)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Render(src)
	}
}
