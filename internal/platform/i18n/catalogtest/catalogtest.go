// Package catalogtest finds the catalogue keys that the module's source uses, so
// that tests can compare them with the catalogue: unknown keys show as keys on a
// page, unused ones rot. It reads Go (by its syntax tree) and HTML templates; the
// catalogue itself is package i18n.
//
// A key is asserted where only a key can stand: the first argument of T and Flash,
// the key of fault.New and of the checks of a form, the field Key (and Hint) of a
// struct literal, the Kind of a unit.Entry, and the key argument of a template's
// functions. Asserted keys must exist. Every other string that looks like a key
// counts as a mention, and a string that ends with a dot ("desk.state.") as a
// mention of every key below it.
package catalogtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Use is what a source tree uses.
type Use struct {
	Asserted map[string]string // key to the first place that needs it
	mentions map[string]bool
	prefixes map[string]bool
}

// Scan reads the Go and HTML files below root, without tests, testdata and hidden
// folders. It fails on a Go file that does not parse.
func Scan(root string) (*Use, error) {
	u := &Use{Asserted: map[string]string{}, mentions: map[string]bool{}, prefixes: map[string]bool{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		short, _ := filepath.Rel(root, path)
		switch {
		case strings.HasSuffix(name, "_test.go"):
		case strings.HasSuffix(name, ".go"):
			return u.scanGo(path, short)
		case strings.HasSuffix(name, ".html"):
			return u.scanHTML(path, short)
		}
		return nil
	})
	return u, err
}

// Uses reports whether the source uses the catalogue's key, directly, as a plural
// form, as the hint of a used label, as a part of a used letter, or by a prefix.
func (u *Use) Uses(key string) bool {
	base := key
	for _, suffix := range []string{".zero", ".one", ".two", ".few", ".many", ".other", ".hint", ".subject", ".body"} {
		if cut, ok := strings.CutSuffix(base, suffix); ok {
			base = cut
			break
		}
	}
	for _, k := range []string{key, base} {
		if u.mentions[k] || u.Asserted[k] != "" {
			return true
		}
	}
	for i := range key {
		if key[i] == '.' && u.prefixes[key[:i+1]] {
			return true
		}
	}
	return false
}

var (
	keyForm    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+$`)
	prefixForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)*\.$`)
)

func (u *Use) mention(s string) {
	if keyForm.MatchString(s) {
		u.mentions[s] = true
	}
	if prefixForm.MatchString(s) {
		u.prefixes[s] = true
	}
}

func (u *Use) assert(s, place string) {
	if keyForm.MatchString(s) && u.Asserted[s] == "" {
		u.Asserted[s] = place
	}
	u.mention(s)
}

func (u *Use) scanGo(path, short string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return n.Tag == nil // a struct tag is no text
		case *ast.BasicLit:
			if s, ok := literal(n); ok {
				u.mention(s)
			}
		case *ast.CallExpr:
			place := fmt.Sprintf("%s:%d", short, set.Position(n.Pos()).Line)
			for _, i := range keyArguments(n) {
				if i < len(n.Args) {
					if s, ok := literal(n.Args[i]); ok {
						u.assert(s, place)
					}
				}
			}
		case *ast.CompositeLit:
			u.structLiteral(n, fmt.Sprintf("%s:%d", short, set.Position(n.Pos()).Line))
		}
		return true
	})
	return nil
}

// keyArguments returns which arguments of a call are keys.
func keyArguments(call *ast.CallExpr) []int {
	name, on := "", ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok {
			on = x.Name
		}
	case *ast.Ident:
		name = f.Name
	}
	switch {
	case name == "T" || name == "Flash":
		return []int{0}
	case on == "fault" && name == "New":
		return []int{1}
	case name == "Add" && len(call.Args) >= 2 && strings.Contains(strings.ToLower(on), "check"):
		return []int{1}
	case name == "Require" && len(call.Args) >= 3:
		return []int{2}
	}
	return nil
}

func (u *Use) structLiteral(lit *ast.CompositeLit, place string) {
	kind := ""
	switch t := lit.Type.(type) {
	case *ast.Ident:
		kind = t.Name
	case *ast.SelectorExpr:
		kind = t.Sel.Name
	}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		field, ok := kv.Key.(*ast.Ident)
		if !ok {
			continue
		}
		switch {
		// A job's Key only keeps it from being queued twice; a letter's has .subject and .body.
		case field.Name == "Key" && (kind == "NavItem" || kind == "Panel" || kind == "Badge" || kind == "Option" || kind == "Error" || kind == "Field"),
			field.Name == "Hint" && kind == "Option", field.Name == "Kind" && kind == "Entry":
			if s, ok := literal(kv.Value); ok {
				u.assert(s, place)
			}
		case field.Name == "Key" && kind == "Letter":
			if s, ok := literal(kv.Value); ok {
				u.assert(s+".subject", place)
				u.assert(s+".body", place)
			}
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

var (
	action  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	quoted  = regexp.MustCompile("\"((?:[^\"\\\\]|\\\\.)*)\"|`([^`]*)`")
	one     = regexp.MustCompile(`(?:^|[\s({|])(?:t|submit)\s+"([^"]*)"`)
	second  = regexp.MustCompile(`(?:^|[\s({|])(?:state|text|area|pick|radios|checks|check|file|clock)\s+"[^"]*"\s+"([^"]*)"`)
	third   = regexp.MustCompile(`(?:^|[\s({|])act\s+"[^"]*"\s+"[^"]*"\s+"([^"]*)"`)
	hintOpt = regexp.MustCompile(`"hint=([^"]*)"`)
)

func (u *Use) scanHTML(path, short string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, at := range action.FindAllIndex(raw, -1) {
		text := string(raw[at[0]:at[1]])
		if strings.HasPrefix(text, "{{/*") {
			continue
		}
		place := fmt.Sprintf("%s:%d", short, 1+strings.Count(string(raw[:at[0]]), "\n"))
		for _, form := range []*regexp.Regexp{one, second, third, hintOpt} {
			for _, m := range form.FindAllStringSubmatch(text, -1) {
				u.assert(m[1], place)
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			u.mention(m[1] + m[2])
		}
	}
	return nil
}

// Sorted returns the asserted keys in order.
func (u *Use) Sorted() []string {
	var keys []string
	for k := range u.Asserted {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
