package catalogtest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// proper are names that are the same in every language, and file names.
var proper = regexp.MustCompile(`\b(Atom|CSAF|CVE|CVSS|CWE|OpenPGP|OSV|PGP|SPF|DKIM|TLP|TOTP|VEX|[/\w-]+(\.[\w-]+)*\.(txt|json|asc|csv))\b`)

var letters = regexp.MustCompile(`[\p{L}]{2,}`)

// Prose returns what the templates below root must not hold: words that do not
// come from the catalogue (in text and in the attributes that people read), and what
// the Content-Security-Policy refuses (inline script and style, handlers). Words in
// code, kbd and samp are names, not prose.
func Prose(root string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != root && (strings.HasPrefix(n, ".") || n == "testdata" || n == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".html") || !strings.Contains(filepath.ToSlash(path), "/templates/") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		short, _ := filepath.Rel(root, path)
		found, err := proseIn(string(raw))
		for _, f := range found {
			out = append(out, short+": "+f)
		}
		return err
	})
	return out, err
}

// proseIn looks through one template with its actions taken out.
func proseIn(text string) ([]string, error) {
	// A mark in the place of each action keeps attributes such as href="{{.}}" whole.
	z := html.NewTokenizer(strings.NewReader(action.ReplaceAllString(text, "\x01")))
	var out []string
	names := 0 // depth of elements whose text is a name
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) {
				return out, nil
			}
			return out, z.Err()
		case html.TextToken:
			if w := letters.FindString(proper.ReplaceAllString(strings.ReplaceAll(string(z.Text()), "\x01", " "), "")); w != "" && names == 0 {
				out = append(out, fmt.Sprintf("the word %q is not from the catalogue", w))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			if t.Data == "code" || t.Data == "kbd" || t.Data == "samp" {
				names += map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
			}
			out = append(out, refused(t)...)
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// refused returns what is wrong with one tag.
func refused(t html.Token) []string {
	var out []string
	if t.Data == "style" {
		out = append(out, "a style element is refused by the policy")
	}
	src := false
	for _, a := range t.Attr {
		src = src || a.Key == "src"
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			out = append(out, fmt.Sprintf("the attribute %s of <%s> is refused by the policy", a.Key, t.Data))
		case a.Key == "title" || a.Key == "alt" || a.Key == "placeholder" || a.Key == "aria-label":
			if w := letters.FindString(a.Val); w != "" {
				out = append(out, fmt.Sprintf("%s=%q is not from the catalogue", a.Key, a.Val))
			}
		}
	}
	if t.Data == "script" && t.Type == html.StartTagToken && !src {
		out = append(out, "an inline script is refused by the policy")
	}
	return out
}
