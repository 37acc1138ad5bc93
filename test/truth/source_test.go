package truth_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// function is one function of a source file, or its head, which has no name.
type function struct {
	name  string
	lines []string
	born  int // of how many forks it came after
}

// tree is the text of every file on one branch.
type tree map[string][]function

func (t tree) clone() tree {
	out := tree{}
	for p, list := range t {
		out[p] = slices.Clone(list) // lines are replaced, never written to
	}
	return out
}

func render(list []function) string {
	var b strings.Builder
	for _, f := range list {
		for _, l := range f.lines {
			b.WriteString(l + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

var (
	nouns = []string{"frame", "device", "mount", "volume", "buffer", "header", "socket", "domain", "cgroup", "record", "session", "option"}
	verbs = []string{"read", "parse", "check", "open", "update", "release", "copy", "apply", "validate", "emit", "attach", "prepare"}
)

// writer makes source text that looks as people's does: many blocks occur again and again.
type writer struct{ *rand.Rand }

func (w writer) of(list ...string) string { return list[w.IntN(len(list))] }

func lines(s string) []string { return strings.Split(s, "\n") }

// statement is a block of a function's body in Go or C.
func (w writer) statement(c bool) []string {
	n, v := w.of(nouns...), w.of(verbs...)
	if c {
		return lines(w.of(
			"\tif (ret < 0) {\n\t\tgoto cleanup;\n\t}",
			"\tif (!buf) {\n\t\treport_oom();\n\t\tgoto cleanup;\n\t}",
			"\tif ("+n+"_"+v+"(ctx, buf, len) < 0)\n\t\tgoto cleanup;",
			"\tlen = strlen(name);",
			"\tVIR_FREE(buf);",
			"\tbuf = xmalloc(len + 1);",
			"\tmemcpy(buf, name, len);",
			"\tctx->"+n+" = "+v+"_"+n+"(ctx, name);",
			"\tlog_debug(\""+v+" "+n+"\");",
			"\tfor (i = 0; i < ctx->n"+n+"s; i++) {\n\t\t"+v+"(ctx->"+n+"s[i]);\n\t}",
			"\tswitch (ctx->"+n+") {\n\tcase 0:\n\t\tbreak;\n\tdefault:\n\t\tret = -1;\n\t\tgoto cleanup;\n\t}",
			fmt.Sprintf("\tctx->flags |= 0x%x;", 1<<w.IntN(8)),
			fmt.Sprintf("\tlen += %d;", w.IntN(9))))
	}
	return lines(w.of(
		"\tif err != nil {\n\t\treturn err\n\t}",
		"\tif err := s."+v+"(in); err != nil {\n\t\treturn err\n\t}",
		"\tif err := "+n+"."+v+"(in); err != nil {\n\t\treturn fmt.Errorf(\"unable to "+v+" "+n+": %w\", err)\n\t}",
		"\t"+n+", err := s."+v+"(in)\n\tif err != nil {\n\t\treturn err\n\t}",
		"\tlength := int(in[at])",
		"\tbuf := make([]byte, length)",
		"\tcopy(buf, in[at+1:])",
		"\tlogrus.Debugf(\""+v+" "+n+" %v\", in)",
		"\tfor _, "+n+" := range s."+n+"s {\n\t\t"+n+"."+v+"()\n\t}",
		"\ts.mu.Lock()\n\tdefer s.mu.Unlock()",
		"\ts."+n+" = in",
		fmt.Sprintf("\tat += %d", w.IntN(9)),
		"\tdefer s."+n+".Close()"))
}

// function makes one of 10 to 40 lines.
func (w writer) function(c bool, name string, born int) function {
	var out []string
	n, v := w.of(nouns...), w.of(verbs...)
	if c {
		out = lines("/* " + name + ": " + v + " the " + n + " */\nstatic int\n" + name + "(struct context *ctx, const char *name)\n{\n\tint ret = -1;\n\tchar *buf = NULL;\n\tsize_t len = 0;\n")
	} else {
		out = lines("// " + name + " " + v + "s the " + n + ".\nfunc (s *state) " + name + "(in []byte, at int) error {\n\tif s == nil {\n\t\treturn errNoState\n\t}")
	}
	for range 3 + w.IntN(9) {
		out = append(out, w.statement(c)...)
		if w.IntN(6) == 0 {
			out = append(out, "")
		}
	}
	if c {
		out = append(out, lines("\tret = 0;\n cleanup:\n\tVIR_FREE(buf);\n\treturn ret;\n}")...)
	} else {
		out = append(out, lines("\treturn nil\n}")...)
	}
	return function{name: name, lines: out, born: born}
}

// file makes a file of some functions.
func (w writer) file(path string, count, born int) []function {
	c := strings.HasSuffix(path, ".c")
	head := "package runtime\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)"
	if c {
		head = "#include <config.h>\n#include <string.h>\n#include \"context.h\""
	}
	out := []function{{lines: lines(head)}}
	for range count {
		out = append(out, w.function(c, w.name(path), born))
	}
	return out
}

func (w writer) name(path string) string {
	n, v := w.of(nouns...), w.of(verbs...)
	if strings.HasSuffix(path, ".c") {
		return fmt.Sprintf("%s_%s_%d", n, v, w.IntN(1000))
	}
	return fmt.Sprintf("%s%s%s%d", v, strings.ToUpper(n[:1]), n[1:], w.IntN(1000))
}

// edit is the change of one place in one function: behind the line above, gone becomes come.
type edit struct {
	path, fn   string
	above      string
	nth        int // of the places that look like it
	gone, come []string
}

// apply makes the edit; it fails where the place is not. at is the name that the file has.
func (e edit) apply(t tree, at string) bool {
	list := t[at]
	for i, f := range list {
		if f.name != e.fn {
			continue
		}
		n := 0
		for j := 1; j+len(e.gone) <= len(f.lines); j++ {
			if strings.TrimSpace(f.lines[j-1]) != strings.TrimSpace(e.above) || !sameText(f.lines[j:j+len(e.gone)], e.gone) {
				continue
			}
			if n++; n <= e.nth {
				continue
			}
			list = slices.Clone(list)
			list[i].lines = slices.Concat(f.lines[:j], e.come, f.lines[j+len(e.gone):])
			t[at] = list
			return true
		}
	}
	return false
}

func sameText(a, b []string) bool {
	return slices.EqualFunc(a, b, func(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) })
}

// edit makes a change of the function as people fix things.
func (w writer) edit(path string, f function) edit {
	c := strings.HasSuffix(path, ".c")
	at := 5 + w.IntN(max(1, len(f.lines)-8)) // behind the head, before the end
	e := edit{path: path, fn: f.name, above: f.lines[at-1]}
	n, v := w.of(nouns...), w.of(verbs...)
	switch kind := w.IntN(7); {
	case kind == 0: // a check with words of its own
		if c {
			e.come = lines("\tif (len > MAX_" + strings.ToUpper(n) + ") {\n\t\treport_error(\"" + n + " too long to " + v + "\");\n\t\tgoto cleanup;\n\t}")
		} else {
			e.come = lines("\tif len(in) > max" + n + " {\n\t\treturn fmt.Errorf(\"" + n + " is too long to " + v + "\")\n\t}")
		}
	case kind == 1: // boilerplate that stands everywhere
		if c {
			e.come = lines("\tif (ret < 0) {\n\t\tgoto cleanup;\n\t}")
		} else {
			e.come = lines("\tif err != nil {\n\t\treturn err\n\t}")
		}
	case kind == 2: // a few statements like others
		e.come = slices.Concat(w.statement(c), w.statement(c))
	case kind == 3 && strings.TrimSpace(f.lines[at]) != "": // lines go
		e.gone = f.lines[at : at+1+w.IntN(min(3, len(f.lines)-at-2))]
	case kind == 4 && strings.TrimSpace(f.lines[at]) != "": // lines become others
		e.gone, e.come = f.lines[at:at+1], w.statement(c)
	default: // one line is changed a little
		for i := at; i < len(f.lines)-1; i++ {
			if l := f.lines[i]; len(strings.TrimSpace(l)) > 8 && strings.ContainsAny(l, "(=") {
				e.above, e.gone = f.lines[i-1], []string{l}
				e.come = []string{w.of(strings.Replace(l, "(", "(safe_"+v+"(", 1)+" /* "+n+" */", strings.Replace(l, "in", "checked", 1)+" // "+v, l+" "+w.of("/* FIXME */", "// "+n))}
				at = i
				break
			}
		}
		if e.gone == nil {
			e.come = w.statement(c)
		}
	}
	for j := 1; j < at && j+len(e.gone) <= len(f.lines); j++ {
		if strings.TrimSpace(f.lines[j-1]) == strings.TrimSpace(e.above) && sameText(f.lines[j:j+len(e.gone)], e.gone) {
			e.nth++
		}
	}
	return e
}
